//! Frames as requests.

use crate::shared::fields::{Fields, Flaw, What, id, id_of};
use domain::ids::{ChatId, MessageId, ProjectId, UserId};

/// What a client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    Send { chat: Place, text: String, reply_to: Option<MessageId> },
    Typing(Place),
    Read(Place, MessageId),
    Delete(Place, MessageId),
    Online,
    Offline,
}

/// A chat as clients name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// That of two people, in any order.
    Direct(UserId, UserId),
    Project(ProjectId),
    /// A room or a group, of which the front ends of this dialect have none.
    Chat(Shared, ChatId),
}

/// A chat that is neither direct nor a project's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shared {
    Room,
    Group,
}

/// Reads a frame, or says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Request, String> {
    let mut fields = Fields::read(text).ok_or("A frame is an object of JSON.")?;
    let kind = fields.text("type").map_err(|flaw| told(&flaw))?.to_owned();
    let content = fields.object("content");
    match kind.as_str() {
        "set_online" => return Ok(Request::Online),
        "set_offline" => return Ok(Request::Offline),
        "new_message" | "user_typing" | "message_read" | "delete_message" => {}
        _ => return Err(format!("There is no event of the type {kind:?}.")),
    }
    let content = content.ok_or("content must be an object.")?;
    of_chat(&kind, &content).map_err(|flaw| told(&flaw))
}

fn of_chat(kind: &str, content: &Fields) -> Result<Request, Flaw> {
    let chat = place(content)?;
    Ok(match kind {
        "new_message" => {
            let name = if content.has("message") { "message" } else { "text" };
            let text = if content.has(name) { content.text(name) } else { content.text("message") };
            let text = text?.to_owned();
            Request::Send { chat, text, reply_to: content.maybe_id("reply_to")? }
        }
        "user_typing" => Request::Typing(chat),
        "message_read" => Request::Read(chat, content.id("message_id")?),
        _ => Request::Delete(chat, content.id("message_id")?),
    })
}

fn place(content: &Fields) -> Result<Place, Flaw> {
    let (kind, value) = (content.text("chat_type")?, content.value("chat_id")?);
    let flaw = Flaw { field: "chat_id", what: What::Id };
    match kind {
        "direct" => {
            let both = value.as_str().and_then(|text| text.split_once('_'));
            let both = both.and_then(|(a, b)| Some((id_of(a)?, id_of(b)?)));
            both.map(|(a, b)| Place::Direct(a, b)).ok_or(flaw)
        }
        "project" => id(value).map(Place::Project).ok_or(flaw),
        "room" => id(value).map(|chat| Place::Chat(Shared::Room, chat)).ok_or(flaw),
        "group" => id(value).map(|chat| Place::Chat(Shared::Group, chat)).ok_or(flaw),
        _ => Err(Flaw { field: "chat_type", what: What::Text }),
    }
}

fn told(Flaw { field, what }: &Flaw) -> String {
    match (*field, what) {
        (_, What::Missing | What::Null) => format!("{field} is missing."),
        ("chat_type", _) => {
            "chat_type is \"direct\", \"project\", \"room\" or \"group\".".to_owned()
        }
        ("chat_id", _) => "chat_id is no chat of this chat_type.".to_owned(),
        (_, What::Text) => format!("{field} must be a text."),
        _ => format!("{field} must be a number."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_documented_frame_is_understood() {
        let frame = r#"{"type": "new_message", "content": {"chat_type": "direct",
            "chat_id": "12_23", "message": "hello world", "reply_to": 54}}"#;
        let chat = Place::Direct(UserId::stored(12), UserId::stored(23));
        let (text, reply_to) = ("hello world".to_owned(), Some(MessageId::stored(54)));
        assert_eq!(parse(frame), Ok(Request::Send { chat, text, reply_to }));
    }

    proptest! {
        #[test]
        fn ids_may_be_numbers_or_digits(project in 1_i64..(1 << 53), message in 1_i64..(1 << 53)) {
            let frame = |project: String, message: String| format!(
                r#"{{"type": "message_read", "content":
                    {{"chat_type": "project", "chat_id": {project}, "message_id": {message}}}}}"#
            );
            let read = Request::Read(
                Place::Project(ProjectId::stored(project)), MessageId::stored(message),
            );
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
