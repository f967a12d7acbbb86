//! What every call of a client carries: on whose behalf it is made, and when it must not be sent any more.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::sdk_clients::Session;

/// Says whether a write may be sent. It is asked when the signed request is about to leave the process.
pub type SendPermit = Arc<dyn Fn() -> bool + Send + Sync>;

#[derive(Clone)]
pub(super) struct CallContext {
    pub(super) session: Session,
    /// Once it is cancelled, no call is sent; a call that was sent before is finished.
    pub(super) cancelled: CancellationToken,
    pub(super) permit: SendPermit,
}
