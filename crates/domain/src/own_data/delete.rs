//! Deleting an account, in steps (ADR 17).

use super::{LeftMessages, OwnData, PendingDeletion, Withdrawal};
use crate::admin::{Actor, AuditAction, ManageError, Record};
use crate::event::EventBody;
use crate::failure::{Failure, Kind, StoreError};
use crate::ids::{ChatId, Seq, UserId};
use crate::limits;
use crate::session::{Caller, StepUpRequired};
use crate::user::{HashError, HashOrigin};
use std::collections::BTreeMap;

/// The command to delete one's own account.
#[derive(Debug)]
pub struct DeleteAccount<'a> {
    /// The password, typed again. The session must have been proved lately if there is no password, or if the
    /// account has a second factor.
    pub password: Option<&'a str>,
    /// What happens to the account's messages.
    pub messages: LeftMessages,
}

/// Why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteAccountError {
    /// The password is wrong.
    #[error("The password is wrong.")]
    Password,
    /// The session was not proved lately.
    #[error(transparent)]
    StepUp(#[from] StepUpRequired),
    /// The account has been deleted already.
    #[error("There is no such user.")]
    NotFound,
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for DeleteAccountError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            error => Self::Store(error),
        }
    }
}

impl From<DeleteAccountError> for Failure {
    fn from(error: DeleteAccountError) -> Self {
        match error {
            DeleteAccountError::Password => Self::field("password", "wrong_password", error),
            DeleteAccountError::StepUp(error) => error.into(),
            DeleteAccountError::NotFound => Self::new(Kind::NotFound, "user_not_found", error),
            DeleteAccountError::Hash(error) => error.into(),
            DeleteAccountError::Store(error) => error.into(),
        }
    }
}

impl OwnData {
    /// Deletes the caller's account, for good. When this returns, nobody can sign in to it; what it left in
    /// chats is cleaned up afterwards ([`Self::finish_deletions`]).
    pub async fn delete(
        &self,
        caller: &Caller,
        command: DeleteAccount<'_>,
    ) -> Result<(), DeleteAccountError> {
        let user = self.ports.users.account(caller.user).await?.user;
        let now = self.ports.clock.now();
        let Some(typed) = command.password else {
            caller.proof.check(now)?;
            return Ok(self.begin(caller.user, command.messages, None).await?);
        };
        caller.proof.check_with_password(now)?;
        let known = self.ports.users.credentials(user.name.folded()).await?;
        let from = HashOrigin::Account(caller.user);
        if !self.ports.hasher.verify(typed.to_owned(), Some(known.password), from).await?.right {
            return Err(DeleteAccountError::Password);
        }
        Ok(self.begin(caller.user, command.messages, None).await?)
    }

    /// Deletes the account of somebody else.
    pub async fn delete_other(
        &self,
        actor: Actor,
        user: UserId,
        messages: LeftMessages,
    ) -> Result<(), ManageError> {
        // Deleting one's own account goes by [`Self::delete`], which asks for the password.
        if actor.account() == Some(user) {
            return Err(ManageError::Oneself);
        }
        actor.check_proof(self.ports.clock.now())?;
        let detail = format!("messages: {}", messages.as_str());
        let at = self.ports.clock.now();
        let record = Record::new(actor.account(), AuditAction::UserDeleted, detail, at);
        Ok(self.begin(user, messages, Some(record)).await?)
    }

    async fn begin(
        &self,
        user: UserId,
        messages: LeftMessages,
        record: Option<Record>,
    ) -> Result<(), StoreError> {
        let deletion = PendingDeletion { user, messages, at: self.ports.clock.now() };
        for member in self.ports.own.begin_deletion(deletion, record).await? {
            let chat = member.chat;
            self.tell(EventBody::MemberUpdated(member), chat);
        }
        Ok(())
    }

    /// Finishes all deletions that were begun, in this process or in another, which may have died since.
    /// Called about once a second; several calls at once do no harm, because each step can be repeated.
    pub async fn finish_deletions(&self) -> Result<(), StoreError> {
        let mut failed = None;
        for deletion in self.ports.own.pending_deletions(limits::PAGE_MAX).await? {
            // A deletion that fails is tried again at the next call, and does not delay the others.
            if let Err(error) = self.finish(deletion).await {
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn finish(&self, deletion: PendingDeletion) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let chats = self.ports.own.chats(deletion.user, after, limits::PAGE_MAX).await?;
            let Some(last) = chats.last().copied() else { break };
            for chat in chats {
                if deletion.messages == LeftMessages::Delete {
                    self.delete_messages(chat, deletion).await?;
                }
                self.withdraw(chat, deletion).await?;
            }
            after = Some(last);
        }
        if deletion.messages == LeftMessages::Delete {
            // Last, because nobody can react any more once they are in no chat: none can be added behind this.
            self.remove_reactions(deletion.user).await?;
        }
        // A request that is still under way keeps no answer once it is deleted here.
        while self.ports.own.delete_requests(deletion.user, limits::FORGOTTEN_TOGETHER).await? {}
        self.ports.own.finish_deletion(deletion.user).await
    }

    async fn remove_reactions(&self, user: UserId) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let page = self.ports.own.reactions(user, after, limits::PAGE_MAX).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.message);
            let mut by_chat = BTreeMap::<_, Vec<_>>::new();
            for reacted in page {
                by_chat.entry(reacted.chat).or_default().push(reacted.message);
            }
            for (chat, messages) in by_chat {
                for message in self.ports.own.remove_reactions(chat, user, &messages).await? {
                    self.tell(EventBody::MessageUpdated(message), chat);
                }
            }
        }
    }

    async fn delete_messages(
        &self,
        chat: ChatId,
        PendingDeletion { user, at, .. }: PendingDeletion,
    ) -> Result<(), StoreError> {
        let (mut after, limit) = (Seq::ZERO, limits::PAGE_MAX);
        loop {
            let deleted = self.ports.own.delete_messages(chat, user, after, limit, at).await?;
            let Some(last) = deleted.last().map(|message| message.seq) else { return Ok(()) };
            for message in deleted {
                self.tell(EventBody::MessageDeleted(message), chat);
            }
            after = last;
        }
    }

    async fn withdraw(
        &self,
        chat: ChatId,
        PendingDeletion { user, at, .. }: PendingDeletion,
    ) -> Result<(), StoreError> {
        match self.ports.own.withdraw(chat, user, at).await? {
            Withdrawal::Stayed => {}
            Withdrawal::Left { heir, left } => {
                if let Some(heir) = heir {
                    self.tell(EventBody::MemberUpdated(*heir), chat);
                }
                for left in left {
                    let chat = left.chat;
                    self.tell(EventBody::MemberLeft(left), chat);
                }
            }
            Withdrawal::Dissolved(gone) => {
                for chat in gone {
                    self.tell(EventBody::ChatDeleted(chat), chat);
                }
            }
        }
        Ok(())
    }
}
