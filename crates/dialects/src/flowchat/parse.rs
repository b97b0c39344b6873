//! Frames as requests.

use crate::shared::fields::{Fields, Flaw};
use crate::shared::typed;
use domain::ids::{ChatId, MessageId};

/// What a client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    Send(ChatId, String),
    Edit(MessageId, String),
    Delete(MessageId),
    Read(ChatId),
    Typing(ChatId),
}

/// Reads a frame, or says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Request, String> {
    typed::parse(text, read)
}

fn read(fields: &Fields) -> Result<Request, Flaw> {
    let text = || fields.text("text").map(str::to_owned);
    match fields.text("type")? {
        "send_message" => Ok(Request::Send(fields.id("chat")?, text()?)),
        "edit_message" => Ok(Request::Edit(fields.id("id")?, text()?)),
        "delete_message" => Ok(Request::Delete(fields.id("id")?)),
        "mark_read" => Ok(Request::Read(fields.id("chat")?)),
        "typing" => Ok(Request::Typing(fields.id("chat")?)),
        _ => Err(typed::NO_SUCH_TYPE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_documented_frames_are_understood() {
        let chat = ChatId::stored(7);
        let send = r#"{"type": "send_message", "chat": "7", "text": "Hello"}"#;
        assert_eq!(parse(send), Ok(Request::Send(chat, "Hello".into())));
        assert_eq!(parse(r#"{"type": "mark_read", "chat": 7}"#), Ok(Request::Read(chat)));
        assert_eq!(parse(r#"{"type": "typing", "chat": 7}"#), Ok(Request::Typing(chat)));
        let (id, text) = (MessageId::stored(8), "Hi".to_owned());
        let edit = r#"{"type": "edit_message", "id": 8, "text": "Hi"}"#;
        assert_eq!(parse(edit), Ok(Request::Edit(id, text)));
        assert_eq!(parse(r#"{"type": "delete_message", "id": 8}"#), Ok(Request::Delete(id)));
    }

    proptest! {
        #[test]
        fn any_fields_are_read_or_refused(
            kind in "(send|edit|delete)_message|mark_read|typing|.{0,8}",
            value in ".{0,25}|[0-9]{1,25}",
        ) {
            let frame =
                serde_json::json!({"type": kind, "chat": value, "id": value, "text": value});
            let _ = parse(&frame.to_string());
        }
    }
}
