//! Descriptors: every connection takes one, and a shell gives a process 1,024.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Descriptors that are asked for, at most. Some systems would give a thousand times as many, and some
/// programs that this one starts look at each.
const MOST: u64 = 1 << 20;

/// Takes as many as the process may have: how many those are.
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
