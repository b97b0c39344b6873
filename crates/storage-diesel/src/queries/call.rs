//! Calls in a form in which all are alike. What takes connections, begins and commits is compiled once, and not for
//! each of some hundred calls, which was a tenth of the program.

use super::Conn;
use crate::error::Failure;
use futures_util::future::BoxFuture;
use std::sync::{Arc, Mutex, PoisonError};

/// What a call does on its connection.
pub(crate) type Work<'c, T> = BoxFuture<'c, Result<T, Failure>>;

/// A call that leaves its result in a [`Slot`].
pub(crate) type Call = Box<dyn for<'c> FnOnce(&'c mut Conn) -> Work<'c, ()> + Send>;

/// Where a call leaves its result. Nobody takes it before the call is over, whose end may include a COMMIT.
pub(crate) struct Slot<T>(Arc<Mutex<Option<T>>>);

/// The same work as a call, and where its result will be.
pub(crate) fn call<T, F>(work: F) -> (Call, Slot<T>)
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut Conn) -> Work<'c, T> + Send + 'static,
{
    let slot = Arc::new(Mutex::new(None));
    let filled = slot.clone();
    (Box::new(move |conn| fill(filled, work(conn))), Slot(slot))
}

fn fill<T: Send + 'static>(slot: Arc<Mutex<Option<T>>>, work: Work<'_, T>) -> Work<'_, ()> {
    Box::pin(async move {
        let result = work.await?;
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        Ok(())
    })
}

impl<T> Slot<T> {
    /// The result of a call that has succeeded.
    pub(crate) fn take(self) -> T {
        let result = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        result.expect("a call that succeeds leaves its result")
    }
}
