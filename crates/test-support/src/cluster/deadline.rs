//! The end of a wait whose condition never comes.

use std::time::Duration;

/// The timeout of every wait in these helpers. A passing test never reaches it.
pub const DEADLINE: Duration = Duration::from_mins(2);
