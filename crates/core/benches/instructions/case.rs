//! The cases whose instructions are counted.

use std::hint::black_box;

/// A piece of work whose instructions are counted.
pub struct Case {
    /// The key in `limits.json`. A suffix such as ` at 1000` marks the size; the same case exists at another size.
    pub name: String,
    /// The number of items that the work handles. The growth between sizes is judged by the cost of one item.
    pub units: usize,
    /// Does the work. Each call costs the same.
    pub work: Box<dyn FnMut()>,
}

/// A case that handles one item.
pub fn one<T>(name: &str, mut work: impl FnMut() -> T + 'static) -> Case {
    of(name.into(), 1, move || drop(black_box(work())))
}

/// A case that does the same for each of many items.
pub fn each<I, T>(name: &str, items: &'static [I], mut work: impl FnMut(&'static I) -> T + 'static) -> Case {
    let all = move || items.iter().for_each(|item| drop(black_box(work(item))));
    of(format!("{name} at {}", items.len()), items.len(), all)
}

/// A case that handles this many items.
pub fn of(name: String, units: usize, work: impl FnMut() + 'static) -> Case {
    Case { name, units, work: Box::new(work) }
}

/// Leaks the value, so that a case can borrow it for the lifetime of the program.
pub fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
