//! Turns a panic of one reconciliation into an error of its object.

use std::panic::AssertUnwindSafe;

use futures::{
    FutureExt,
    future::{BoxFuture, ready},
};

use super::reconcile::Error;

/// Polls a reconciliation once, and boxes the rest of it only if it is still pending.
///
/// Most objects are not due and end at the first poll. When the fleet is first listed, the controller starts all
/// reconciliations before it polls any, and the future of each takes 16 kB.
pub fn catch_panic<T: Send + 'static>(
    reconciliation: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> BoxFuture<'static, Result<T, Error>> {
    let mut reconciliation = Box::pin(AssertUnwindSafe(reconciliation).catch_unwind());
    match reconciliation.as_mut().now_or_never() {
        Some(result) => ready(result.unwrap_or(Err(Error::Panicked))).boxed(),
        None => reconciliation.map(|result| result.unwrap_or(Err(Error::Panicked))).boxed(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::yield_now;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_of_its_own_reconciliation_alone() {
        let at_once = catch_panic::<()>(async { panic!("a bug") });
        let later = catch_panic::<()>(async {
            yield_now().await;
            panic!("a bug")
        });
        let other = catch_panic(async {
            yield_now().await;
            Ok(1)
        });
        assert!(matches!(at_once.await, Err(Error::Panicked)));
        assert!(matches!(later.await, Err(Error::Panicked)));
        assert!(matches!(other.await, Ok(1)));
    }
}
