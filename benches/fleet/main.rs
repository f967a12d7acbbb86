//! What the operator costs at fleet size, on a real API server and the emulator: `make bench`.
//!
//! Prints a table and writes `target/bench.json`. Names of parts run those alone:
//! `tests/tools/control-plane/control-plane run -- cargo bench --bench fleet -- latency steady`.
//! Nothing is judged: the targets stand beside the figures.
#![allow(clippy::cast_precision_loss, reason = "counts and milliseconds are far below 2^52")]

mod burst;
mod crowd;
mod figures;
mod latency;
mod paced;
mod start;
mod steady;

use figures::Figures;

const PARTS: [&str; 6] = ["size", "start", "latency", "burst", "steady", "paced"];

#[tokio::main]
async fn main() {
    // Cargo adds a flag of its own.
    let asked: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let Some(unknown) = asked.iter().find(|part| !PARTS.contains(&part.as_str())) {
        eprintln!("no part is called {unknown}: choose among {}", PARTS.join(", "));
        std::process::exit(2);
    }
    let mut figures = Figures::default();
    for part in PARTS.into_iter().filter(|part| asked.is_empty() || asked.iter().any(|one| one == part)) {
        eprintln!("bench: {part}");
        match part {
            "size" => start::size(&mut figures),
            "start" => start::first_pass(&mut figures).await,
            "latency" => latency::changes(&mut figures).await,
            "burst" => burst::creates(&mut figures).await,
            "steady" => steady::fleets(&mut figures).await,
            _ => paced::creates(&mut figures).await,
        }
        figures.print();
    }
    figures.write();
}
