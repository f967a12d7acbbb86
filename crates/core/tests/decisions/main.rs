//! Tests of the core's decisions: as tables, as properties and as sequences of specs. The tests pass the time as a value.

mod accounts;
mod budget;
mod clocks;
mod contested;
mod crd;
mod decoding;
mod deletion;
mod diff;
mod events;
mod failures;
mod generated;
mod grace;
mod hold;
mod outages;
mod ownership;
mod plan_table;
mod properties;
mod queue;
mod quota;
mod requeue;
mod scenarios;
mod schedule;
mod status;
mod status_writes;
mod untrusted_input;
mod weakening;
