//! Frames as requests.

use crate::shared::fields::{Fields, Flaw};
use crate::shared::typed;
use domain::ids::MessageId;

/// What a client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    Send(String),
    Typing(bool),
    /// Up to that message, or to the last one.
    Read(Option<MessageId>),
}

/// Reads a frame, or says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Request, String> {
    typed::parse(text, read)
}

fn read(fields: &Fields) -> Result<Request, Flaw> {
    match fields.text("type")? {
        "chat_message" => Ok(Request::Send(fields.text("message")?.to_owned())),
        "typing" => Ok(Request::Typing(fields.truth("is_typing")?)),
        "mark_read" => Ok(Request::Read(fields.maybe_id("message_id")?)),
        _ => Err(typed::NO_SUCH_TYPE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_documented_frames_are_understood() {
        let message = r#"{"type": "chat_message", "message": "Hello"}"#;
        assert_eq!(parse(message), Ok(Request::Send("Hello".into())));
        let typing = r#"{"type": "typing", "is_typing": false}"#;
        assert_eq!(parse(typing), Ok(Request::Typing(false)));
        assert_eq!(parse(r#"{"type": "mark_read"}"#), Ok(Request::Read(None)));
        let read = Ok(Request::Read(Some(MessageId::stored(7))));
        assert_eq!(parse(r#"{"type": "mark_read", "message_id": "7"}"#), read);
        assert_eq!(parse(r#"{"type": "mark_read", "message_id": 7}"#), read);
    }

    proptest! {
        #[test]
        fn any_fields_are_read_or_refused(
            kind in "chat_message|typing|mark_read|.{0,8}", value in ".{0,25}|[0-9]{1,25}",
        ) {
            let frame = serde_json::json!(
                {"type": kind, "message": value, "is_typing": value, "message_id": value});
            let _ = parse(&frame.to_string());
        }
    }
}
