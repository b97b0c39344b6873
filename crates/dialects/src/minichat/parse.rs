//! Frames as requests.

use crate::texts::Minichat;
use serde_json::Value;

/// What a client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    Send(String),
    Typing(bool),
    /// A key was pressed: what the original's test page sends, which does not say whether somebody types.
    Keystroke,
    MarkRead,
    /// A type that the original ignores.
    Nothing,
}

/// Reads a frame, or says what is wrong with it.
pub(super) fn parse(frame: &str) -> Result<Request, Minichat> {
    let frame: Value = serde_json::from_str(frame).map_err(|_| Minichat::NotJson)?;
    let frame = frame.as_object().ok_or(Minichat::Failed)?;
    // A frame without a type is a message.
    let kind = frame.get("type").map_or(Some("chat_message"), Value::as_str);
    match kind {
        Some("chat_message") => match frame.get("message") {
            None => Err(Minichat::EmptyMessage),
            Some(Value::String(text)) if text.trim().is_empty() => Err(Minichat::EmptyMessage),
            Some(Value::String(text)) => Ok(Request::Send(text.clone())),
            Some(_) => Err(Minichat::Failed),
        },
        Some("typing") => {
            let says = frame.get("is_typing");
            Ok(says.map_or(Request::Keystroke, |says| Request::Typing(is_true(says))))
        }
        Some("mark_read") => Ok(Request::MarkRead),
        _ => Ok(Request::Nothing),
    }
}

/// Whether Python, the original's language, takes a value for true.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_so) => *is_so,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frames_are_understood() {
        let send = |text: &str| Ok(Request::Send(text.to_owned()));
        for (frame, request) in [
            (r#"{"type": "chat_message", "message": "Hello", "user": "X"}"#, send("Hello")),
            (r#"{"message": " without a type "}"#, send(" without a type ")),
            (r#"{"type": "typing", "is_typing": true}"#, Ok(Request::Typing(true))),
            (r#"{"type": "typing", "is_typing": ""}"#, Ok(Request::Typing(false))),
            (r#"{"type": "typing", "user": "X"}"#, Ok(Request::Keystroke)),
            (r#"{"type": "mark_read"}"#, Ok(Request::MarkRead)),
            (r#"{"type": "other"}"#, Ok(Request::Nothing)),
            (r#"{"type": null, "message": "x"}"#, Ok(Request::Nothing)),
            (r#"{"type": "chat_message", "message": "  "}"#, Err(Minichat::EmptyMessage)),
            (r#"{"type": "chat_message"}"#, Err(Minichat::EmptyMessage)),
            ("{}", Err(Minichat::EmptyMessage)),
            (r#"{"message": 5}"#, Err(Minichat::Failed)),
            ("[]", Err(Minichat::Failed)),
            ("5", Err(Minichat::Failed)),
            ("no json", Err(Minichat::NotJson)),
        ] {
            assert_eq!(parse(frame), request, "{frame}");
        }
    }

    proptest! {
        #[test]
        fn any_fields_are_read_or_refused(
            kind in "chat_message|typing|mark_read|.{0,8}", value in ".{0,25}|[0-9]{1,25}",
        ) {
            let frame = serde_json::json!({"type": kind, "message": value, "is_typing": value});
            let _ = parse(&frame.to_string());
        }
    }
}
