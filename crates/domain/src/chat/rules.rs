//! Who may do what in a chat. Every permission of a chat is decided here, by pure functions.
//! `docs/roles.md` shows the same as a table, and a test compares the two.

use super::{
    Ban, ChatKind, ChatRole, HistoryShown, Horizon, Inviting, JoinRefusal, Leaving, Permissions,
    Posting, Reacting, Restriction, RoomOwnership, Standing, Unwilling, Whispering, Wishes,
};
use crate::clock::Timestamp;
use crate::ids::{Seq, UserId};
use crate::message::Message;

/// Whether the title may be changed. A room is called by its name.
pub fn may_rename(actor: &Standing) -> bool {
    actor.open || matches!(actor.kind, ChatKind::Group | ChatKind::Project(_)) && is_admin(actor)
}

/// Whether it may be said what the chat is about.
pub fn may_describe(actor: &Standing) -> bool {
    actor.open || is_admin(actor)
}

/// Whether it may be set how long members wait between two messages.
pub fn may_set_slow_mode(actor: &Standing) -> bool {
    is_admin(actor)
}

/// Whether it may be set what the chat lets its people do.
pub fn may_set_permissions(actor: &Standing) -> bool {
    !actor.kind.is_between_two() && actor.role == ChatRole::Owner
}

/// Whether people may be added. Rooms are entered, and a project's chat is filled from outside.
pub fn may_add(actor: &Standing) -> bool {
    let lets = actor.permissions.inviting == Inviting::Everyone || is_admin(actor);
    actor.kind == ChatKind::Group && lets
}

/// Whether somebody may be brought into a chat that they are not in. Whoever has blocked somebody is not to
/// be found by them, and whoever left by themselves comes back by a wish of their own: they have written to
/// whoever brings them in since then. Whoever was taken out may be brought back.
pub fn may_bring_in(wishes: Wishes) -> Result<(), Unwilling> {
    if wishes.blocked_actor {
        return Err(Unwilling::Blocked);
    }
    let asked = |left: Timestamp| wishes.wrote_at.is_some_and(|wrote| wrote > left);
    if wishes.left_at.is_none_or(asked) { Ok(()) } else { Err(Unwilling::Left) }
}

/// Whether somebody else of that role may be removed.
pub fn may_remove(actor: &Standing, target: ChatRole) -> bool {
    chooses_its_people(actor.kind) && is_admin(actor) && actor.role > target
}

/// Whether somebody may be kept out who is in with that role, or is not in.
pub fn may_ban(actor: &Standing, target: Option<ChatRole>) -> bool {
    chooses_its_people(actor.kind) && outranks(actor, target)
}

/// Whether somebody may be silenced, or be given their voice back, who is in with that role, or is not in. It is no
/// matter of who is in the chat, so it is also for those whom a project's chat has as its admins.
pub fn may_silence(actor: &Standing, target: Option<ChatRole>) -> bool {
    outranks(actor, target)
}

/// Whether roles may be changed.
pub fn may_set_roles(actor: &Standing) -> bool {
    !actor.kind.is_between_two() && actor.role == ChatRole::Owner
}

/// Whether the settings of the chat let somebody leave it.
pub fn lets_leave(actor: &Standing) -> Result<(), Restriction> {
    let lets = actor.permissions.leaving == Leaving::Everyone || is_admin(actor);
    lets.then_some(()).ok_or(Restriction::Leaving)
}

/// Whether the chat may be left. An owner would leave a group without one; a room and an open group can do
/// without.
pub fn may_leave(actor: &Standing) -> bool {
    lets_leave(actor).is_ok() && can_be_left(actor)
}

/// Whether the chat can be without that member.
pub fn can_be_left(actor: &Standing) -> bool {
    match actor.kind {
        ChatKind::Group => actor.open || !needs(actor.kind, actor.role),
        ChatKind::Room => true,
        ChatKind::Direct | ChatKind::Project(_) | ChatKind::Whisper(_) => false,
    }
}

/// Whether a chat of that kind cannot be without its member of that role.
fn needs(kind: ChatKind, role: ChatRole) -> bool {
    kind == ChatKind::Group && role == ChatRole::Owner
}

/// Whether the chat may be deleted, for everybody.
pub fn may_delete_chat(actor: &Standing) -> bool {
    match actor.kind {
        ChatKind::Direct => true,
        ChatKind::Group | ChatKind::Room => actor.role == ChatRole::Owner,
        ChatKind::Project(_) | ChatKind::Whisper(_) => false,
    }
}

/// Whether a room may be deleted by somebody who wrote in it, since nobody owns it.
pub fn may_delete_as_writer(actor: &Standing, room: RoomOwnership) -> bool {
    actor.kind == ChatKind::Room && !room.is_owned && room.has_written
}

/// Whether one may whisper to another member.
pub fn may_whisper(actor: &Standing) -> bool {
    !actor.kind.is_between_two() && lets_whisper(actor.permissions).is_ok()
}

/// Whether people whisper in a chat that permits that. The same of what they whispered there before.
pub fn lets_whisper(around: Permissions) -> Result<(), Restriction> {
    let lets = around.whispering == Whispering::Everyone;
    lets.then_some(()).ok_or(Restriction::Whispering)
}

/// Whether anything may be written in the chat, by anybody.
pub fn may_write(actor: &Standing) -> bool {
    !actor.closed
}

/// Whether a chat between two people is opened, given whether it is closed, or would be if it were made now: whoever
/// opens one wants to write in it, and is told at once that they cannot. It stays in the lists of those who have it.
pub fn may_open(closed: bool) -> bool {
    !closed
}

/// Whether the settings of a chat let somebody of that role write there. A service key that calls as itself
/// speaks for the host, which says who writes. What is hushed takes nothing from anybody.
pub fn lets_write(
    role: ChatRole,
    posting: Posting,
    hushed: bool,
    is_key: bool,
) -> Result<(), Restriction> {
    if hushed {
        return Err(Restriction::Whispering);
    }
    let lets = posting == Posting::Everyone || role >= ChatRole::Admin || is_key;
    lets.then_some(()).ok_or(Restriction::Posting)
}

/// The same of whoever stands there, unless they are silenced. That holds for a service key, too: the host lifts it by
/// a key that reaches every chat.
pub fn lets_post(actor: &Standing, is_key: bool, now: Timestamp) -> Result<(), Restriction> {
    actor.silenced.lets_speak(now)?;
    lets_write(actor.role, actor.permissions.posting, actor.hushed, is_key)
}

/// Whether the settings of the chat let somebody react, who is not silenced.
pub fn lets_react(actor: &Standing, now: Timestamp) -> Result<(), Restriction> {
    match lets_post(actor, false, now) {
        Err(Restriction::Posting) if actor.permissions.reacting == Reacting::Everyone => Ok(()),
        Err(Restriction::Posting) => Err(Restriction::Reacting),
        lets => lets,
    }
}

/// Whether a message may be edited.
pub fn may_edit(actor: UserId, message: &Message) -> bool {
    message.author == actor
}

/// Whether the data of a message may be changed. The service keys that are in a chat keep up the host's cards
/// there, whoever sent them.
pub fn may_set_data(actor: UserId, is_key: bool, message: &Message) -> bool {
    message.author == actor || is_key
}

/// Whether a message may be deleted.
pub fn may_delete_message(actor: &Standing, message: &Message) -> bool {
    message.author == actor.user || is_admin(actor)
}

/// Whether what a message said before it was edited may be seen.
pub fn may_see_edits(actor: &Standing, message: &Message) -> bool {
    may_delete_message(actor, message)
}

/// Whether messages may be pinned.
pub fn may_pin(actor: &Standing) -> bool {
    actor.kind.is_between_two() || is_admin(actor)
}

/// Whether somebody may come into a chat that has so many members and room for `capacity`, given a
/// ban of theirs, if there is one. A ban that is over keeps nobody out.
pub fn may_join(
    members: usize,
    capacity: usize,
    ban: Option<&Ban>,
    now: Timestamp,
) -> Result<(), JoinRefusal> {
    match ban {
        Some(ban) if ban.holds(now) => Err(JoinRefusal::Banned { until: ban.until }),
        _ if members >= capacity => Err(JoinRefusal::Full { capacity }),
        _ => Ok(()),
    }
}

/// Where the read marker is of somebody who comes into a chat now, given the seq of its newest message: nothing from
/// before is unread for them, whether or not they see it.
pub fn newcomers_marker(newest: Seq) -> Seq {
    newest
}

/// What somebody who comes into a chat now does not see of it, given its newest message. A service account sees
/// what its key may read: it speaks for the host, to whom the chat belongs.
pub fn horizon(permissions: Permissions, newest: Horizon, is_service: bool) -> Horizon {
    if hides_past(permissions) && !is_service { newest } else { Horizon::NONE }
}

/// Whether somebody who comes into a chat does not see what was said before. Nor does whoever only looks into a
/// room: they could come in, and would then see nothing of it.
pub fn hides_past(permissions: Permissions) -> bool {
    permissions.history == HistoryShown::FromJoining
}

/// Whether somebody moderates a person of that role, or one who is not in.
fn outranks(actor: &Standing, target: Option<ChatRole>) -> bool {
    is_admin(actor) && target.is_none_or(|target| actor.role > target)
}

/// Between two people there are no admins.
fn is_admin(actor: &Standing) -> bool {
    !actor.kind.is_between_two() && actor.role >= ChatRole::Admin
}

fn chooses_its_people(kind: ChatKind) -> bool {
    matches!(kind, ChatKind::Group | ChatKind::Room)
}
