//! How a pass is run: a panic in it is its object's alone.

use std::panic::AssertUnwindSafe;

use futures::{
    FutureExt,
    future::{BoxFuture, ready},
};

use super::reconcile::Error;

/// Runs a pass, which the controller makes a task of.
///
/// Most objects are not due most times and are done with at once, before there is a task: at the first list of a fleet the
/// controller begins all of them before it looks at one, and a pass is 16 kB.
pub fn catch_panic<T: Send + 'static>(
    pass: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> BoxFuture<'static, Result<T, Error>> {
    let mut pass = Box::pin(AssertUnwindSafe(pass).catch_unwind());
    match pass.as_mut().now_or_never() {
        Some(ended) => ready(ended.unwrap_or(Err(Error::Panicked))).boxed(),
        None => pass.map(|ended| ended.unwrap_or(Err(Error::Panicked))).boxed(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::yield_now;

    use super::*;

    #[tokio::test]
    async fn a_pass_that_panics_fails_at_once_or_after_a_wait_and_another_goes_on() {
        let at_once = catch_panic::<()>(async { panic!("a defect") });
        let later = catch_panic::<()>(async {
            yield_now().await;
            panic!("a defect")
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
