//! Frames as requests.

use crate::shared::fields::{Fields, Flaw, What, id};
use crate::shared::typed;
use domain::ids::{MessageId, UserId};

/// What a client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    Send { text: String, to: Option<Recipient> },
    Typing,
    Delete(MessageId),
}

/// To whom something is said in private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Recipient {
    Id(UserId),
    Name(String),
}

/// Reads a frame, or says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Request, String> {
    typed::parse(text, read)
}

fn read(fields: &Fields) -> Result<Request, Flaw> {
    match fields.maybe_text("type")? {
        None | Some("message") => {
            let to = if fields.has("to") { Some(recipient(fields)?) } else { None };
            Ok(Request::Send { text: fields.text("message")?.to_owned(), to })
        }
        Some("typing") => Ok(Request::Typing),
        Some("delete") => Ok(Request::Delete(fields.id("id")?)),
        Some(_) => Err(typed::NO_SUCH_TYPE),
    }
}

/// A number is an id, and so are digits.
fn recipient(fields: &Fields) -> Result<Recipient, Flaw> {
    let value = fields.value("to")?;
    if let Some(id) = id(value) {
        return Ok(Recipient::Id(id));
    }
    let name = value.as_str().ok_or(Flaw { field: "to", what: What::Id })?;
    Ok(Recipient::Name(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_forms_of_a_message_are_understood() {
        let said = |to| Ok(Request::Send { text: "Hello".into(), to });
        assert_eq!(parse(r#"{"message": "Hello"}"#), said(None));
        assert_eq!(parse(r#"{"type": "message", "message": "Hello", "to": null}"#), said(None));
        let to = Some(Recipient::Id(UserId::stored(7)));
        assert_eq!(parse(r#"{"message": "Hello", "to": 7}"#), said(to.clone()));
        assert_eq!(parse(r#"{"message": "Hello", "to": "7"}"#), said(to));
        let to = Some(Recipient::Name("bob".into()));
        assert_eq!(parse(r#"{"message": "Hello", "to": "bob"}"#), said(to));
    }

    proptest! {
        #[test]
        fn any_fields_are_read_or_refused(kind in ".{0,8}", to in ".{0,25}", id in "[0-9]{0,25}") {
            let frame = serde_json::json!({"type": kind, "message": to, "to": to, "id": id});
            let _ = parse(&frame.to_string());
        }
    }
}
