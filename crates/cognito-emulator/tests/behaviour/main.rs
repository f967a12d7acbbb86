//! What the emulator does, a file a subject. One program, so that it links once.

mod admin;
mod client;
mod constraints;
mod faults;
mod http;
mod program;
mod properties;
mod quota;
mod rules;
mod switches;
