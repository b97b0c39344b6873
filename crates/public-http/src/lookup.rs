//! Resolving the names of hosts.

use domain::internet::Reach;
use domain::limits::{LOOKUP_NAMES, LOOKUPS};
use hyper_util::client::legacy::connect::dns::Name;
use std::collections::HashSet;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::vec;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tower_service::Service;

/// Resolves a name once, and passes on only addresses that may be called. The connection goes to the checked
/// addresses, even if the name resolves differently a moment later.
///
/// The system's resolver blocks a thread until the name server answers or times out, even if nobody waits for
/// the answer any more. So only a few names are resolved at once, and separately as many that were resolved
/// before: made-up names cannot delay known ones.
#[derive(Clone)]
pub struct Lookup {
    reach: Reach,
    places: Arc<Places>,
}

struct Places {
    /// For names that were resolved before.
    known: Arc<Semaphore>,
    /// For all others.
    new: Arc<Semaphore>,
    found: Mutex<HashSet<String>>,
}

/// The error for a name that has an address that may not be called.
#[derive(Debug, thiserror::Error)]
#[error("an address of this name is not on the public internet")]
pub struct NotPublic;

impl NotPublic {
    /// Whether this is the cause of an error.
    pub fn caused(error: &(dyn Error + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            // `source` skips an error that is wrapped in an `io::Error`, so it is looked at here.
            let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            if error.is::<Self>() || within.is_some_and(|error| Self::caused(error)) {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

impl Lookup {
    /// Passes on addresses that `reach` admits.
    pub fn new(reach: Reach) -> Self {
        let places = || Arc::new(Semaphore::new(LOOKUPS));
        let places = Places { known: places(), new: places(), found: Mutex::default() };
        Self { reach, places: Arc::new(places) }
    }

    /// Resolves a name, once there is a free place.
    async fn find(&self, name: Name) -> Result<Vec<SocketAddr>, Failed> {
        let is_known = self.places.found().contains(name.as_str());
        let places = if is_known { &self.places.known } else { &self.places.new };
        let place = places.clone().acquire_owned().await?;
        let asked = name.clone();
        let found = spawn_blocking(move || {
            // The place stays taken until the system's resolver returns.
            let _place = place;
            (asked.as_str(), 0).to_socket_addrs().map(Iterator::collect::<Vec<_>>)
        });
        let found = found.await??;
        self.places.note(name.as_str());
        Ok(found)
    }
}

impl Places {
    /// Notes that a name was resolved.
    fn note(&self, name: &str) {
        let mut found = self.found();
        if found.len() >= LOOKUP_NAMES {
            found.clear();
        }
        found.insert(name.to_owned());
    }

    fn found(&self) -> MutexGuard<'_, HashSet<String>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Failed = Box<dyn Error + Send + Sync>;

impl Service<Name> for Lookup {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = Failed;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failed>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let lookup = self.clone();
        Box::pin(async move {
            let addresses = lookup.find(name).await?;
            // No public host has private addresses among public ones, so this is an attack.
            if addresses.iter().any(|address| !lookup.reach.admits(address.ip())) {
                return Err(NotPublic.into());
            }
            Ok(addresses.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn looked_up(name: &str, reach: Reach) -> Result<Vec<SocketAddr>, Failed> {
        let found = Lookup::new(reach).call(name.parse().unwrap()).await?;
        Ok(found.collect())
    }

    #[tokio::test]
    async fn names_that_lead_inside_are_not_followed() {
        for name in ["localhost", "127.1", "2130706433", "0x7f.1", "0"] {
            let error = looked_up(name, Reach::Public).await.unwrap_err();
            assert!(NotPublic::caused(&*error), "{name}: {error}");
        }
        assert!(!looked_up("localhost", Reach::LoopbackToo).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn names_that_are_never_found_keep_no_others_waiting() {
        let mut lookup = Lookup::new(Reach::LoopbackToo);
        let call = async |lookup: &mut Lookup| lookup.call("localhost".parse().unwrap()).await;
        assert!(call(&mut lookup).await.is_ok());
        // As many as are looked up at once hang.
        let all = u32::try_from(LOOKUPS).unwrap();
        let new = lookup.places.new.clone();
        let hanging = new.clone().acquire_many_owned(all).await.unwrap();
        assert!(call(&mut lookup).await.is_ok(), "it was found before");
        let mut unknown = Box::pin(lookup.call("127.1".parse().unwrap()));
        assert!(futures_poll(&mut unknown).await.is_none(), "it waits");
        drop(hanging);
        assert!(unknown.await.is_ok());
        assert_eq!(new.available_permits(), LOOKUPS);
    }

    /// What a future says when it is looked at once.
    async fn futures_poll<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        std::future::poll_fn(|context| match Pin::new(&mut *future).poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }
}
