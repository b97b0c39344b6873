//! Who may do what in a chat. Every permission of a chat is decided here, by pure functions.
//!
//! | | member | admin | owner |
//! |---|---|---|---|
//! | read, send, reply, react, mark as read, type | yes | yes | yes |
//! | edit or delete one's own message | yes | yes | yes |
//! | delete another's message (group) | | yes | yes |
//! | see what a message said before it was edited | one's own | yes | yes |
//! | pin a message | direct | yes | yes |
//! | change the title (group) | | yes | yes |
//! | add people (group) | | yes | yes |
//! | remove a member (group) | | yes | yes |
//! | remove an admin, change roles, hand over (group) | | | yes |
//! | leave (group) | yes | yes | not before handing over |
//! | delete the chat | direct | direct | yes |

use super::{ChatKind, ChatRole, Standing};
use crate::ids::UserId;
use crate::message::Message;

/// Whether the title may be changed.
pub fn may_rename(actor: &Standing) -> bool {
    is_group(actor) && actor.role >= ChatRole::Admin
}

/// Whether people may be added.
pub fn may_add(actor: &Standing) -> bool {
    is_group(actor) && actor.role >= ChatRole::Admin
}

/// Whether somebody else of that role may be removed.
pub fn may_remove(actor: &Standing, target: ChatRole) -> bool {
    is_group(actor) && actor.role >= ChatRole::Admin && actor.role > target
}

/// Whether roles may be changed.
pub fn may_set_roles(actor: &Standing) -> bool {
    is_group(actor) && actor.role == ChatRole::Owner
}

/// Whether the chat may be left: an owner would leave it without one.
pub fn may_leave(actor: &Standing) -> bool {
    is_group(actor) && actor.role != ChatRole::Owner
}

/// Whether the chat may be deleted, for everybody.
pub fn may_delete_chat(actor: &Standing) -> bool {
    actor.kind == ChatKind::Direct || actor.role == ChatRole::Owner
}

/// Whether anything may be written in the chat, by anybody.
pub fn may_write(actor: &Standing) -> bool {
    !actor.closed
}

/// Whether a message may be edited.
pub fn may_edit(actor: UserId, message: &Message) -> bool {
    message.author == actor
}

/// Whether a message may be deleted.
pub fn may_delete_message(actor: &Standing, message: &Message) -> bool {
    message.author == actor.user || (is_group(actor) && actor.role >= ChatRole::Admin)
}

/// Whether what a message said before it was edited may be seen.
pub fn may_see_edits(actor: &Standing, message: &Message) -> bool {
    may_delete_message(actor, message)
}

/// Whether messages may be pinned.
pub fn may_pin(actor: &Standing) -> bool {
    actor.kind == ChatKind::Direct || actor.role >= ChatRole::Admin
}

fn is_group(actor: &Standing) -> bool {
    actor.kind == ChatKind::Group
}
