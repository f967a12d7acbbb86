//! `report`: the fleet's posture as a page, a table or JSON.

mod csv;
mod page;
mod run;
mod words;

pub use csv::csv;
pub use page::page;
pub use run::Report;
pub(super) use run::run;
