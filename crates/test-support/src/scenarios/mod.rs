//! Terraform's published acceptance scenarios for a pool's MFA, and the ones that it lacks, as sequences of specs:
//! under the emulator's default and under each of its switches alone.

pub mod sequences;
pub mod table;
pub mod walk;
