//! The table and the JSON file.

use std::{path::PathBuf, time::Duration};

use serde_json::{Value, json};

/// All figures so far.
#[derive(Default)]
pub struct Figures {
    rows: Vec<Figure>,
    printed: usize,
}

struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    target: &'static str,
}

impl Figures {
    /// Notes a figure, beside its target or beside nothing.
    pub fn note(&mut self, name: impl Into<String>, value: f64, unit: &'static str, target: &'static str) {
        self.rows.push(Figure { name: name.into(), value, unit, target });
    }

    /// Notes a time.
    pub fn took(&mut self, name: impl Into<String>, time: Duration, target: &'static str) {
        self.note(name, time.as_secs_f64() * 1000.0, "ms", target);
    }

    /// Notes the median and the 99th percentile of some times, and returns them.
    pub fn spread(&mut self, name: &str, mut times: Vec<Duration>, target: &'static str) -> [Duration; 2] {
        times.sort();
        let [median, p99] = [50, 99].map(|percent| times[(times.len() - 1) * percent / 100]);
        self.took(format!("{name}, p50"), median, "");
        self.took(format!("{name}, p99"), p99, target);
        [median, p99]
    }

    /// Prints what was not printed yet.
    pub fn print(&mut self) {
        for Figure { name, value, unit, target } in &self.rows[self.printed..] {
            println!("{name:<72}{value:>11.2} {unit:<8} {target}");
        }
        self.printed = self.rows.len();
    }

    /// Writes all of them to `target/bench.json`, or where BENCH_JSON says.
    pub fn write(&self) {
        let row = |figure: &Figure| json!({"name": figure.name, "value": figure.value, "unit": figure.unit, "target": figure.target});
        let rows: Vec<Value> = self.rows.iter().map(row).collect();
        let path = std::env::var_os("BENCH_JSON").map_or_else(|| "target/bench.json".into(), PathBuf::from);
        let text = serde_json::to_string_pretty(&rows).expect("figures are JSON");
        std::fs::write(&path, text + "\n").unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        println!("\nwritten to {}", path.display());
    }
}
