//! Service keys: which routes they may call, and as whom.

mod call;
mod routes;

pub(crate) use call::{admit, admitted, caller, recognise, refuse_acting};
pub(crate) use routes::shown;
pub use routes::{KeyRoute, KeyRoutes};
