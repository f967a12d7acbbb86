//! `report`: the MFA posture of a fleet as a page, CSV or JSON.

mod command;
mod csv;
mod page;

pub use command::Report;
pub(super) use command::run;
pub use csv::csv;
pub use page::page;
