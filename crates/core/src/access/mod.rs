//! Access rights to user pools, and the object that owns a pool.

pub mod accounts;
mod accounts_file;
pub mod ownership;
