//! `report`: the fleet's posture as a page, a table or JSON.

mod csv;
mod page;
mod words;

pub use csv::csv;
pub use page::page;
