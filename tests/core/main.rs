//! What the core decides, as tables and as properties. No I/O and no clock: time is a value here too.

mod given;
mod kstatus;

mod canonical;
mod decoding;
mod lowering;
mod notices;
mod ownership;
mod pacing;
mod planning;
mod schedule;
mod stalling;
mod status;
mod writes;
