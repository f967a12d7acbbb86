//! Tests of the emulator, one file for each subject. They are one program, so that it is linked once.

mod admin;
mod client;
mod constraints;
mod faults;
mod http;
mod program;
mod properties;
mod quota;
mod records;
mod replay;
mod rules;
mod switches;
mod user_pools;
