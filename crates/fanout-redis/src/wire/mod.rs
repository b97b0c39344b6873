//! What nodes tell each other.
//!
//! A frame is a line of plain words and, if it tells of an event, a line of JSON. The first line says
//! whose it is and which version of which chat it is about, and keeps its meaning for ever. So a node
//! knows its own frames without reading them, and one that cannot read what a newer node says knows
//! at least what it misses.

mod event;
mod parts;

use domain::event::Event;
use domain::ids::{ChatId, Version};

/// How a frame begins.
const FORMAT: &str = "1";

/// The first line of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// The node that it comes from.
    pub(crate) node: u64,
    /// Its number among the frames of that node. A frame that goes to several channels has the same number in each, by
    /// which receivers know its copies.
    pub(crate) number: u64,
    /// What it is.
    pub(crate) kind: Kind,
    /// The version of a chat that it is about.
    pub(crate) version: Option<(ChatId, Version)>,
}

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An event, which follows.
    Event,
    /// A chat has reached a version, whose event was not told.
    Reached,
    /// The node lost track of what it did not tell.
    Lost,
    /// The node follows a chat from now on. Of its version it says nothing.
    Follows,
    /// Something that this version does not know.
    Other,
}

impl Kind {
    const WORDS: [(Self, &'static str); 4] = [
        (Self::Event, "event"),
        (Self::Reached, "reached"),
        (Self::Lost, "lost"),
        (Self::Follows, "follows"),
    ];

    pub(crate) fn word(self) -> &'static str {
        let known = Self::WORDS.iter().find(|(kind, _)| *kind == self);
        known.map_or("other", |(_, word)| word)
    }

    fn of(word: &str) -> Self {
        let known = Self::WORDS.iter().find(|(_, known)| *known == word);
        known.map_or(Self::Other, |(kind, _)| *kind)
    }
}

impl Head {
    /// Reads the first line, and leaves the second. `None` if it is of another format.
    pub(crate) fn read(frame: &[u8]) -> Option<(Self, &[u8])> {
        let end = frame.iter().position(|byte| *byte == b'\n')?;
        let mut words = std::str::from_utf8(&frame[..end]).ok()?.split(' ');
        if words.next() != Some(FORMAT) {
            return None;
        }
        let node = u64::from_str_radix(words.next()?, 16).ok()?;
        let number = words.next()?.parse().ok()?;
        let kind = Kind::of(words.next()?);
        let version = match (words.next(), words.next()) {
            (Some(chat), Some(version)) => {
                let version = version.parse::<i64>().ok()?;
                Some((chat.parse().ok()?, version.try_into().ok()?))
            }
            _ => None,
        };
        Some((Self { node, number, kind, version }, &frame[end + 1..]))
    }

    /// A frame with this head and nothing else.
    pub(crate) fn frame(&self) -> Vec<u8> {
        let (node, number, kind) = (self.node, self.number, self.kind.word());
        let line = match self.version {
            Some((chat, version)) => {
                format!("{FORMAT} {node:x} {number} {kind} {chat} {version}\n")
            }
            None => format!("{FORMAT} {node:x} {number} {kind}\n"),
        };
        line.into_bytes()
    }

    /// The frame of an event.
    pub(crate) fn frame_of(&self, event: &Event) -> Vec<u8> {
        let mut frame = self.frame();
        let written = serde_json::to_writer(&mut frame, &event::WireEvent::from(event));
        // A vector takes everything, and every key is a text.
        debug_assert!(written.is_ok());
        frame
    }
}

/// Reads the second line of an event's frame; `None` if this version does not know such events.
pub(crate) fn read_event(json: &[u8]) -> Option<Event> {
    serde_json::from_slice::<event::WireEvent<'_>>(json).ok()?.into_event()
}

#[cfg(test)]
mod tests;
