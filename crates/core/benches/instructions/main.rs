//! Does each piece of work that `limits.json` in tests/tools/instructions has a limit for, and prints its name. The
//! script `run` in that folder counts the instructions.

mod case;
mod fleet;
mod inputs;
mod queue;
mod reconciliation;

use std::hint::black_box;

fn main() {
    let mut all = reconciliation::cases();
    for size in [1_000, 10_000] {
        all.extend(fleet::cases(size));
        all.extend(queue::cases(size));
    }
    for case in &mut all {
        // The first call does one-time work, such as detecting the CPU's features. That is not counted.
        (case.work)();
        counted(&mut case.work);
        println!("{}\t{}", case.units, case.name);
    }
}

/// Valgrind counts the instructions in this function; `run` gives it the function's name.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
    // Without this line the call would be a tail call, and Valgrind would not see this function return.
    black_box(());
}
