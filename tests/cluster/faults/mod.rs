//! Faults between the operator and the two APIs: crashes at every call, stale answers, lost leases.

mod call;
mod crash;
mod handover;
pub mod proxy;
mod stage;
mod stale;
mod view;
mod workloads;

/// Notes a figure for people. No test judges it: how busy the machine is decides it, too.
pub fn measured(what: &str, took: std::time::Duration) {
    eprintln!("measured: {what}: {:.2} s", took.as_secs_f64());
}
