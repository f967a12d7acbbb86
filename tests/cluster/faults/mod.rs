//! Faults between the operator and the two APIs: crashes at every call, stale lists and watches, lost leases.

mod crash_points;
pub mod fault_proxy;
mod handover;
mod hanging_events;
mod late_writes;
mod list_watch_filter;
mod observers;
mod proxied_rig;
mod refused_finalizer;
mod request_kind;
mod stale_watch;
mod status_conflicts;
mod watch_failures;
mod workloads;

/// Prints a duration. No test asserts it, because it depends on the machine's load.
pub fn print_measurement(what: &str, duration: std::time::Duration) {
    eprintln!("measured: {what}: {:.2} s", duration.as_secs_f64());
}
