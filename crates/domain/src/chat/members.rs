//! Who is in a chat.

use super::{ChangedMembers, Chats, GetError, Member};
use crate::block::hide_markers;
use crate::event::EventBody;
use crate::ids::{ChatId, UserId};
use crate::session::Caller;

/// Members, and whether there are more after the last of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPage {
    /// In the order of their ids.
    pub members: Vec<Member>,
    /// Whether there are more.
    pub more: bool,
}

impl Chats {
    /// Who is in a chat that the caller is in.
    pub async fn members(
        &self,
        caller: &Caller,
        chat: ChatId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<MemberPage, GetError> {
        let standing = self.standing(caller, chat).await?;
        let mut page = self.ports.members.list(chat, after, limit).await?;
        if standing.closed {
            hide_markers(&*self.ports.blocks, caller.user, &mut page.members).await?;
        }
        let now = self.ports.clock.now();
        let shown = |member: Member| member.shown_to(&standing, now);
        page.members = page.members.into_iter().map(shown).collect();
        Ok(page)
    }

    /// Tells the members of each chat who came in, whose role changed and who is out, in the order of
    /// the versions.
    pub(super) fn tell_members(&self, members: ChangedMembers) {
        let ChangedMembers { joined, changed, left } = members;
        let joined = joined.into_iter().map(EventBody::MemberJoined);
        let changed = changed.into_iter().map(EventBody::MemberUpdated);
        let left = left.into_iter().map(EventBody::MemberLeft);
        let mut bodies: Vec<_> = joined.chain(changed).chain(left).collect();
        bodies.sort_by_key(EventBody::version);
        for body in bodies {
            if let Some(chat) = body.chat() {
                self.tell(body, chat);
            }
        }
    }
}
