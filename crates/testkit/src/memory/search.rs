//! Searching messages, by looking at each one.

use super::state::{ChatRow, State};
use domain::data::Data;
use domain::ids::{MessageId, UserId};
use domain::limits::SEARCH_WORK_CHARS;
use domain::message::{Author, FoundPage, Message, MessageQuery};
use domain::words::{Matcher, Work};

impl State {
    pub(super) fn find(
        &self,
        viewer: UserId,
        query: &MessageQuery,
        before: Option<MessageId>,
        limit: usize,
    ) -> FoundPage {
        let rows = self.chats.values();
        let rows = rows.filter(|row| query.chat.is_none_or(|chat| row.chat.id == chat));
        let sees =
            |row: &ChatRow, message: &Message| query.from_outside || row.shows(viewer, message);
        let mut there: Vec<_> = rows
            .flat_map(|row| row.messages.iter().filter(move |message| sees(row, message)))
            .filter(|message| before.is_none_or(|before| message.id < before))
            .filter(|message| self.fits(message, query))
            .collect();
        there.sort_by_key(|message| std::cmp::Reverse(message.id));
        let (matcher, mut work) = (Matcher::new(&query.words), Work::of(SEARCH_WORK_CHARS));
        let of_data = Matcher::new(&query.data);
        let (mut messages, mut next, mut last) = (Vec::new(), None, before);
        for message in there {
            let texts = message.data.as_ref().map(Data::texts).unwrap_or_default();
            let says = matcher.look_at(&message.text, &mut work);
            let data =
                if query.data.is_empty() { Some(true) } else { of_data.look_at(&texts, &mut work) };
            match says.zip(data).map(|(says, data)| says && data) {
                None => next = last,
                Some(true) if messages.len() == limit => next = last_of(&messages),
                has => {
                    messages.extend(has.filter(|has| *has).map(|_| message.clone()));
                    last = Some(message.id);
                    continue;
                }
            }
            break;
        }
        let found = |chat| messages.iter().any(|message| message.chat == chat);
        let chats = self.chats.values().filter(|row| found(row.chat.id));
        let chats = chats.map(|row| row.chat.clone()).collect();
        FoundPage { messages, chats, next, work: work.done() }
    }

    fn fits(&self, message: &Message, query: &MessageQuery) -> bool {
        let by = match &query.author {
            None => true,
            Some(Author::Id(id)) => message.author == *id,
            Some(Author::Named(name)) => {
                self.user(message.author).is_ok_and(|user| user.name.folded() == name)
            }
        };
        let in_time = query.sent_before.is_none_or(|before| message.created_at < before);
        message.deleted_at.is_none() && by && in_time
    }
}

fn last_of(messages: &[Message]) -> Option<MessageId> {
    messages.last().map(|message| message.id)
}
