//! A thread that does one thing, with a runtime of its own.

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A thread whose runtime runs what is spawned on it. It ends, with all that is left of that, when this is
/// dropped.
pub(crate) struct OwnThread {
    runtime: Handle,
    _stop: oneshot::Sender<()>,
}

impl OwnThread {
    pub(crate) fn start(name: &str) -> std::io::Result<Self> {
        let own = Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = own.handle().clone();
        std::thread::Builder::new().name(name.into()).spawn(move || {
            // It is never sent to; it ends with its sender.
            let _ = own.block_on(stopped);
        })?;
        Ok(Self { runtime, _stop: stop })
    }

    /// Where to spawn what this thread is to do.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }
}
