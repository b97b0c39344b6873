//! What every API over HTTP needs: authentication, rate limits, parsing bodies, errors, uploads, and logs,
//! metrics and traces of requests.
//!
//! It knows no particular API: each declares its own routes, and the rate limits that they count for.

mod access;
pub mod attempts;
pub mod auth;
pub mod body;
mod client_context;
pub mod credential;
mod file_name;
mod framing;
mod idempotency;
pub mod keys;
pub mod metrics;
pub mod moment;
mod mount;
pub mod parts;
pub mod path;
pub mod problem;
pub mod rate_limit;
mod request_log;
mod safeguards;
pub mod sampled;
pub mod traces;
mod unread;
pub mod upload;

pub use access::Access;
pub use client_context::ClientContext;
pub use framing::fit_response;
pub use idempotency::{IDEMPOTENCY_KEY, carry_out_once};
pub use mount::Mount;
pub use path::refuse_unreadable_path;
pub use request_log::log_request;
pub use safeguards::add_safeguards;
pub use unread::close_on_unread;

use actix_web::rt;
use domain::failure::{Failure, Kind};
use tracing::Instrument;

/// Bytes of a request's body, at most. A message of 8,192 characters fits, even if every character is escaped.
pub const BODY_BYTES: usize = 128 * 1024;

/// The path of the native API, which serves files for every API.
pub const NATIVE_ROOT: &str = "/api/v1";

/// Runs a change to its end even if the client disconnects, because others must be informed once it is stored.
///
/// # Errors
/// The change's errors.
pub async fn to_the_end<T: 'static, E: Into<Failure> + 'static>(
    change: impl Future<Output = Result<T, E>> + 'static,
) -> Result<T, Failure> {
    let done = rt::spawn(change.in_current_span()).await;
    let mistake = |_| Failure::new(Kind::Internal, "internal", "The server made a mistake.");
    done.map_err(mistake)?.map_err(Into::into)
}
