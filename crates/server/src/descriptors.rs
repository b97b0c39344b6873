//! Raising the limit on file descriptors: every connection needs one, and by default a process has only 1,024.

use rustix::process::{Resource, getrlimit, setrlimit};

/// The highest limit to ask for. Some systems allow a thousand times as many, and some programs that this one
/// starts iterate over all of them.
const MOST: u64 = 1 << 20;

/// Raises the limit as far as allowed, and returns it.
pub(crate) fn take_all() -> usize {
    let mut limits = getrlimit(Resource::Nofile);
    let wanted = limits.maximum.map_or(MOST, |maximum| maximum.min(MOST));
    if limits.current.is_some_and(|current| current < wanted) {
        limits.current = Some(wanted);
        if let Err(error) = setrlimit(Resource::Nofile, limits) {
            tracing::warn!(%error, "the limit of open files stays as it is");
        }
    }
    let now = getrlimit(Resource::Nofile).current.unwrap_or(MOST);
    usize::try_from(now).unwrap_or(usize::MAX)
}
