//! Whom and which chat somebody means by an id of their host.

use super::{ExternalId, ExternalIdStore, Issuer, Reference};
use crate::failure::StoreError;
use crate::ids::{ChatId, UserId};
use crate::session::Caller;
use std::collections::HashMap;
use std::sync::Arc;

/// The use cases of ids that hosts gave. Whose ids a caller means is [`Caller::issuer`].
///
/// What nobody has becomes [`UserId::UNKNOWN`] or [`ChatId::UNKNOWN`], so that whatever is asked next answers
/// exactly as for a number that nobody has: in the same order of checks, and without telling more.
pub struct ExternalIds {
    ids: Arc<dyn ExternalIdStore>,
}

impl ExternalIds {
    /// Over the given port.
    pub fn new(ids: Arc<dyn ExternalIdStore>) -> Self {
        Self { ids }
    }

    /// Who that is.
    pub async fn user(
        &self,
        caller: &Caller,
        named: Reference<UserId>,
    ) -> Result<UserId, StoreError> {
        match named {
            Reference::Id(id) => Ok(id),
            external => Ok(first(&self.users(caller, vec![external]).await?, UserId::UNKNOWN)),
        }
    }

    /// Who these are, in their order. However many they are, they are looked up together.
    pub async fn users(
        &self,
        caller: &Caller,
        named: Vec<Reference<UserId>>,
    ) -> Result<Vec<UserId>, StoreError> {
        let found = match sought(caller, &named) {
            Some((issuer, ids)) => self.ids.users(issuer, &ids).await?,
            None => Vec::new(),
        };
        Ok(resolved(named, found, UserId::UNKNOWN))
    }

    /// Which chat that is.
    pub async fn chat(
        &self,
        caller: &Caller,
        named: Reference<ChatId>,
    ) -> Result<ChatId, StoreError> {
        match named {
            Reference::Id(id) => Ok(id),
            external => Ok(first(&self.chats(caller, vec![external]).await?, ChatId::UNKNOWN)),
        }
    }

    /// Which chats these are, in their order. However many they are, they are looked up together.
    pub async fn chats(
        &self,
        caller: &Caller,
        named: Vec<Reference<ChatId>>,
    ) -> Result<Vec<ChatId>, StoreError> {
        let found = match sought(caller, &named) {
            Some((issuer, ids)) => self.ids.chats(issuer, &ids).await?,
            None => Vec::new(),
        };
        Ok(resolved(named, found, ChatId::UNKNOWN))
    }
}

fn first<Id: Copy>(ids: &[Id], unknown: Id) -> Id {
    ids.first().copied().unwrap_or(unknown)
}

/// What the store is to be asked, if anything.
fn sought<'a, Id>(
    caller: &'a Caller,
    named: &[Reference<Id>],
) -> Option<(&'a Issuer, Vec<ExternalId>)> {
    let external = named.iter().filter_map(|named| match named {
        Reference::Id(_) => None,
        Reference::External(id) => Some(id.clone()),
    });
    let ids: Vec<_> = external.collect();
    caller.issuer.as_ref().filter(|_| !ids.is_empty()).map(|issuer| (issuer, ids))
}

fn resolved<Id: Copy>(
    named: Vec<Reference<Id>>,
    found: Vec<(ExternalId, Id)>,
    unknown: Id,
) -> Vec<Id> {
    let found: HashMap<_, _> = found.into_iter().collect();
    let id = |named| match named {
        Reference::Id(id) => id,
        Reference::External(id) => found.get(&id).copied().unwrap_or(unknown),
    };
    named.into_iter().map(id).collect()
}
