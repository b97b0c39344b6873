//! Frames that say in `type` what they are, as flowchat, minichat and rooms have them.

use super::fields::{Fields, Flaw, What};
use super::open::Reply;
use super::words::text;
use crate::shared::services::ClientContext;
use domain::failure::Failure;
use http_core::rate_limit::Class;
use realtime::Frame;
use serde_json::json;

/// A type that the dialect does not know.
pub(crate) const NO_SUCH_TYPE: Flaw = Flaw { field: "type", what: What::Text };

/// Reads a frame, or says what is wrong with it.
pub(crate) fn parse<R>(
    frame: &str,
    read: impl FnOnce(&Fields) -> Result<R, Flaw>,
) -> Result<R, String> {
    let fields = Fields::read(frame).ok_or("A frame is an object of JSON.")?;
    read(&fields).map_err(|flaw| match flaw {
        NO_SUCH_TYPE => "There is no such type.".to_owned(),
        Flaw { field, what: What::Missing | What::Null } => format!("{field} is missing."),
        Flaw { field, what: What::Truth } => format!("{field} must be true or false."),
        Flaw { field, what: What::Id } => format!("{field} must be a number."),
        Flaw { field, what: What::Text | What::Ids } => format!("{field} must be a text."),
    })
}

/// Does what a frame asks for. It is answered only when that did not work, or when nothing is pushed of it.
pub(crate) fn reply<R: 'static>(
    client: ClientContext,
    request: Result<R, String>,
    answer: impl AsyncFnOnce(&ClientContext, R) -> Result<Option<Frame>, Failure> + 'static,
) -> Reply<()> {
    Box::pin(async move {
        let done = match request {
            Err(why) => client.count(Class::Other).map(|()| Some(error(&why))),
            Ok(request) => answer(&client, request).await,
        };
        (done.unwrap_or_else(|failure| Some(refused(&failure))), None)
    })
}

/// What went wrong.
pub(crate) fn error(detail: &str) -> Frame {
    text(&json!({"type": "error", "detail": detail}))
}

fn refused(failure: &Failure) -> Frame {
    http_core::problem::log_cause(failure);
    error(&failure.detail)
}
