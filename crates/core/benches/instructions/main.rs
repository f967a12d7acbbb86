//! Does each piece of work that `limits.json` has a limit for, and prints what it was. `run` counts it.

mod case;
mod fleet;
mod given;
mod line;
mod pass;

use std::hint::black_box;

fn main() {
    let mut all = pass::cases();
    for size in [1_000, 10_000] {
        all.extend(fleet::cases(size));
        all.extend(line::cases(size));
    }
    for case in &mut all {
        // Once before: what a process does once, such as asking for the CPU's features, is not the work's.
        (case.work)();
        counted(&mut case.work);
        println!("{}\t{}", case.units, case.name);
    }
}

/// Valgrind counts from its beginning to its end.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
    // The call above must not become a jump, which has no end.
    black_box(());
}
