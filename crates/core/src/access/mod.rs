//! Who may call AWS for which pool, and which object owns a pool.

pub mod accounts;
mod accounts_file;
pub mod ownership;
