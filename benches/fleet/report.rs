//! The results of the benchmark, as a table and as a JSON file.

use std::{path::PathBuf, time::Duration};

use serde_json::{Value, json};

/// All results so far.
#[derive(Default)]
pub struct Report {
    results: Vec<Measurement>,
    printed: usize,
}

struct Measurement {
    name: String,
    value: f64,
    unit: &'static str,
    target: &'static str,
}

impl Report {
    /// Adds a result. An empty target means that there is none.
    pub fn add(&mut self, name: impl Into<String>, value: f64, unit: &'static str, target: &'static str) {
        self.results.push(Measurement { name: name.into(), value, unit, target });
    }

    /// Adds a duration, in milliseconds.
    pub fn add_duration(&mut self, name: impl Into<String>, duration: Duration, target: &'static str) {
        self.add(name, duration.as_secs_f64() * 1000.0, "ms", target);
    }

    /// Adds and returns the median and the 99th percentile of some durations. The target is for the 99th percentile.
    pub fn add_percentiles(
        &mut self,
        name: &str,
        mut durations: Vec<Duration>,
        target: &'static str,
    ) -> [Duration; 2] {
        durations.sort();
        let [median, p99] = [50, 99].map(|percent| durations[(durations.len() - 1) * percent / 100]);
        self.add_duration(format!("{name}, p50"), median, "");
        self.add_duration(format!("{name}, p99"), p99, target);
        [median, p99]
    }

    /// Prints the results that were not printed yet.
    pub fn print(&mut self) {
        for Measurement { name, value, unit, target } in &self.results[self.printed..] {
            println!("{name:<72}{value:>11.2} {unit:<8} {target}");
        }
        self.printed = self.results.len();
    }

    /// Writes all results to the file in BENCH_JSON, or to `target/bench.json`.
    pub fn write(&self) {
        let to_json = |Measurement { name, value, unit, target }: &Measurement| json!({"name": name, "value": value, "unit": unit, "target": target});
        let results: Vec<Value> = self.results.iter().map(to_json).collect();
        let path = std::env::var_os("BENCH_JSON").map_or_else(|| "target/bench.json".into(), PathBuf::from);
        let text = serde_json::to_string_pretty(&results).expect("results are JSON");
        std::fs::write(&path, text + "\n").unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        println!("\nwritten to {}", path.display());
    }
}
