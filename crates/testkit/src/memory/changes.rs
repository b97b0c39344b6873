//! What changed in a chat.

use super::state::State;
use domain::chat::{Changes, Horizon};
use domain::failure::StoreError;
use domain::ids::{ChatId, Version};

impl State {
    /// The current messages, members and chat that changed after `since`, up to the version that completes
    /// `limit` of them. Everything of that last version is included, because the next page starts after it.
    pub(super) fn changes(
        &self,
        chat: ChatId,
        since: Version,
        limit: usize,
    ) -> Result<Changes, StoreError> {
        let row = self.chat(chat)?;
        let mut versions: Vec<_> = row
            .messages
            .iter()
            .map(|message| message.version)
            .chain(row.members.values().map(|member| member.version))
            .chain([row.chat.version])
            .filter(|version| *version > since)
            .collect();
        versions.sort_unstable();
        let cut = (versions.len() > limit).then(|| versions[limit - 1]);
        // Where many things share the last version, the cut may leave nothing out.
        let upto = cut.filter(|cut| versions.last() != Some(cut)).unwrap_or(row.version);
        let included = |version: Version| version > since && version <= upto;

        let mut members = Vec::new();
        for (user, member) in &row.members {
            if included(member.version) {
                members.push(self.member(chat, *user)?);
            }
        }
        members.sort_by_key(|member| member.version);
        let mut messages: Vec<_> =
            row.messages.iter().filter(|m| included(m.version)).cloned().collect();
        messages.sort_by_key(|message| message.version);
        let quoted = row.quoted(&messages, Horizon::NONE);
        Ok(Changes {
            quoted,
            chat: included(row.chat.version).then(|| row.chat.clone()),
            members,
            messages,
            version: upto,
            more: upto < row.version,
        })
    }
}
