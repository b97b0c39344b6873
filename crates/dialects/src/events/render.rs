//! Rendering people, messages and files as JSON.

use super::files;
use crate::shared::words::avatar;
use domain::clock::Timestamp;
use domain::ids::{MessageId, UserId};
use domain::media::{ChatFile, Media};
use domain::message::Message;
use domain::user::{User, UserName};
use http_core::moment::rfc_3339;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// Moscow's offset from UTC: the original writes all times in Moscow time.
const MOSCOW: Duration = Duration::from_secs(3 * 3600);
/// The type of account that everybody has.
const MEMBER: u8 = 1;

/// What rendering a person depends on beside their account.
pub(super) struct Seen<'a> {
    /// The server's origin as the client sees it, for links.
    pub(super) origin: &'a str,
    /// The e-mail address, if the viewer is its owner; otherwise empty.
    pub(super) email: &'a str,
    /// Whether they are online.
    pub(super) is_online: bool,
}

/// What rendering messages needs besides the messages.
pub(super) struct Scene<'a> {
    /// The server's origin as the client sees it, for links.
    pub(super) origin: &'a str,
    /// Makes links to files.
    pub(super) media: &'a Media,
    /// The authors.
    pub(super) people: HashMap<UserId, &'a User>,
    /// Which of them are online.
    pub(super) online: HashSet<UserId>,
}

/// A time as the original writes it.
pub(super) fn moscow_time(at: Timestamp) -> String {
    format!("{}+03:00", rfc_3339(at.plus(MOSCOW)).trim_end_matches('Z'))
}

/// The first and the last name. Clients show nothing else, so an account without both, as other protocols may
/// have created, is shown by its user name.
fn names(user: &User) -> (&str, &str) {
    match (user.profile.first_name.as_str(), user.profile.last_name.as_str()) {
        ("", "") => (user.name.as_str(), ""),
        names => names,
    }
}

/// Both names in one.
pub(super) fn full_name(user: &User) -> String {
    let (first, last) = names(user);
    format!("{first} {last}").trim().to_owned()
}

/// The URL of somebody's avatar, which always exists.
pub(super) fn picture(origin: &str, user: UserId) -> String {
    format!("{origin}{}", avatar(user))
}

/// A person in a list.
pub(super) fn short(user: &User, seen: &Seen<'_>) -> Value {
    let (first, last) = names(user);
    json!({
        "id": user.id.get(),
        "email": seen.email,
        "user_type": MEMBER,
        "first_name": first,
        "last_name": last,
        "patronymic": null,
        "key_skills": [],
        "avatar": picture(seen.origin, user.id),
        "speciality": null,
        "birthday": null,
        "is_active": user.active,
        "is_online": seen.is_online,
        "member": null,
        // With a stage, clients show other pages; without a date, they ask the user to wait.
        "onboarding_stage": null,
        "verification_date": rfc_3339(user.created_at).split('T').next(),
    })
}

/// A person with all fields. The empty ones belong to the original's other features.
pub(super) fn long(user: &User, seen: &Seen<'_>) -> Value {
    let mut shown = short(user, seen);
    let bio = user.profile.bio.as_str();
    shown["about_me"] = if bio.is_empty() { Value::Null } else { json!(bio) };
    for list in ["links", "achievements", "projects"] {
        shown[list] = json!([]);
    }
    for nothing in ["organization", "city", "investor", "expert", "mentor"] {
        shown[nothing] = Value::Null;
    }
    shown
}

impl Scene<'_> {
    /// A person whose account may be deleted.
    pub(super) fn person(&self, id: UserId) -> Value {
        let is_online = self.online.contains(&id);
        let seen = Seen { origin: self.origin, email: "", is_online };
        match self.people.get(&id) {
            Some(user) => long(user, &seen),
            None => json!({
                "id": id.get(), "email": "", "first_name": UserName::deleted().as_str(),
                "last_name": "", "avatar": picture(self.origin, id), "is_online": false,
            }),
        }
    }

    /// A message with the one that it replies to. Clients read `author` and `files` of every message.
    pub(super) fn message(
        &self,
        message: &Message,
        answered: Option<&Message>,
        is_read: impl Fn(&Message) -> bool,
    ) -> Value {
        let mut shown = self.alone(message, &is_read);
        shown["reply_to"] = answered.map_or(Value::Null, |answered| {
            let mut shown = self.alone(answered, &is_read);
            shown["reply_to"] = json!(answered.reply_to.map(MessageId::get));
            shown
        });
        let files = message.extras.attachments.iter().map(|attachment| {
            let (owner, uploaded_at) = (message.author, message.created_at);
            self.file(&ChatFile { attachment: attachment.clone(), owner, uploaded_at })
        });
        shown["files"] = files.collect();
        shown
    }

    fn alone(&self, message: &Message, is_read: impl Fn(&Message) -> bool) -> Value {
        json!({
            "id": message.id.get(),
            "author": self.person(message.author),
            "text": message.text,
            "is_edited": message.edited_at.is_some(),
            "is_read": is_read(message),
            "is_deleted": message.deleted_at.is_some(),
            "created_at": moscow_time(message.created_at),
        })
    }

    /// A file.
    pub(super) fn file(&self, file: &ChatFile) -> Value {
        let ChatFile { attachment, owner, uploaded_at } = file;
        let whole = attachment.name.as_str();
        let (name, extension) = match whole.rsplit_once('.') {
            Some((name, extension)) if !name.is_empty() => (name, extension),
            _ => (whole, ""),
        };
        json!({
            "name": name,
            "extension": extension,
            "mime_type": attachment.mime,
            "size": attachment.size,
            "link": files::link(self.origin, self.media, attachment.id),
            "user": owner.get(),
            "datetime_uploaded": moscow_time(*uploaded_at),
        })
    }
}
