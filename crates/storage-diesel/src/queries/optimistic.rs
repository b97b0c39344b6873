//! Storing messages optimistically. A draft is decided on by what its chat and its author were when the last message
//! of both was stored, and one statement stores it if they still are. So most messages wait for the server once.
//! Whatever is not stored that way is stored in the usual one. See ADR 74.

use crate::rows::{OpenChat, Presumed};
use domain::chat::ChatRole;
use domain::message::{Admission, Circumstances, Draft};
use std::collections::{HashMap, HashSet};

/// How many chats are remembered, and how many authors.
const REMEMBERED: usize = 4_096;

/// What a batch found of its chats and authors under the locks, as it left them.
pub(super) struct Facts {
    /// `None` for a chat in which nothing may be presumed.
    pub(super) chats: Vec<(i64, Option<OpenChat>)>,
    /// `None` for an author who is no member, or was ever silenced.
    pub(super) authors: Vec<((i64, i64), Option<ChatRole>)>,
}

/// What a loop remembers of the chats and authors that it stored messages of. It may be out of date, which costs an
/// attempt: the database compares it with what is so.
#[derive(Default)]
pub(super) struct Remembered {
    chats: HashMap<i64, OpenChat>,
    authors: HashMap<(i64, i64), ChatRole>,
}

impl Remembered {
    pub(super) fn note(&mut self, facts: Facts) {
        renew(&mut self.chats, facts.chats);
        renew(&mut self.authors, facts.authors);
    }

    /// What is presumed of these drafts, if all of them are admitted by that and need nothing else: no message that
    /// they reply to, nobody who may be mentioned, and no uploads. Nothing is presumed of no drafts.
    pub(super) fn admit<'a>(&self, drafts: impl Iterator<Item = &'a Draft>) -> Option<Presumed> {
        let mut presumed = Presumed::default();
        let mut named = HashSet::new();
        for draft in drafts {
            let key = (draft.chat.get(), draft.author.get());
            let (chat, role) = (*self.chats.get(&key.0)?, *self.authors.get(&key)?);
            let is_named_once =
                draft.client_id.as_ref().is_none_or(|id| named.insert((key.1, id.as_str())));
            if !is_named_once || !is_plain(draft) || !is_admitted(draft, chat, role) {
                return None;
            }
            presumed.chats.insert(key.0, chat);
            presumed.authors.insert(key, role);
        }
        (!presumed.chats.is_empty()).then_some(presumed)
    }
}

/// Takes what was found in, and lets go of what is no longer so. When there is too much, all that is old goes: it
/// costs each chat one message in the usual way.
fn renew<K: std::hash::Hash + Eq, V>(known: &mut HashMap<K, V>, found: Vec<(K, Option<V>)>) {
    if known.len() + found.len() > REMEMBERED {
        known.clear();
    }
    for (key, value) in found {
        match value {
            Some(value) => known.insert(key, value),
            None => known.remove(&key),
        };
    }
}

fn is_plain(draft: &Draft) -> bool {
    draft.reply_to.is_none()
        && draft.attachments.is_empty()
        && draft.text.mentions().names().next().is_none()
}

/// A client id that was used before is found out when the draft is stored.
fn is_admitted(draft: &Draft, chat: OpenChat, role: ChatRole) -> bool {
    let found = Circumstances {
        role: Some(role),
        hushed: chat.hushed,
        posting: chat.permissions.0.posting,
        ..Circumstances::default()
    };
    draft.admit(found) == Ok(Admission::Append)
}
