//! Service keys: which routes they open, and as whom they call.

mod call;
mod routes;

pub(crate) use call::{admit, caller, recognise, refuse_acting};
pub(crate) use routes::shown;
pub use routes::{KeyRoute, KeyRoutes};
