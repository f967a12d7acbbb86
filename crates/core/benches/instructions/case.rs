//! What is counted.

use std::hint::black_box;

/// A piece of work of the operator.
pub struct Case {
    /// What it is; with ` at 1000` at its end there are others of the same work at other sizes.
    pub name: String,
    /// How many things it deals with: the growth that is judged is that of the cost of one.
    pub units: usize,
    /// Does it. Done again it costs the same.
    pub work: Box<dyn FnMut()>,
}

/// Work that deals with one thing.
pub fn one<T>(name: &str, mut work: impl FnMut() -> T + 'static) -> Case {
    of(name.into(), 1, move || drop(black_box(work())))
}

/// The same for each of many.
pub fn each<I, T>(name: &str, items: &'static [I], mut work: impl FnMut(&'static I) -> T + 'static) -> Case {
    let all = move || items.iter().for_each(|item| drop(black_box(work(item))));
    of(format!("{name} at {}", items.len()), items.len(), all)
}

/// Work that deals with that many.
pub fn of(name: String, units: usize, work: impl FnMut() + 'static) -> Case {
    Case { name, units, work: Box::new(work) }
}

/// For as long as the program runs.
pub fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
