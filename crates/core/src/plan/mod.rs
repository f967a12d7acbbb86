//! From what is declared, what is live and what the status remembers to what is done.

pub mod budget;
pub mod contested;
pub mod deletion;
pub mod hold;
pub mod table;
pub mod weakening;
