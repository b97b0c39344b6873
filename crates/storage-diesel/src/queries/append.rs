//! Storing messages: one transaction for a whole batch of drafts.

use super::columns::Columns;
use super::grouping::{self, begin, distinct};
use super::optimistic::Facts;
use super::transactions::Start;
use super::{Conn, commit_now, committed, drafts, hydrate, lock_free_heads, media, mentions};
use crate::error::Failure;
use crate::indexed::Indexed;
use crate::rows::{self, Author, DraftFacts, Head, MessageRow, OpenChat, Placed};
use crate::schema::{members, messages};
use crate::types::Instant;
use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::chat::{ChatRole, Horizon, Silenced};
use domain::clock::Timestamp;
use domain::ids::{MessageId, Seq, Version};
use domain::media::Attachment;
use domain::message::{Admission, Appended, Circumstances, Draft, Extras, Message, SendRefusal};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// What was decided about a draft; `None` if another transaction holds its chat's head.
type Outcome = grouping::Outcome<Draft>;

/// What the database holds that decides whether drafts are admitted.
struct Found {
    heads: BTreeMap<i64, Head>,
    /// Chats whose heads another transaction holds.
    held: HashSet<i64>,
    members: HashMap<(i64, i64), Writer>,
    replayed: HashMap<(i64, String), Message>,
    answered: HashMap<i64, Message>,
    named: mentions::Named,
    /// Uploads that are not attached to a message yet, with their owners.
    uploads: HashMap<i64, (i64, Attachment)>,
    /// Ids for the new messages, one for each draft.
    ids: std::vec::IntoIter<i64>,
}

impl Found {
    /// What the next drafts may presume.
    fn facts(&self, drafts: &[Arc<Draft>]) -> Facts {
        let open = |head: &Head| {
            let (hushed, permissions) = (head.hushed, head.permissions);
            let is_open = !head.closed && head.slow_mode == 0;
            is_open.then_some(OpenChat { hushed, permissions })
        };
        // Whoever was ever silenced goes the usual way, where the time is looked at.
        let role = |m: &Writer| (m.silenced == Silenced::Never).then_some(m.role);
        let found = drafts.iter().filter(|draft| !self.held.contains(&draft.chat.get()));
        let chats = found.clone().map(|draft| draft.chat.get());
        let authors = found.map(|draft| (draft.chat.get(), draft.author.get()));
        Facts {
            chats: chats.map(|chat| (chat, self.heads.get(&chat).and_then(open))).collect(),
            authors: authors.map(|key| (key, self.members.get(&key).and_then(role))).collect(),
        }
    }
}

/// An author as a member of their chat.
struct Writer {
    role: ChatRole,
    /// What is hidden from them.
    horizon: Horizon,
    /// How long they say nothing.
    silenced: Silenced,
    /// When they last sent something in slow mode.
    sent: Option<Timestamp>,
}

/// Decides on each draft in order, and stores the admitted ones. Never waits for a locked head: drafts
/// for such chats get no verdict. The facts are what was found of the chats and authors.
pub(super) async fn append(
    conn: &mut Conn,
    drafts: Arc<[Arc<Draft>]>,
    start: Start,
) -> Result<(Vec<Outcome>, Facts), Failure> {
    let mut found = find(conn, &drafts, start).await?;
    let facts = found.facts(&drafts);
    let mut plan = Plan::default();
    for (nth, draft) in drafts.iter().enumerate() {
        if found.held.contains(&draft.chat.get()) {
            plan.answers.push(Answer::Held);
        } else {
            plan.admit(nth, draft, &mut found);
        }
    }
    if !plan.messages.is_empty() {
        store(conn, &mut plan, found.heads, &drafts).await?;
    }
    Ok((plan.outcomes(), facts))
}

/// Stores the planned messages, and sends the COMMIT along with the last statements.
async fn store(
    conn: &mut Conn,
    plan: &mut Plan,
    heads: BTreeMap<i64, Head>,
    drafts: &[Arc<Draft>],
) -> Result<(), Failure> {
    let is_plain = plan.is_plain();
    let words = plan.messages.iter().zip(&plan.admitted);
    let words = words.map(|(message, nth)| Indexed::new(message, drafts[*nth].text.words()));
    let words = words.collect();
    let moved = |head: &Head| plan.chats.contains(&head.chat_id);
    let heads = heads.into_values().filter(moved).collect();
    let (stored, ended) = together!(conn =>
        drafts::store_batch(conn, std::mem::take(&mut plan.messages), words, heads),
        async { if is_plain { commit_now(conn).await } else { Ok(()) } },
    );
    // If the first failed, the COMMIT rolled everything back.
    plan.messages = stored?;
    ended?;
    if !is_plain {
        mentions::store(conn, &plan.messages).await?;
        for message in plan.messages.iter().filter(|m| !m.extras.attachments.is_empty()) {
            media::attach(conn, message).await?;
        }
        note_slowed(conn, &plan.slowed).await?;
        commit_now(shared!(conn)).await?;
    }
    Ok(committed(conn)?)
}

async fn find(conn: &mut Conn, drafts: &[Arc<Draft>], start: Start) -> Result<Found, Failure> {
    // The lock comes first, so that what is read after it cannot change before the commit.
    let chats = distinct(drafts.iter().map(|draft| draft.chat.get()));
    let authors = distinct(drafts.iter().map(|draft| (draft.chat.get(), draft.author.get())));
    let named = |draft: &Arc<Draft>| {
        Some((draft.author.get(), draft.client_id.as_ref()?.as_str().to_owned()))
    };
    let named = distinct(drafts.iter().filter_map(named));
    let (begun, heads, facts) = together!(conn =>
        begin(conn, start),
        lock_free_heads(conn, chats),
        drafts::read_facts(conn, authors, named, drafts.len()),
    );
    begun?;
    let ((heads, held), DraftFacts { authors, sent, ids }) = (heads?, facts?);
    let member = |(key, role, hidden, sent, silenced): Author| {
        let (role, horizon) = (rows::chat_role(&role)?, rows::horizon(hidden));
        let (silenced, sent) = (rows::silenced(silenced), sent.map(|sent| sent.0));
        Ok((key, Writer { role, horizon, silenced, sent }))
    };
    let members = authors.into_iter().map(member).collect::<Result<_, Failure>>()?;
    let mut replayed = HashMap::new();
    let sent = rows_of(conn, sent).await?;
    for message in hydrate::all(conn, sent).await? {
        let client_id = message.client_id.as_ref().map(|id| id.as_str().to_owned());
        replayed.insert((message.author.get(), client_id.unwrap_or_default()), message);
    }
    let answered = distinct(drafts.iter().filter_map(|draft| draft.reply_to).map(MessageId::get));
    let answers = rows::all::<_, Message>(rows_of(conn, answered).await?)?;
    let answers = answers.into_iter().map(|m| (m.id.get(), m)).collect();
    let texts = drafts.iter().map(|draft| (draft.chat, draft.text.mentions()));
    let named = mentions::Named::find(conn, texts).await?;
    let uploads = distinct(drafts.iter().flat_map(|draft| &draft.attachments).map(|id| id.get()));
    Ok(Found {
        named,
        heads: heads.into_iter().map(|head| (head.chat_id, head)).collect(),
        held: held.into_iter().collect(),
        members,
        replayed,
        answered: answers,
        uploads: media::unused(conn, uploads).await?,
        ids: ids.into_iter(),
    })
}

async fn rows_of(conn: &mut Conn, messages: Vec<i64>) -> Result<Vec<MessageRow>, Failure> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let rows = messages::table.filter(messages::id.eq_any(messages));
    Ok(rows.select(MessageRow::as_select()).load(conn).await?)
}

/// Which messages to store, and each draft's answer.
#[derive(Default)]
struct Plan {
    messages: Vec<Message>,
    /// Which draft each message comes from.
    admitted: Vec<usize>,
    chats: HashSet<i64>,
    /// Members who sent something in slow mode, and when last.
    slowed: BTreeMap<(i64, i64), Instant>,
    /// Where in `messages` the client ids of this same batch are.
    named: HashMap<(i64, String), usize>,
    answers: Vec<Answer>,
}

enum Answer {
    Held,
    Refused(SendRefusal),
    Stored(Box<Message>),
    Planned { index: usize, replayed: bool },
}

impl Plan {
    fn admit(&mut self, nth: usize, draft: &Draft, found: &mut Found) {
        let (chat, author) = (draft.chat.get(), draft.author.get());
        let key = draft.client_id.as_ref().map(|id| (author, id.as_str().to_owned()));
        let planned = key.as_ref().and_then(|key| self.named.get(key).copied());
        let stored = key.as_ref().and_then(|key| found.replayed.get(key));
        let head = found.heads.get_mut(&chat);
        let member = found.members.get_mut(&(chat, author)).filter(|_| head.is_some());
        let circumstances = Circumstances {
            role: member.as_ref().map(|member| member.role),
            horizon: member.as_ref().map(|member| member.horizon).unwrap_or_default(),
            silenced: member.as_ref().map(|member| member.silenced).unwrap_or_default(),
            closed: head.as_ref().is_some_and(|head| head.closed),
            hushed: head.as_ref().is_some_and(|head| head.hushed),
            posting: head.as_ref().map(|head| head.permissions.0.posting).unwrap_or_default(),
            slow_mode: head.as_ref().map(|head| head.slow_mode()).unwrap_or_default(),
            last_sent: member.as_ref().and_then(|member| member.sent),
            replayed: stored.or_else(|| self.messages.get(planned?)),
            answered: draft.reply_to.and_then(|id| found.answered.get(&id.get())),
            attachable: draft
                .attachments
                .iter()
                .all(|id| found.uploads.get(&id.get()).is_some_and(|(owner, _)| *owner == author)),
        };
        let answer = match (draft.admit(circumstances), head, stored, planned) {
            (Err(refusal), ..) => Answer::Refused(refusal),
            (Ok(Admission::Replay), _, Some(message), _) => {
                Answer::Stored(Box::new(message.clone()))
            }
            (Ok(Admission::Replay), _, None, Some(index)) => {
                Answer::Planned { index, replayed: true }
            }
            (Ok(Admission::Append), Some(head), ..) => {
                let index = self.messages.len();
                let taken =
                    draft.attachments.iter().filter_map(|id| found.uploads.remove(&id.get()));
                let attachments = taken.map(|(_, attachment)| attachment).collect();
                let mut extras = Extras { attachments, ..Extras::default() };
                extras.set_mentions(found.named.resolve(draft.chat, draft.text.mentions()));
                let id = found.ids.next().expect("an id for each draft");
                self.messages.push(next(draft, head, MessageId::stored(id), extras));
                self.admitted.push(nth);
                self.chats.insert(chat);
                if let Some(member) = member.filter(|_| head.slow_mode > 0) {
                    member.sent = Some(draft.sent_at);
                    self.slowed.insert((chat, author), Instant(draft.sent_at));
                }
                self.named.extend(key.map(|key| (key, index)));
                Answer::Planned { index, replayed: false }
            }
            // Unreachable in practice: a draft is admitted only with a member, and replayed only if found.
            (Ok(_), ..) => Answer::Refused(SendRefusal::ChatNotFound),
        };
        self.answers.push(answer);
    }

    /// Whether there are only messages, words and heads to store, whose statements can be sent together.
    fn is_plain(&self) -> bool {
        let is_plain =
            |extras: &Extras| extras.mentions.is_empty() && extras.attachments.is_empty();
        self.slowed.is_empty() && self.messages.iter().all(|message| is_plain(&message.extras))
    }

    fn outcomes(self) -> Vec<Outcome> {
        let Self { messages, answers, .. } = self;
        let outcome = |answer| match answer {
            Answer::Held => None,
            Answer::Refused(refusal) => Some(Err(refusal)),
            Answer::Stored(message) => Some(Ok(Appended { message: *message, replayed: true })),
            Answer::Planned { index, replayed } => {
                Some(Ok(Appended { message: messages[index].clone(), replayed }))
            }
        };
        answers.into_iter().map(outcome).collect()
    }
}

/// Makes the draft the next message of its chat, and advances the chat's head.
fn next(draft: &Draft, head: &mut Head, id: MessageId, extras: Extras) -> Message {
    head.last_seq += 1;
    head.version += 1;
    head.active_at = head.active_at.max(Instant(draft.sent_at));
    draft.message(id, Seq::stored(head.last_seq), Version::stored(head.version), extras)
}

/// A draft that was stored by itself, with nothing that hangs on it.
pub(super) fn placed(draft: &Draft, placed: &Placed) -> Appended {
    let &Placed { id, seq, version, .. } = placed;
    let (id, seq, version) = (MessageId::stored(id), Seq::stored(seq), Version::stored(version));
    Appended { message: draft.message(id, seq, version, Extras::default()), replayed: false }
}

/// Stores when members last sent something in slow mode: row by row, since such chats are few.
async fn note_slowed(
    conn: &mut Conn,
    slowed: &BTreeMap<(i64, i64), Instant>,
) -> Result<(), Failure> {
    for ((chat, user), sent) in slowed {
        let who = members::table.find((*chat, *user));
        diesel::update(who).set(members::last_sent_at.eq(*sent)).execute(conn).await?;
    }
    Ok(())
}
