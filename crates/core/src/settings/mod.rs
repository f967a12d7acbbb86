//! MFA settings: sections, fields, differences, and truncation for the status.

pub mod diff;
pub mod fields;
pub mod observed;
pub mod section;
pub mod strengths;
pub mod truncate;
