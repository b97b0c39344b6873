//! What changed in a chat.

use super::state::State;
use domain::chat::Changes;
use domain::failure::StoreError;
use domain::ids::{ChatId, Version};

impl State {
    /// The versions after `since` at which something stands now, up to the one at which `limit`
    /// things are reached; what shares that version comes along, or the next page would miss it.
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
        // What is cut off behind a version that many things share may be nothing.
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
        let quoted = row.quoted(&messages);
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
