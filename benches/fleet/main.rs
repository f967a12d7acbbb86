//! Measures the operator with many objects, on a real API server and the emulator: `make bench`.
//!
//! Prints a table and writes `target/bench.json`. Names of parts run only these:
//! `tests/tools/control-plane/control-plane run -- cargo bench --bench fleet -- latency steady`.
//! No result is asserted: the table shows each target beside its result.
#![allow(clippy::cast_precision_loss, reason = "counts and milliseconds are far below 2^52")]

mod burst;
mod fleet;
mod latency;
mod quota;
mod report;
mod start;
mod steady;
mod waiting;

use report::Report;

const PARTS: [&str; 7] = ["size", "start", "latency", "burst", "steady", "quota", "waiting"];

#[tokio::main]
async fn main() {
    // Cargo adds the flag `--bench`.
    let requested: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let Some(unknown) = requested.iter().find(|part| !PARTS.contains(&part.as_str())) {
        eprintln!("there is no part {unknown}: choose among {}", PARTS.join(", "));
        std::process::exit(2);
    }
    let mut report = Report::default();
    for part in
        PARTS.into_iter().filter(|part| requested.is_empty() || requested.iter().any(|name| name == part))
    {
        eprintln!("bench: {part}");
        match part {
            "size" => start::binary_size(&mut report),
            "start" => start::first_reconciliation(&mut report).await,
            "latency" => Box::pin(latency::spec_changes(&mut report)).await,
            "burst" => burst::creations(&mut report).await,
            "steady" => steady::fleets(&mut report).await,
            "quota" => quota::creations(&mut report).await,
            "waiting" => waiting::waiting(&mut report).await,
            other => unreachable!("{other} is not in PARTS"),
        }
        report.print();
    }
    report.write();
}
