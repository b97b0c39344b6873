//! Frames as requests.

use super::age::Age;
use crate::shared::fields::{Fields, Flaw, What, id};
use crate::texts::Dialogs;
use domain::ids::{ChatId, MessageId, UserId};
use serde_json::Value;

/// A frame that has an event and data. Its request may still be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parsed {
    /// The event that it names.
    pub(super) event: String,
    /// What is wanted, or what is wrong.
    pub(super) request: Result<Request, Dialogs>,
}

/// Chats of two people, or of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Family {
    Dialog,
    Group,
}

/// Which messages are shown. "Stared" is the original's spelling of "starred".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    All,
    Unread,
    Stared,
}

/// What a client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// With a token; without one it fails when it is carried out, as in the original.
    Authenticate(Option<String>),
    /// All dialogs with their messages.
    GetAll(Filter),
    /// One chat with its messages.
    Get(Family, ChatId, Filter),
    /// All chats without their messages.
    List(Family, Filter),
    CreateDialog(UserId),
    CreateGroup {
        slug: String,
        description: String,
    },
    Delete(Family, ChatId),
    Send(Family, ChatId, String),
    DeleteMessage(Family, MessageId),
    Update(Family, MessageId, String),
    Star(Family, MessageId, bool),
    Read(Vec<MessageId>),
}

/// How many messages one frame may mark as read. The rest of a longer list is ignored.
const READ_AT_ONCE: usize = 1_000;

impl Parsed {
    /// `None` if the text is not an object with a text `event` and an object `data`.
    pub(super) fn new(age: Age, text: &str) -> Option<Self> {
        let mut fields = Fields::read(text)?;
        let event = fields.text("event").ok().filter(|event| !event.is_empty())?.to_owned();
        let data = fields.object("data")?;
        let request = request(age, &event, &data);
        Some(Self { event, request })
    }

    /// Whether there is such an event. Clients that are not signed in are told if not, too.
    pub(super) fn is_defined(&self) -> bool {
        self.request != Err(Dialogs::UndefinedEvent)
    }
}

fn request(age: Age, event: &str, data: &Fields) -> Result<Request, Dialogs> {
    if event == "authenticate" {
        let token = data.text("access_token").ok().map(str::to_owned);
        return Ok(Request::Authenticate(token));
    }
    let undefined = Err(Dialogs::UndefinedEvent);
    let Some((family, verb)) = event.split_once('.') else { return undefined };
    match (age, family) {
        (_, "dialog") => in_family(age, Family::Dialog, verb, data),
        (Age::December, "group") => in_family(age, Family::Group, verb, data),
        (Age::December, "dialogs") if verb == "list" => {
            Ok(Request::List(Family::Dialog, filter(data)))
        }
        (Age::December, "groups") if verb == "list" => {
            Ok(Request::List(Family::Group, filter(data)))
        }
        _ => undefined,
    }
}

fn in_family(age: Age, family: Family, verb: &str, data: &Fields) -> Result<Request, Dialogs> {
    let chat = || data.id("id").map_err(|flaw| unless_missing(&flaw, family.missing(age)));
    let message = |field| data.id(field).map_err(|flaw| unless_missing(&flaw, Dialogs::NoMessage));
    let text = || data.text("text").map(str::to_owned).map_err(|flaw| missed(&flaw));
    Ok(match (verb, age, family) {
        ("get", Age::October, _) => Request::GetAll(filter(data)),
        // The older of the two descriptions of this protocol has no id here.
        ("get", Age::December, Family::Dialog) if !data.has("id") => Request::GetAll(filter(data)),
        ("get", Age::December, _) => Request::Get(family, chat()?, filter(data)),
        ("create", _, Family::Dialog) => {
            let user = data.id("id");
            Request::CreateDialog(user.map_err(|flaw| unless_missing(&flaw, Dialogs::NoProfile))?)
        }
        ("create", _, Family::Group) => group(data).map_err(|flaw| missed(&flaw))?,
        ("delete", ..) => Request::Delete(family, chat()?),
        ("message.send", ..) => {
            data.require(&["id", "text"]).map_err(|_| Dialogs::MissedFields)?;
            Request::Send(family, chat()?, text()?)
        }
        ("message.update", ..) => {
            data.require(&["id", "text"]).map_err(|_| Dialogs::MissedFields)?;
            Request::Update(family, message("id")?, text()?)
        }
        ("message.delete", ..) => Request::DeleteMessage(family, message("id")?),
        ("message.star", Age::December, _) => {
            // The original's client renamed both fields within December; both are understood.
            let (id, on) =
                if data.has("message_id") { ("message_id", "star") } else { ("id", "stared") };
            Request::Star(family, message(id)?, data.truth(on).map_err(|flaw| missed(&flaw))?)
        }
        ("messages.setasread", Age::December, _) => Request::Read(read(data)?),
        _ => return Err(Dialogs::UndefinedEvent),
    })
}

impl Family {
    /// The error for a chat that does not exist.
    pub(super) fn missing(self, age: Age) -> Dialogs {
        match self {
            Self::Dialog => age.no_dialog(),
            Self::Group => Dialogs::NoGroup,
        }
    }
}

/// The error for a bad field: a missing one is reported as missing. Anything else that is no id is treated as
/// the id of something that does not exist, which is `otherwise`.
fn unless_missing(flaw: &Flaw, otherwise: Dialogs) -> Dialogs {
    match flaw.what {
        What::Missing | What::Null => Dialogs::MissedFields,
        _ => otherwise,
    }
}

fn missed(flaw: &Flaw) -> Dialogs {
    unless_missing(flaw, Dialogs::InvalidFormat)
}

/// The filter; all messages for an unknown one.
fn filter(data: &Fields) -> Filter {
    match data.text("filter") {
        Ok("unread") => Filter::Unread,
        Ok("stared") => Filter::Stared,
        _ => Filter::All,
    }
}

/// A group to create. Its slug becomes the title; the name is required, as in the original, and not stored.
fn group(data: &Fields) -> Result<Request, Flaw> {
    data.text("name")?;
    let description = data.maybe_text("description")?.unwrap_or_default().to_owned();
    data.text("slug").map(|slug| Request::CreateGroup { slug: slug.to_owned(), description })
}

/// The messages of a list. Entries without a valid id are skipped.
fn read(data: &Fields) -> Result<Vec<MessageId>, Dialogs> {
    match data.value("list") {
        Ok(Value::Array(list)) => {
            let ids = list.iter().filter_map(|read| id(read.get("message_id")?));
            Ok(ids.take(READ_AT_ONCE).collect())
        }
        Ok(_) => Err(Dialogs::InvalidFormat),
        Err(flaw) => Err(missed(&flaw)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(age: Age, event: &str, data: &Value) -> Result<Request, Dialogs> {
        Parsed::new(age, &json!({"event": event, "data": data}).to_string()).unwrap().request
    }

    #[test]
    fn each_age_has_its_events() {
        use Family::{Dialog, Group};
        let all = |chat: i64| json!({"id": chat, "filter": "unread"});
        let chat = ChatId::stored(7);
        for (age, event, request) in [
            (Age::October, "dialog.get", Ok(Request::GetAll(Filter::Unread))),
            (Age::December, "dialog.get", Ok(Request::Get(Dialog, chat, Filter::Unread))),
            (Age::December, "group.get", Ok(Request::Get(Group, chat, Filter::Unread))),
            (Age::December, "dialogs.list", Ok(Request::List(Dialog, Filter::Unread))),
            (Age::December, "groups.list", Ok(Request::List(Group, Filter::Unread))),
            (Age::October, "dialogs.list", Err(Dialogs::UndefinedEvent)),
            (Age::October, "group.get", Err(Dialogs::UndefinedEvent)),
            (Age::October, "dialog.message.star", Err(Dialogs::UndefinedEvent)),
            (Age::October, "dialog.send", Err(Dialogs::UndefinedEvent)),
            (Age::December, "dialog.update", Err(Dialogs::UndefinedEvent)),
            (Age::December, "groups.get", Err(Dialogs::UndefinedEvent)),
        ] {
            assert_eq!(read(age, event, &all(7)), request, "{age:?} {event}");
        }
        for star in [json!({"message_id": 7, "star": true}), json!({"id": "7", "stared": true})] {
            let request = Ok(Request::Star(Group, MessageId::stored(7), true));
            assert_eq!(read(Age::December, "group.message.star", &star), request);
        }
        let list = json!({"filter": "stared"});
        assert_eq!(read(Age::December, "dialog.get", &list), Ok(Request::GetAll(Filter::Stared)));
        for filter in [json!("old"), json!(null), json!(1)] {
            let list = json!({"filter": filter});
            assert_eq!(read(Age::October, "dialog.get", &list), Ok(Request::GetAll(Filter::All)));
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (event, data, why) in [
            ("dialog.create", json!({}), Dialogs::MissedFields),
            ("dialog.create", json!({"id": null}), Dialogs::MissedFields),
            ("dialog.create", json!({"id": "x"}), Dialogs::NoProfile),
            ("dialog.create", json!({"id": 9_223_372_036_854_775_808_u64}), Dialogs::NoProfile),
            ("dialog.delete", json!({"id": "x"}), Dialogs::NoDialogLater),
            ("group.delete", json!({"id": []}), Dialogs::NoGroup),
            ("dialog.message.send", json!({"id": 1}), Dialogs::MissedFields),
            ("dialog.message.send", json!({"id": "x"}), Dialogs::MissedFields),
            ("dialog.message.send", json!({"id": 1, "text": null}), Dialogs::MissedFields),
            ("dialog.message.send", json!({"id": 1, "text": 2}), Dialogs::InvalidFormat),
            ("dialog.message.delete", json!({"id": "x"}), Dialogs::NoMessage),
            ("dialog.message.star", json!({"message_id": 1, "star": 1}), Dialogs::InvalidFormat),
            ("dialog.messages.setasread", json!({}), Dialogs::MissedFields),
            ("dialog", json!({}), Dialogs::UndefinedEvent),
        ] {
            assert_eq!(read(Age::December, event, &data), Err(why), "{event} {data}");
        }
        for broken in [
            "",
            "{}",
            "[1]",
            r#"{"event": "dialog.get"}"#,
            r#"{"event": "", "data": {}}"#,
            r#"{"event": 1, "data": {}}"#,
            r#"{"event": "dialog.get", "data": []}"#,
        ] {
            assert_eq!(Parsed::new(Age::October, broken), None, "{broken}");
        }
    }

    #[test]
    fn what_was_read_is_a_list() {
        let list = json!({"list": [{"chat_id": 1, "message_id": "7"}, {}, 3, {"message_id": 8}]});
        let ids = vec![MessageId::stored(7), MessageId::stored(8)];
        let request = read(Age::December, "dialog.messages.setasread", &list);
        assert_eq!(request, Ok(Request::Read(ids)));
    }

    proptest! {
        #[test]
        fn any_event_is_read_or_refused(
            event in "(dialog|group|groups|x)?[.]?(messages?[.])?(get|create|send|delete|star|.{1,5})",
            id in ".{0,20}|[0-9]{1,25}",
            text in ".{0,20}",
        ) {
            for age in [Age::October, Age::December] {
                let _ = read(age, &event, &json!({"id": id, "text": text, "star": true}));
            }
        }

        #[test]
        fn ids_may_be_numbers_or_digits(id in 1_i64..(1 << 53)) {
            let wanted = Ok(Request::Delete(Family::Dialog, ChatId::stored(id)));
            let read = |id: Value| read(Age::October, "dialog.delete", &json!({"id": id}));
            prop_assert_eq!(read(json!(id)), wanted.clone());
            prop_assert_eq!(read(json!(id.to_string())), wanted);
        }
    }
}
