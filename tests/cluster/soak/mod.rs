//! What takes minutes of real time: `make soak` runs it, one after the other, and prints figures.

mod chaos;
mod fleet;
mod outage;
mod quota;

/// Whether the long runs are asked for; says so when they are not.
fn asked_for(what: &str) -> bool {
    let asked = std::env::var_os("SOAK").is_some();
    if !asked {
        println!("skipped without SOAK=1 (make soak): {what}");
    }
    asked
}

/// Prints a figure.
fn tell(figure: &str) {
    println!("soak: {figure}");
}
