//! What somebody who was blocked is told of the one who blocked them: what both say and change in the
//! chats that they share, and nothing else. That somebody is there, types, or has read what only the two
//! can read, is not told.

use super::BlockStore;
use crate::chat::Member;
use crate::event::Audience;
use crate::failure::StoreError;
use crate::ids::{Seq, UserId};
use crate::limits;

/// Of those who would be told what somebody does, all but whom they have blocked.
///
/// Whatever tells that a person comes, goes, types, or has read up to somewhere in a chat between two goes
/// to the audience that this returns.
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

/// Those of these members of a chat between two who have blocked the viewer seem to have read nothing.
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
