//! Parsing frames as requests.

use crate::shared::fields::{Fields, id};
use domain::ids::UserId;
use serde_json::Value;

/// A frame of a client.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub(super) request: Request,
    /// The client's id for it; null if there is none.
    pub(super) id: Value,
}

/// A client's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// Sends a message to the room.
    Say(String),
    /// Sends a private message.
    Whisper { to: UserId, text: String },
    /// Sends a private message to an id that nobody can have.
    WhisperToNobody,
    /// An unknown action; `None` if there is no action.
    Unknown(Option<String>),
    /// Nothing: the client sends private messages even before anybody is selected.
    Nothing,
}

/// Parses a frame.
pub(super) fn parse(text: &str) -> Asked {
    let Some(mut fields) = Fields::read(text) else {
        return Asked { request: Request::Unknown(None), id: Value::Null };
    };
    let id = fields.value("request_id").cloned().unwrap_or_default();
    Asked { request: request(&mut fields), id }
}

fn request(fields: &mut Fields) -> Request {
    let action = fields.maybe_text("action").ok().flatten().map(str::to_owned);
    let data = fields.object("data").unwrap_or_default();
    let text = data.text("text").unwrap_or_default().to_owned();
    match action.as_deref() {
        Some("send_message") => Request::Say(text),
        Some("send_private_message") => match data.value("userId") {
            Err(_) => Request::Nothing,
            Ok(nobody) if *nobody == "" || *nobody == 0 || *nobody == "0" => Request::Nothing,
            Ok(to) => id(to).map_or(Request::WhisperToNobody, |to| Request::Whisper { to, text }),
        },
        _ => Request::Unknown(action),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_is_said_is_read() {
        let read = |action: &str, data| {
            let frame = json!({"action": action, "data": data, "request_id": 5});
            let Asked { request, id } = parse(&frame.to_string());
            assert_eq!(id, 5);
            request
        };
        assert_eq!(read("send_message", json!({"text": " Hi "})), Request::Say(" Hi ".into()));
        for nothing in [json!({"text": ""}), json!({}), json!(null), json!({"text": 1})] {
            assert_eq!(read("send_message", nothing), Request::Say(String::new()));
        }
        for to in [json!(7), json!("7")] {
            let whisper = Request::Whisper { to: UserId::stored(7), text: "Hi".into() };
            let data = json!({"text": "Hi", "userId": to});
            assert_eq!(read("send_private_message", data), whisper);
        }
        for nobody in [json!(null), json!(""), json!(0), json!("0")] {
            let data = json!({"text": "Hi", "userId": nobody});
            assert_eq!(read("send_private_message", data), Request::Nothing);
        }
        let data = json!({"text": "Hi", "userId": "bob"});
        assert_eq!(read("send_private_message", data), Request::WhisperToNobody);
        assert_eq!(read("nope", json!({})), Request::Unknown(Some("nope".into())));
        for none in ["", "[]", "{", "{}", r#"{"action": null}"#, r#"{"action": 1}"#] {
            assert_eq!(parse(none).request, Request::Unknown(None), "{none}");
        }
    }

    proptest! {
        #[test]
        fn any_fields_are_read(action in ".{0,8}", to in ".{0,25}", id in "[0-9]{0,25}") {
            let data = json!({"text": to, "userId": to});
            let frame = json!({"action": action, "data": data, "request_id": id});
            let _ = parse(&frame.to_string());
        }
    }
}
