//! What a blocked person learns about the one who blocked them: only messages and changes in chats that they
//! share. Not whether they are online or typing, or have read what only the two can read.

use super::BlockStore;
use crate::chat::Member;
use crate::event::Audience;
use crate::failure::StoreError;
use crate::ids::{Seq, UserId};
use crate::limits;

/// The audience without the people whom `person` has blocked.
///
/// Events about a person's presence, typing, and read marker in a chat between two people must use the
/// audience that this returns.
pub(crate) async fn without_blocked(
    blocks: &dyn BlockStore,
    person: UserId,
    audience: Audience,
) -> Result<Audience, StoreError> {
    let blocked = blocks.list(person, None, limits::BLOCKS).await?.blocks;
    let mut blocked: Vec<_> = blocked.iter().map(|block| block.user.id).collect();
    Ok(match audience {
        audience if blocked.is_empty() => audience,
        Audience::Members(chat) => Audience::MembersExcept(chat, blocked),
        Audience::MembersExcept(chat, mut others) => {
            others.append(&mut blocked);
            Audience::MembersExcept(chat, others)
        }
        Audience::Users(mut people) => {
            people.retain(|user| !blocked.contains(user));
            Audience::Users(people)
        }
    })
}

/// Resets the read markers of members who have blocked the viewer, in a chat between two people.
pub(crate) async fn hide_markers(
    blocks: &dyn BlockStore,
    viewer: UserId,
    members: &mut [Member],
) -> Result<(), StoreError> {
    let others: Vec<_> = members.iter().map(|m| m.user.id).filter(|user| *user != viewer).collect();
    let blockers = blocks.blockers(viewer, &others).await?;
    for member in members.iter_mut().filter(|member| blockers.contains(&member.user.id)) {
        member.read_seq = Seq::ZERO;
    }
    Ok(())
}
