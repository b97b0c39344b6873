//! Frames as requests.

use crate::shared::fields::{Fields, Flaw, What};
use domain::ids::{ChatId, MessageId, UserId};

/// A frame with the form of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parsed {
    /// The event that it names.
    pub(super) event: String,
    /// What is wanted, or what is wrong.
    pub(super) request: Result<Request, &'static str>,
}

/// Chats of two people, or of many. The same events are there for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Family {
    Dialog,
    Group,
}

/// Which messages are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    All,
    Unread,
    Stared,
}

/// What a client wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    Authenticate { token: String },
    Get(Family, Filter),
    CreateDialog(UserId),
    CreateGroup { slug: String, description: String },
    Join(ChatId),
    Delete(Family, ChatId),
    Send(Family, ChatId, String),
    DeleteMessage(Family, MessageId),
    Update(Family, MessageId, String),
    Star(Family, MessageId, bool),
    Read(Family, MessageId),
}

const UNDEFINED: &str = "Undefined event";
const MISSED: &str = "Missed required fields";
const FORMAT: &str = "Invalid format";

impl Parsed {
    /// `None` if it has not the form of a frame.
    pub(super) fn new(text: &str) -> Option<Self> {
        let mut fields = Fields::read(text)?;
        let event = fields.text("event").ok()?.to_owned();
        let data = fields.object("data")?;
        let request = request(&event, &data);
        Some(Self { event, request })
    }

    /// What its name begins with, if it is of groups: both are understood.
    pub(super) fn groups(&self) -> Option<&'static str> {
        let (family, _) = self.event.split_once('.')?;
        ["group", "groups"].into_iter().find(|word| *word == family)
    }
}

fn request(event: &str, data: &Fields) -> Result<Request, &'static str> {
    let request = match event.split_once('.') {
        None if event == "authenticate" => {
            data.text("access_token").map(|token| Request::Authenticate { token: token.to_owned() })
        }
        Some(("dialog", verb)) => of_family(Family::Dialog, verb, data)?,
        Some(("group" | "groups", verb)) => of_family(Family::Group, verb, data)?,
        _ => return Err(UNDEFINED),
    };
    request.map_err(|flaw| match flaw.what {
        What::Missing | What::Null => MISSED,
        _ => FORMAT,
    })
}

fn of_family(
    family: Family,
    verb: &str,
    data: &Fields,
) -> Result<Result<Request, Flaw>, &'static str> {
    let text = || data.text("text").map(str::to_owned);
    Ok(match (verb, family) {
        ("get", _) => filter(data).map(|filter| Request::Get(family, filter)),
        ("create", Family::Dialog) => data.id("id").map(Request::CreateDialog),
        ("create", Family::Group) => group(data),
        ("join", Family::Group) => data.id("id").map(Request::Join),
        ("delete", _) => data.id("id").map(|id| Request::Delete(family, id)),
        ("message.send" | "send", _) => {
            data.id("id").and_then(|id| Ok(Request::Send(family, id, text()?)))
        }
        ("message.delete", _) => data.id("id").map(|id| Request::DeleteMessage(family, id)),
        ("message.update" | "update", _) => {
            data.id("id").and_then(|id| Ok(Request::Update(family, id, text()?)))
        }
        ("message.star", _) => {
            data.id("id").and_then(|id| Ok(Request::Star(family, id, data.truth("stared")?)))
        }
        ("message.read", _) => data.id("id").map(|id| Request::Read(family, id)),
        _ => return Err(UNDEFINED),
    })
}

fn filter(data: &Fields) -> Result<Filter, Flaw> {
    match data.maybe_text("filter")? {
        None | Some("") => Ok(Filter::All),
        Some("unread") => Ok(Filter::Unread),
        Some("stared") => Ok(Filter::Stared),
        Some(_) => Err(Flaw { field: "filter", what: What::Text }),
    }
}

/// A group is called by its slug; its name is asked for and not kept.
fn group(data: &Fields) -> Result<Request, Flaw> {
    data.text("name")?;
    let description = data.maybe_text("description")?.unwrap_or_default().to_owned();
    data.text("slug").map(|slug| Request::CreateGroup { slug: slug.to_owned(), description })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(event: &str, data: &serde_json::Value) -> Result<Request, &'static str> {
        Parsed::new(&json!({"event": event, "data": data}).to_string()).unwrap().request
    }

    #[test]
    fn both_names_of_an_event_mean_the_same() {
        let data = json!({"id": "7", "text": "Hello"});
        let send = Ok(Request::Send(Family::Dialog, ChatId::stored(7), "Hello".into()));
        assert_eq!(read("dialog.send", &data), send);
        assert_eq!(read("dialog.message.send", &data), send);
        let update = Ok(Request::Update(Family::Group, MessageId::stored(7), "Hello".into()));
        assert_eq!(read("group.update", &data), update);
        assert_eq!(read("groups.message.update", &data), update);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (event, data, why) in [
            ("dialog.create", json!({}), MISSED),
            ("dialog.create", json!({"id": null}), MISSED),
            ("dialog.create", json!({"id": "x"}), FORMAT),
            ("dialog.create", json!({"id": 9_223_372_036_854_775_808_u64}), FORMAT),
            ("dialog.send", json!({"id": 1}), MISSED),
            ("dialog.send", json!({"id": 1, "text": 2}), FORMAT),
            ("dialog.message.star", json!({"id": 1, "stared": "yes"}), FORMAT),
            ("dialog.get", json!({"filter": "old"}), FORMAT),
            ("dialog.join", json!({"id": 1}), UNDEFINED),
            ("dialog", json!({}), UNDEFINED),
            ("", json!({}), UNDEFINED),
        ] {
            assert_eq!(read(event, &data), Err(why), "{event} {data}");
        }
        for broken in ["", "{}", "[]", r#"{"event": "dialog.get"}"#, r#"{"event": 1, "data": {}}"#]
        {
            assert_eq!(Parsed::new(broken), None, "{broken}");
        }
    }

    proptest! {
        #[test]
        fn any_event_is_read_or_refused(
            event in "(dialog|group|groups|x)?[.]?(message[.])?(get|create|send|delete|star|read|.{0,5})",
            id in ".{0,20}|[0-9]{1,25}",
            text in ".{0,20}",
        ) {
            let _ = read(&event, &json!({"id": id, "text": text, "stared": true}));
        }

        #[test]
        fn ids_may_be_numbers_or_digits(id in 1_i64..(1 << 53)) {
            let wanted = Ok(Request::Delete(Family::Dialog, ChatId::stored(id)));
            prop_assert_eq!(read("dialog.delete", &json!({"id": id})), wanted.clone());
            prop_assert_eq!(read("dialog.delete", &json!({"id": id.to_string()})), wanted);
        }
    }
}
