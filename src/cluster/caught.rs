//! How a pass is run: a panic in it is its object's alone, and it is a task of its own only where it has to wait.

use std::panic::AssertUnwindSafe;

use futures::{
    FutureExt,
    future::{BoxFuture, ready},
};
use tokio_util::task::AbortOnDropHandle;

use super::Error;

/// Runs a pass.
///
/// Most objects are not due most times and are done with at once, and a task for each would be 16 kB. A pass that has to
/// wait becomes one: the controller looks at all of its futures when one of them wakes, and thousands may wait for their
/// turn at AWS.
pub fn caught<T: Send + 'static>(
    pass: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> BoxFuture<'static, Result<T, Error>> {
    let mut pass = Box::pin(AssertUnwindSafe(pass).catch_unwind());
    if let Some(ended) = pass.as_mut().now_or_never() {
        return ready(ended.unwrap_or(Err(Error::Panicked))).boxed();
    }
    let pass = AbortOnDropHandle::new(tokio::spawn(pass));
    async move { pass.await.ok().and_then(Result::ok).unwrap_or(Err(Error::Panicked)) }.boxed()
}

#[cfg(test)]
mod tests {
    use tokio::task::yield_now;

    use super::*;

    #[tokio::test]
    async fn a_pass_that_panics_fails_at_once_or_after_a_wait_and_another_goes_on() {
        let at_once = caught::<()>(async { panic!("a defect") });
        let later = caught::<()>(async {
            yield_now().await;
            panic!("a defect")
        });
        let other = caught(async {
            yield_now().await;
            Ok(1)
        });
        assert!(matches!(at_once.await, Err(Error::Panicked)));
        assert!(matches!(later.await, Err(Error::Panicked)));
        assert!(matches!(other.await, Ok(1)));
    }

    #[tokio::test]
    async fn a_pass_that_nobody_waits_for_any_more_ends() {
        let (held, gone) = tokio::sync::oneshot::channel::<()>();
        let pass = caught(async move {
            let _held = held;
            std::future::pending::<Result<(), Error>>().await
        });
        drop(pass);
        assert!(gone.await.is_err());
    }
}
