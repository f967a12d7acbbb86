//! The operator's binary against a real API server and the emulator.
#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test may panic, and reads better with json!() as it is"
)]

mod accounts;
mod admission;
mod adoption;
mod api_server_connection;
mod call_counts;
mod cognito_responses;
mod command_runner;
mod concurrent_edits;
mod contested;
mod deletion;
mod diff_and_plugin;
mod drift;
mod errors;
mod etcd_restore;
mod eventually;
mod faults;
mod history;
mod invalid_objects;
mod kstatus;
mod leader_election;
mod lease_failures;
mod lost_writes;
mod manifests;
mod observe_only;
mod other_operator;
mod outages;
mod own_control_plane;
mod ownership;
mod passing_failures;
mod process;
mod references;
mod replicas;
mod soak;
mod status_and_report;
mod stored_crd;
mod strengths;
mod stricter_crd;
mod tcp_proxy;
mod tenancy;
mod weakening_limit;
