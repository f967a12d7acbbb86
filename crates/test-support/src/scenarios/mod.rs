//! The published acceptance scenarios of Terraform's AWS provider for a pool's MFA, and further ones, as sequences of
//! specs. Each runs under the emulator's default and under each of its switches alone.

pub mod sequences;
pub mod table;
pub mod walk;
