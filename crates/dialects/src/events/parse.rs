//! Parsing frames as requests.

use super::said::missing;
use crate::shared::fields::{Fields, Flaw, What, id_of};
use domain::ids::{MessageId, ProjectId, UserId};
use serde_json::Value;

/// A client's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    Send {
        place: Place,
        text: String,
        reply_to: Option<MessageId>,
        files: Vec<String>,
    },
    Edit {
        place: Place,
        message: MessageId,
        text: String,
    },
    Typing(Place),
    Read(Place, MessageId),
    Delete(Place, MessageId),
    Online,
    Offline,
    /// An unknown type, which is ignored.
    Unknown,
}

/// A chat, as the client named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The parsed name.
    pub(super) chat: Named,
    /// The name as the client wrote it, for error messages.
    pub(super) said: String,
}

/// The parsed name of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// The direct chat of two people, in any order; `None` if it does not name two people.
    Direct(Option<(UserId, UserId)>),
    /// The chat of a project; `None` if it does not name one.
    Project(Option<ProjectId>),
}

/// Parses a frame, or returns what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Request, String> {
    let mut fields = Fields::read(text).ok_or("A frame is an object of JSON.")?;
    let kind = fields.text("type").map_err(told)?.to_owned();
    match kind.as_str() {
        "set_online" => return Ok(Request::Online),
        "set_offline" => return Ok(Request::Offline),
        "new_message" | "edit_message" | "user_typing" | "message_read" | "delete_message" => {}
        _ => return Ok(Request::Unknown),
    }
    let content = fields.object("content").ok_or_else(|| missing("content"))?;
    of_chat(&kind, &content)
}

fn of_chat(kind: &str, content: &Fields) -> Result<Request, String> {
    let place = place(content)?;
    let message = || content.id("message_id").map_err(told);
    let text = |name| content.text(name).map(str::to_owned).map_err(told);
    Ok(match kind {
        "new_message" => Request::Send {
            place,
            // The original's documentation and its first client call it `message`.
            text: text(if content.has("message") { "message" } else { "text" })?,
            // An invalid id counts as none.
            reply_to: content.maybe_id("reply_to").unwrap_or_default(),
            files: files(content)?,
        },
        "edit_message" => Request::Edit { place, message: message()?, text: text("text")? },
        "user_typing" => Request::Typing(place),
        "message_read" => Request::Read(place, message()?),
        _ => Request::Delete(place, message()?),
    })
}

/// The URLs of files. Older clients, which know no files, do not send the field.
fn files(content: &Fields) -> Result<Vec<String>, String> {
    if !content.has("file_urls") {
        return Ok(Vec::new());
    }
    let list = content.value("file_urls").map_err(told)?.as_array().map(Vec::as_slice);
    let texts =
        list.and_then(|list| list.iter().map(|url| Some(url.as_str()?.to_owned())).collect());
    texts.ok_or_else(|| "file_urls must be a list of texts.".to_owned())
}

fn place(content: &Fields) -> Result<Place, String> {
    let kind = content.text("chat_type").map_err(told)?;
    let said = match content.value("chat_id").map_err(told)? {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let chat = match kind {
        "direct" => {
            let two = said.split_once('_');
            Named::Direct(two.and_then(|(a, b)| Some((id_of(a)?, id_of(b)?))))
        }
        "project" => Named::Project(id_of(&said)),
        _ => return Err("chat_type is \"direct\" or \"project\".".to_owned()),
    };
    Ok(Place { chat, said })
}

fn told(Flaw { field, what }: Flaw) -> String {
    match what {
        What::Missing | What::Null => missing(field),
        What::Text => format!("{field} must be a text."),
        _ => format!("{field} must be a number."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn direct(a: i64, b: i64) -> Place {
        let chat = Named::Direct(Some((UserId::stored(a), UserId::stored(b))));
        Place { chat, said: format!("{a}_{b}") }
    }

    #[test]
    fn the_documented_frame_is_understood() {
        let frame = r#"{"type": "new_message", "content": {"chat_type": "direct",
            "chat_id": "12_23", "message": "hello world", "reply_to": 54}}"#;
        let (text, reply_to) = ("hello world".to_owned(), Some(MessageId::stored(54)));
        let place = direct(12, 23);
        assert_eq!(parse(frame), Ok(Request::Send { place, text, reply_to, files: Vec::new() }));
    }

    #[test]
    fn the_last_clients_frame_is_understood() {
        let frame = r#"{"type": "new_message", "content": {"chat_type": "project",
            "chat_id": "7", "text": "hello", "reply_to": null, "file_urls": ["a", "b"]}}"#;
        let chat = Named::Project(Some(ProjectId::stored(7)));
        let place = Place { chat, said: "7".to_owned() };
        let (text, files) = ("hello".to_owned(), vec!["a".to_owned(), "b".to_owned()]);
        assert_eq!(parse(frame), Ok(Request::Send { place, text, reply_to: None, files }));
    }

    #[test]
    fn what_is_missing_is_named() {
        for (frame, key) in [
            (r#"{}"#, "type"),
            (r#"{"type": "new_message"}"#, "content"),
            (r#"{"type": "user_typing", "content": {"chat_type": "direct"}}"#, "chat_id"),
            (
                r#"{"type": "new_message", "content": {"chat_type": "direct", "chat_id": "1_2"}}"#,
                "text",
            ),
            (
                r#"{"type": "message_read", "content": {"chat_type": "direct", "chat_id": "1_2"}}"#,
                "message_id",
            ),
        ] {
            assert_eq!(parse(frame), Err(missing(key)), "{frame}");
        }
        assert_eq!(parse(r#"{"type": "jump"}"#), Ok(Request::Unknown));
    }

    proptest! {
        #[test]
        fn ids_may_be_numbers_or_digits(project in 1_i64..(1 << 53), message in 1_i64..(1 << 53)) {
            let frame = |project: String, message: String| format!(
                r#"{{"type": "message_read", "content":
                    {{"chat_type": "project", "chat_id": {project}, "message_id": {message}}}}}"#
            );
            let chat = Named::Project(Some(ProjectId::stored(project)));
            let place = Place { chat, said: project.to_string() };
            let read = Request::Read(place, MessageId::stored(message));
            let numbers = frame(project.to_string(), message.to_string());
            prop_assert_eq!(parse(&numbers), Ok(read.clone()));
            let digits = frame(format!("\"{project}\""), format!("\"{message}\""));
            prop_assert_eq!(parse(&digits), Ok(read));
        }

        #[test]
        fn any_chat_id_is_read_or_refused(id in "[0-9_a-z]{0,12}|[0-9]{1,25}_[0-9]{1,25}") {
            let frame = serde_json::json!(
                {"type": "user_typing", "content": {"chat_type": "direct", "chat_id": id}});
            let _ = parse(&frame.to_string());
        }
    }
}
