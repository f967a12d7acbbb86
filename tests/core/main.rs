//! What the core decides, as tables, as properties and as sequences of specs. Time is a value here too.

mod cognito;
mod given;
mod kstatus;

mod accounts;
mod breaker;
mod canonical;
mod clocks;
mod contested;
mod decoding;
mod failures;
mod fuzzed;
mod gate;
mod generated;
mod lowering;
mod notices;
mod outages;
mod ownership;
mod pacing;
mod planning;
mod posture;
mod properties;
mod queueing;
mod quota;
mod release;
mod scenarios;
mod schedule;
mod stalling;
mod status;
mod writes;
