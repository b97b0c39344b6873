//! Chats with their messages, as a viewer sees them.

use super::age::Age;
use super::parse::{Family, Filter};
use super::render::{self, Marks};
use super::window::{self, MESSAGES_OF_CHAT, is_unread};
use crate::shared::chats::Beside;
use crate::shared::services::{ClientContext, Services};
use crate::shared::words::{self, last_shown, people};
use domain::chat::{ChatCursor, ChatQuery, ChatView, Gathering};
use domain::failure::Failure;
use domain::ids::{ChatId, MessageId, UserId};
use domain::limits::{CHAT_PAGE_MAX, WINDOW_BYTES};
use domain::message::{Message, Page};
use domain::session::Caller;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Chats in one answer, at most.
const CHATS: usize = 1_000;

/// The viewer, and the age of their client.
#[derive(Clone, Copy)]
pub(super) struct Viewer<'a> {
    pub(super) services: &'a Services,
    pub(super) caller: &'a Caller,
    pub(super) age: Age,
}

impl<'a> Viewer<'a> {
    /// The viewer at the other end of a socket.
    pub(super) fn of(client: &'a ClientContext, age: Age) -> Self {
        Self { services: &client.services, caller: &client.caller, age }
    }
}

/// The viewer's chats of all kinds, the most recently active first. Their last messages are left out once
/// they come to more than [`WINDOW_BYTES`] together.
pub(super) async fn views(viewer: &Viewer<'_>) -> Result<Vec<ChatView>, Failure> {
    let mut views: Vec<ChatView> = Vec::new();
    let (mut after, mut room) = (None, WINDOW_BYTES);
    loop {
        let query = ChatQuery { archived: None, whispers: true, after, limit: CHAT_PAGE_MAX };
        let page = viewer.services.chats.list(viewer.caller, query).await?;
        let last = page.chats.last();
        after = last.map(|last| ChatCursor { active_at: last.active_at, chat: last.chat.id });
        for mut view in page.chats {
            let last = view.last_message.as_ref().map_or(0, Message::size);
            if last > room {
                view.last_message = None;
            }
            room = room.saturating_sub(last);
            views.push(view);
        }
        if !page.more || views.len() >= CHATS {
            return Ok(views);
        }
    }
}

/// The viewer's chats of one family.
async fn of_family(viewer: &Viewer<'_>, family: Family) -> Result<Vec<ChatView>, Failure> {
    let mut views = views(viewer).await?;
    views.retain(|view| Family::of(view.chat.kind, viewer.age) == Some(family));
    Ok(views)
}

/// The dialogs with their messages, ordered by id. Messages are included up to [`WINDOW_BYTES`], starting
/// with the most recently active dialog; the remaining dialogs are shown without messages.
pub(super) async fn whole(viewer: &Viewer<'_>, filter: Filter) -> Result<Vec<Value>, Failure> {
    let stared = window::stared(viewer, filter).await?;
    let views = of_family(viewer, Family::Dialog).await?;
    let most = window::most(&views, filter, &stared);
    let (mut dialogs, mut room) = (Vec::new(), WINDOW_BYTES);
    for view in views {
        let most = if room == 0 { 0 } else { most };
        let mut messages = window::messages(viewer, &view, filter, (&stared, most)).await?;
        window::cut(&mut messages, &mut room);
        dialogs.push((view, messages));
    }
    let beside = Scene::of(viewer, dialogs.iter().flat_map(|(_, messages)| messages)).await?;
    let shown = dialogs.into_iter().map(|(view, messages)| {
        // The last of the shown messages, so that a filtered list does not show a message that it left out.
        let shown = beside.show(viewer, &view, &messages);
        (view.chat.id, render::chat(viewer.age, &view, &shown, messages.last(), &[]))
    });
    Ok(by_id(shown.collect()))
}

/// The chats of a family, without messages; with the filter for starred messages, with these. With a filter, only
/// chats that have a matching message.
pub(super) async fn list(
    viewer: &Viewer<'_>,
    family: Family,
    filter: Filter,
) -> Result<Vec<Value>, Failure> {
    let stared = window::stared(viewer, filter).await?;
    let mut views = of_family(viewer, family).await?;
    views.retain(|view| match filter {
        Filter::All => true,
        Filter::Unread => view.unread_count > 0,
        Filter::Stared => stared.contains_key(&view.chat.id),
    });
    let members = members(viewer, family, &views).await?;
    let most = window::most(&views, filter, &stared);
    let mut with_messages = Vec::new();
    for view in views {
        let most = if filter == Filter::Stared { most } else { 0 };
        let messages = window::messages(viewer, &view, filter, (&stared, most)).await?;
        with_messages.push((view, messages));
    }
    let said = with_messages.iter().flat_map(|(_, messages)| messages);
    let beside = Scene::of(viewer, said).await?;
    let mut chats = Vec::new();
    for (view, messages) in with_messages {
        let shown = beside.show(viewer, &view, &messages);
        let last = last_shown(viewer.services, viewer.caller, &view).await?;
        let members = members.of(view.chat.id);
        chats.push((view.chat.id, render::chat(viewer.age, &view, &shown, last.as_ref(), members)));
    }
    Ok(by_id(chats))
}

/// One chat with its messages; `None` if the client does not know its kind.
pub(super) async fn one(
    viewer: &Viewer<'_>,
    view: &ChatView,
    filter: Filter,
) -> Result<Option<Value>, Failure> {
    let Some(family) = Family::of(view.chat.kind, viewer.age) else { return Ok(None) };
    let stared = window::stared(viewer, filter).await?;
    let most = (&stared, MESSAGES_OF_CHAT);
    let messages = window::messages(viewer, view, filter, most).await?;
    let last = match viewer.age {
        Age::October => messages.last().cloned(),
        Age::December => last_shown(viewer.services, viewer.caller, view).await?,
    };
    let members = members(viewer, family, std::slice::from_ref(view)).await?;
    let shown = show(viewer, view, &messages).await?;
    let members = members.of(view.chat.id);
    Ok(Some(render::chat(viewer.age, view, &shown, last.as_ref(), members)))
}

/// The members of these chats, if the family shows them.
async fn members(
    viewer: &Viewer<'_>,
    family: Family,
    views: &[ChatView],
) -> Result<Gathering, Failure> {
    if family == Family::Dialog {
        return Ok(Gathering::default());
    }
    let chats: Vec<_> = views.iter().map(|view| view.chat.id).collect();
    Ok(Beside::of(viewer.services, viewer.caller, &chats, []).await?.gathering)
}

/// Renders messages of a chat as the viewer sees them.
pub(super) async fn show(
    viewer: &Viewer<'_>,
    view: &ChatView,
    messages: &[Message],
) -> Result<Vec<Value>, Failure> {
    Ok(Scene::of(viewer, messages).await?.show(viewer, view, messages))
}

/// What messages are shown with, of any number of chats: it is asked for once.
#[derive(Default)]
struct Scene {
    /// The names of the authors.
    names: HashMap<UserId, String>,
    /// The messages with the viewer's star.
    stared: HashSet<MessageId>,
}

impl Scene {
    async fn of(
        viewer: &Viewer<'_>,
        messages: impl IntoIterator<Item = &Message>,
    ) -> Result<Self, Failure> {
        let (authors, ids): (Vec<_>, Vec<_>) =
            messages.into_iter().map(|message| (message.author, message.id)).unzip();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let people = people(viewer.services, authors.iter().copied()).await?;
        let name = |author: UserId| (author, words::name(people.get(&author)));
        let names = authors.into_iter().map(name).collect();
        let stared = match viewer.age {
            Age::October => Vec::new(),
            Age::December => viewer.services.messages.starred_among(viewer.caller, &ids).await?,
        };
        Ok(Self { names, stared: stared.into_iter().collect() })
    }

    /// Renders messages of a chat as the viewer sees them.
    fn show(&self, viewer: &Viewer<'_>, view: &ChatView, messages: &[Message]) -> Vec<Value> {
        let shown = messages.iter().map(|message| {
            let unread = is_unread(viewer, view, message);
            let marks = Marks { unread, stared: self.stared.contains(&message.id) };
            let sender = self.names.get(&message.author).map_or("", String::as_str);
            render::message(viewer.age, message, sender, marks)
        });
        shown.collect()
    }
}

/// What a message shows only to the viewer.
pub(super) async fn marks(viewer: &Viewer<'_>, message: &Message) -> Result<Marks, Failure> {
    if viewer.age == Age::October {
        return Ok(Marks::default());
    }
    let view = viewer.services.chats.get(viewer.caller, message.chat).await?;
    let here = Page::Before(message.seq.next());
    let page = viewer.services.messages.page(viewer.caller, message.chat, here, 1).await?;
    let stared = page.starred.contains(&message.id);
    Ok(Marks { unread: is_unread(viewer, &view, message), stared })
}

fn by_id(mut chats: Vec<(ChatId, Value)>) -> Vec<Value> {
    chats.sort_unstable_by_key(|(chat, _)| *chat);
    chats.into_iter().map(|(_, shown)| shown).collect()
}
