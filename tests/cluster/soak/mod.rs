//! Tests that take minutes of real time. `make soak` runs them one after the other, and prints measurements.

mod fault_injection;
mod fleet;
mod outage;
mod quota;
mod random_faults;

/// Whether soak tests are requested. Prints that this test is skipped when they are not.
fn is_requested(test: &str) -> bool {
    let requested = std::env::var_os("SOAK").is_some();
    if !requested {
        println!("skipped without SOAK=1 (make soak): {test}");
    }
    requested
}

fn print_result(result: &str) {
    println!("soak: {result}");
}
