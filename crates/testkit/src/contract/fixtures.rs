//! What the promises are tested with.

use super::Stores;
use domain::admin::AccountChange;
use domain::chat::{
    ChangeSettings, Chat, ChatCursor, ChatQuery, ChatRole, DeleteChat, JoinError, JoinRefusal,
    Joining, NewBan, NewGroup, Permissions, PermissionsUpdate, RemoveMember, SetMember, Title,
};
use domain::clock::Timestamp;
use domain::failure::{StoreError, WriteError};
use domain::ids::{ChatId, MessageId, SessionId, UserId, Version};
use domain::message::{
    AppendError, Appended, ChangeError, ClientId, DeleteMessage, Draft, Edit, Message, MessageText,
    SendRefusal,
};
use domain::session::{
    Client, Device, EndReason, Ending, NewSession, Origin, Protocol, Renewal, Seed, Session,
    SessionChanges,
};
use domain::text::TextError;
use domain::user::{AccountRole, NewUser, PasswordHash, User, UserName, UserSummary};
use std::fmt::Debug;
use std::future::{Future, poll_fn};
use std::net::Ipv4Addr;
use std::pin::pin;
use std::task::Poll;

/// That many seconds after a fixed time.
pub(super) const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_700_000_000 + seconds) * 1_000_000)
}

/// An id that nothing here has.
pub(super) const NOBODY: i64 = 9_007_199_254_740_991;

/// The ending of a session whose owner signs it out.
pub(super) const fn signed_out(seconds: i64) -> Ending {
    Ending { at: at(seconds), why: EndReason::SignedOut }
}

/// The origin of every call here.
pub(super) fn origin() -> Origin {
    let device = Device::new("a telephone");
    Origin { address: Ipv4Addr::LOCALHOST.into(), protocol: Protocol::new("dialect"), device }
}

/// An account to be created.
pub(super) fn new_user(name: &str) -> NewUser {
    let password = PasswordHash::stored(format!("hash of {name}"));
    NewUser::named(UserName::new(name).unwrap(), password, at(0))
}

/// An account.
pub(super) async fn person(stores: &Stores, name: &str) -> User {
    stores.users.add(new_user(name)).await.unwrap()
}

/// A plain user, as others see them.
pub(super) fn summary(id: UserId, name: &str) -> UserSummary {
    UserSummary { id, name: name.to_owned(), role: AccountRole::User, external_id: None }
}

/// Creates accounts with these names and returns their ids.
pub(super) async fn people<const N: usize>(stores: &Stores, names: [&str; N]) -> [UserId; N] {
    let mut ids = Vec::new();
    for name in names {
        ids.push(person(stores, name).await.id);
    }
    ids.try_into().unwrap()
}

/// Enables or disables an account, and returns the account.
pub(super) async fn set_active(
    stores: &Stores,
    id: UserId,
    active: bool,
    at: Timestamp,
) -> Result<User, StoreError> {
    let change = AccountChange { active: Some(active), ..AccountChange::default() };
    Ok(stores.admin.update_user(id, change, Vec::new(), at).await?.account.user)
}

/// A valid title.
pub(super) fn title(text: &str) -> Title {
    Title::new(text).unwrap()
}

/// A group of these people; the first owns it.
pub(super) async fn group(stores: &Stores, people: &[UserId]) -> Chat {
    let (owner, members) = people.split_first().unwrap();
    let (title, members) = (title("A group"), members.to_vec());
    let (owner, created_at) = (*owner, at(1));
    let (open, permissions, external_id, data) = (false, Permissions::default(), None, None);
    let group =
        NewGroup { title, owner, members, open, permissions, external_id, data, created_at };
    stores.chats.create_group(group).await.unwrap()
}

/// Somebody joining as a plain member.
pub(super) fn joining(chat: ChatId, user: UserId, capacity: usize, at: Timestamp) -> Joining {
    Joining { chat, user, capacity, at }
}

/// Somebody leaving a chat.
pub(super) fn leaving(chat: ChatId, user: UserId, at: Timestamp) -> RemoveMember {
    RemoveMember { chat, actor: user.into(), user, at }
}

/// Giving somebody that role, by `actor`.
pub(super) fn set_member(chat: ChatId, actor: UserId, user: UserId, role: ChatRole) -> SetMember {
    SetMember { chat, actor: actor.into(), user, role, capacity: 100, at: at(50) }
}

/// A ban without an end.
pub(super) fn banning(chat: ChatId, by: UserId, user: UserId) -> NewBan {
    NewBan {
        chat,
        user,
        by: by.into(),
        reason: Ok(Some("Shouting".to_owned())),
        at: at(10),
        until: None,
    }
}

/// A change of settings that changes nothing.
pub(super) fn change_settings(chat: ChatId, actor: UserId) -> ChangeSettings {
    ChangeSettings {
        chat,
        actor: actor.into(),
        is_key: false,
        title: None,
        description: None,
        slow_mode: None,
        permissions: PermissionsUpdate::default(),
        data: None,
        at: at(110),
    }
}

/// A change of the title.
pub(super) fn titled(chat: ChatId, actor: UserId, title: Title) -> ChangeSettings {
    ChangeSettings { title: Some(Ok(title)), ..change_settings(chat, actor) }
}

/// Deleting a chat, by the application itself.
pub(super) fn deleting(chat: ChatId) -> DeleteChat {
    DeleteChat { chat, actor: None, by_writers: false }
}

/// The chats of a list after that cursor.
pub(super) fn chats_after(after: Option<ChatCursor>, limit: usize) -> ChatQuery {
    ChatQuery { archived: None, whispers: true, after, limit }
}

/// A valid text.
pub(super) fn text(text: &str) -> MessageText {
    MessageText::new(text).unwrap()
}

/// The owner of a room that is created.
pub(super) fn owner(user: UserId) -> (UserId, ChatRole) {
    (user, ChatRole::Owner)
}

/// A message to be sent.
pub(super) fn draft(chat: ChatId, author: UserId, said: &str) -> Draft {
    let author_role = Some(AccountRole::User);
    Draft { author_role, ..Draft::new(chat, author, text(said), at(100)) }
}

/// A message to be sent, with a client id.
pub(super) fn draft_with_client_id(chat: ChatId, author: UserId, client_id: &str) -> Draft {
    let client_id = Some(ClientId::new(client_id).unwrap());
    Draft { client_id, ..draft(chat, author, "said once") }
}

/// A message to be sent as a reply to another.
pub(super) fn reply(chat: ChatId, author: UserId, to: MessageId) -> Draft {
    Draft { reply_to: Some(to), ..draft(chat, author, "an answer") }
}

/// Sends a message.
pub(super) async fn say(stores: &Stores, chat: ChatId, author: UserId, said: &str) -> Message {
    stores.messages.append(draft(chat, author, said)).await.unwrap().message
}

/// An edit of a text by somebody.
pub(super) fn editing(
    (chat, message): (ChatId, MessageId),
    actor: UserId,
    text: Result<MessageText, TextError>,
    at: Timestamp,
) -> Edit {
    Edit { text: Some(text), ..Edit::new(chat, message, actor.into(), at) }
}

/// Edits a message as its author.
pub(super) async fn edit(
    stores: &Stores,
    id: MessageId,
    text: MessageText,
    at: Timestamp,
) -> Result<Message, ChangeError> {
    let Message { chat, author: actor, .. } = stores.messages.get(id).await?;
    let edited = stores.messages.edit(editing((chat, id), actor, Ok(text), at)).await?;
    Ok(edited.expect("an edit is a change"))
}

/// Deletes a message as its author, and returns the tombstone.
pub(super) async fn delete(
    stores: &Stores,
    id: MessageId,
    at: Timestamp,
) -> Result<Option<Message>, ChangeError> {
    let Message { chat, author: actor, .. } = stores.messages.get(id).await?;
    stores.messages.delete(DeleteMessage { chat, message: id, actor: actor.into(), at }).await
}

/// The chats that somebody is in, with their versions.
pub(super) async fn versions(stores: &Stores, viewer: UserId) -> Vec<(ChatId, Version)> {
    let followed = stores.chats.followed(viewer).await.unwrap();
    followed.into_iter().map(|followed| (followed.chat, followed.version)).collect()
}

/// Opens a session that lives for a hundred seconds from `opened`. It has been looked up, as those that end have.
pub(super) async fn session(stores: &Stores, user: UserId, opened: i64) -> Session {
    let session = stores.sessions.open(new_session(user, opened)).await.unwrap();
    stores.sessions.get_recent(session.id, at(opened)).await.unwrap();
    session
}

/// The session is over, also for requests that only read.
pub(super) async fn assert_ended(stores: &Stores, session: SessionId, now: i64) {
    assert_not_found(stores.sessions.get_recent(session, at(now)).await);
    assert_not_found(stores.sessions.get(session, at(now)).await);
}

/// A session to be opened.
pub(super) fn new_session(user: UserId, opened: i64) -> NewSession {
    NewSession {
        user,
        seed: Seed([7; 16]),
        client: Client {
            device: Device::new("Firefox on a 🦊"),
            protocol: Protocol::new("a word"),
            renewal: Renewal::Repeatedly,
        },
        address: Ipv4Addr::LOCALHOST.into(),
        created_at: at(opened),
        expires_at: at(opened + 100),
        proved_at: Some(at(opened)),
        key: None,
        host_session: None,
    }
}

/// The ids of the account's sessions, most recently used first.
pub(super) async fn sessions(stores: &Stores, user: UserId, now: i64) -> Vec<SessionId> {
    let sessions = stores.sessions.list(user, at(now)).await.unwrap();
    sessions.into_iter().map(|session| session.id).collect()
}

/// All changes of sessions and roles so far.
pub(super) async fn changes(stores: &Stores) -> SessionChanges {
    let ever = Some(Timestamp::from_micros(0));
    let changes = stores.sessions.changes_since(ever, 1_000).await.unwrap();
    assert!(changes.complete);
    changes
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "an answer goes straight from the call here")]
pub(super) fn assert_not_found<T: Debug>(answer: Result<T, StoreError>) {
    assert!(matches!(answer, Err(StoreError::NotFound)), "{answer:?}");
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "an answer goes straight from the call here")]
pub(super) fn assert_conflict<T: Debug>(answer: Result<T, StoreError>) {
    assert!(matches!(answer, Err(StoreError::Conflict)), "{answer:?}");
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "an answer goes straight from the call here")]
pub(super) fn assert_refused(answer: Result<Appended, AppendError>, why: SendRefusal) {
    assert!(matches!(&answer, Err(AppendError::Refused(was)) if *was == why), "{answer:?}");
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "an answer goes straight from the call here")]
pub(super) fn assert_kept_out<T: Debug>(answer: Result<T, JoinError>, why: JoinRefusal) {
    assert!(matches!(&answer, Err(JoinError::Refused(was)) if *was == why), "{answer:?}");
}

/// The refusal; panics on any other answer.
#[track_caller]
pub(super) fn refused<T: Debug, R: Debug>(answer: Result<T, WriteError<R>>) -> R {
    match answer {
        Err(WriteError::Refused(why)) => why,
        answer => panic!("{answer:?}"),
    }
}

/// Runs each call in its own task, all at once, and returns the answers in the order of the calls.
pub(super) async fn at_once<T, F>(calls: impl IntoIterator<Item = F>) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = calls.into_iter().map(tokio::spawn).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

/// Polls a future that many times and then drops it, as a server does when the client disconnects.
pub(super) async fn poll_then_drop<T>(times: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    for _ in 0..times {
        if let Poll::Ready(answer) = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await {
            return Some(answer);
        }
        tokio::task::yield_now().await;
    }
    None
}

/// How often to poll before dropping. Which number hits which step of an adapter's work is unknown, so there
/// are many, of growing size.
pub(super) const POLL_COUNTS: [usize; 16] =
    [1, 2, 3, 4, 5, 6, 8, 13, 21, 55, 144, 377, 987, 2_584, 6_765, 17_711];
