//! How many bytes things take in an answer, so that no answer is longer than it may be.
//!
//! This estimates their size as JSON, and rather too high: numbers, times and field names are counted with a
//! fixed size for each kind of thing.

use crate::chat::{Chat, ChatView, Member, Silence};
use crate::data::Data;
use crate::event::EventBody;
use crate::host::ExternalId;
use crate::ids::MessageId;
use crate::message::{Message, Reaction};
use crate::user::UserSummary;
use std::collections::HashSet;

/// What a message takes besides its texts and lists.
const MESSAGE: usize = 512;
/// The same for an attachment, a chat and a person.
const ATTACHMENT: usize = 320;
const CHAT: usize = 320;
const PERSON: usize = 320;
/// A number in a list.
const ID: usize = 17;
/// A silence, beside its reason.
const SILENCE: usize = 160;
/// An event of another sort.
const EVENT: usize = 256;

/// The bytes of a text as a JSON string, with its escapes.
fn text(text: &str) -> usize {
    let escapes = text.bytes().map(|byte| match byte {
        b'"' | b'\\' | b'\n' | b'\t' | b'\r' => 1,
        0..0x20 | 0x7F => 5,
        _ => 0,
    });
    text.len() + escapes.sum::<usize>()
}

impl Message {
    /// The bytes that it takes in an answer.
    pub fn size(&self) -> usize {
        let extras = &self.extras;
        let reaction =
            |reaction: &Reaction| 40 + reaction.emoji.as_str().len() + ID * reaction.users.len();
        let files = extras.attachments.iter().map(|file| {
            let preview = file.picture.as_ref().map_or(0, |picture| picture.preview.len());
            ATTACHMENT + text(file.name.as_str()) + preview
        });
        MESSAGE
            + text(&self.text)
            + data(self.data.as_ref())
            + extras.reactions.iter().map(reaction).sum::<usize>()
            + ID * extras.mentions.len()
            + files.sum::<usize>()
    }
}

/// The bytes of data, which is JSON already.
fn data(data: Option<&Data>) -> usize {
    data.map_or(0, |data| data.as_str().len())
}

/// The bytes of an external id.
fn external(id: Option<&ExternalId>) -> usize {
    id.map_or(0, |id| text(id.as_str()))
}

/// The bytes of a silence.
fn silence(silence: Option<&Silence>) -> usize {
    silence.map_or(0, |silence| SILENCE + silence.reason.as_ref().map_or(0, |why| text(why)))
}

fn person(user: &UserSummary) -> usize {
    PERSON + text(user.name.as_str()) + external(user.external_id.as_ref())
}

impl Member {
    /// The bytes that it takes in an answer.
    pub fn size(&self) -> usize {
        person(&self.user) + silence(self.silence.as_ref())
    }
}

impl Chat {
    /// The bytes that it takes in an answer.
    pub fn size(&self) -> usize {
        let title = self.title.as_ref().map_or(0, |title| text(title.as_str()));
        let hosts = external(self.external_id.as_ref()) + data(self.data.as_ref());
        CHAT + title + text(self.description.as_str()) + hosts
    }
}

impl ChatView {
    /// The bytes that it takes in an answer.
    pub fn size(&self) -> usize {
        let peer = self.peer.as_ref().map_or(0, person);
        let silence = silence(self.silence.as_ref());
        self.chat.size() + peer + silence + self.last_message.as_ref().map_or(0, Message::size)
    }
}

impl EventBody {
    /// The bytes that it takes in a frame.
    pub fn size(&self) -> usize {
        match self {
            Self::MessageCreated(message)
            | Self::MessageEdited(message)
            | Self::MessageUpdated(message)
            | Self::MessageDeleted(message) => message.size(),
            Self::ChatCreated { chat, members, .. } => chat.size() + ID * members.len(),
            Self::ChatUpdated(chat) => chat.size(),
            Self::Silenced { silence: of, .. } => EVENT + silence(of.as_ref()),
            Self::MemberJoined(member) | Self::MemberUpdated(member) | Self::MemberLeft(member) => {
                member.size()
            }
            _ => EVENT,
        }
    }
}

/// How many of these sizes, from the first on, fit in so many bytes; at least one, if there is one, so that every
/// page makes progress.
pub fn fitting(sizes: impl IntoIterator<Item = usize>, bytes: usize) -> usize {
    let mut sum = 0;
    let fits = |(nth, size): &(usize, usize)| {
        sum += size;
        *nth == 0 || sum <= bytes
    };
    sizes.into_iter().enumerate().take_while(fits).count()
}

/// Counts the sizes of messages with those that they reply to, each only once.
pub(crate) struct WithAnswered<'a> {
    known: Vec<&'a Message>,
    counted: HashSet<MessageId>,
}

impl<'a> WithAnswered<'a> {
    /// `messages` are those among which replied-to messages are found.
    pub(crate) fn among(messages: impl IntoIterator<Item = &'a Message>) -> Self {
        let mut known: Vec<_> = messages.into_iter().collect();
        known.sort_by_key(|message| message.id);
        Self { known, counted: HashSet::new() }
    }

    /// The bytes that one more message adds.
    pub(crate) fn add(&mut self, message: &Message) -> usize {
        let answered = message.reply_to.and_then(|id| {
            let place = self.known.binary_search_by_key(&id, |message| message.id).ok()?;
            Some(self.known[place])
        });
        let counted = &mut self.counted;
        [Some(message), answered]
            .into_iter()
            .flatten()
            .map(|message| if counted.insert(message.id) { message.size() } else { 0 })
            .sum()
    }
}

/// The messages that the kept ones reply to, ordered by seq, out of `others`: the messages that the page left
/// out, and those that it quoted.
pub(crate) fn quoted(kept: &[Message], others: impl Iterator<Item = Message>) -> Vec<Message> {
    let answered: HashSet<_> = kept.iter().filter_map(|message| message.reply_to).collect();
    let mut quoted: Vec<_> = others.filter(|message| answered.contains(&message.id)).collect();
    quoted.sort_by_key(|message| message.seq);
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_count() {
        assert_eq!(text("abc"), 3);
        assert_eq!(text("\"\\\n\t"), 8);
        assert_eq!(text("\u{1}\u{1f}"), 12);
        assert_eq!(text("🦊é"), 6);
    }

    #[test]
    fn one_always_fits() {
        assert_eq!(fitting([], 10), 0);
        assert_eq!(fitting([11, 1], 10), 1);
        assert_eq!(fitting([5, 5, 1], 10), 2);
        assert_eq!(fitting([5, 6, 1], 10), 1);
        assert_eq!(fitting([1; 3], 10), 3);
    }
}
