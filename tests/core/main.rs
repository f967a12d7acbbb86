//! What the core decides, as tables, as properties and as sequences of specs. Time is a value here too.

mod cognito;
mod given;
mod kstatus;

mod canonical;
mod decoding;
mod fuzzed;
mod generated;
mod lowering;
mod notices;
mod ownership;
mod pacing;
mod planning;
mod properties;
mod queueing;
mod quota;
mod scenarios;
mod schedule;
mod stalling;
mod status;
mod writes;
