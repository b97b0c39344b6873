//! Sessions and tickets.

use super::MemoryDb;
use super::state::{State, Ticket};
use async_trait::async_trait;
use domain::admin::{AuditAction, AuditEntry, AuditKind, AuditTarget, Record};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{SessionId, UserId};
use domain::limits::{REFUSALS_TOGETHER, SESSIONS_PER_USER};
use domain::session::{
    EndReason, EndedSession, Ending, NewSession, OpenSession, Origin, RefusedSignIn, Session,
    SessionChanges, SessionStore, SignedSession,
};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::Duration;

impl State {
    /// The session, if it is live at that time.
    fn live(&self, id: SessionId, now: Timestamp) -> Result<&Session, StoreError> {
        self.sessions.get(&id).filter(|s| s.expires_at >= now).ok_or(StoreError::NotFound)
    }

    /// The same, with its account.
    fn signed(&self, id: SessionId, now: Timestamp) -> Result<SignedSession, StoreError> {
        let session = self.live(id, now)?.clone();
        let user = self.user(session.user)?.clone();
        let has_second_factor = self.second_factors.get(&user.id).is_some_and(|f| f.is_on);
        let mut of_hosts = self.host_accounts.iter();
        let person = of_hosts.find(|(_, (owner, _))| *owner == user.id);
        let issuer = person.map(|(person, _)| person.issuer.clone());
        Ok(SignedSession { session, user, has_second_factor, issuer })
    }

    /// The account's sessions that are live at that time, most recently used first.
    fn live_of(&self, user: UserId, now: Timestamp) -> Vec<Session> {
        let live = |s: &&Session| s.user == user && s.expires_at >= now;
        let mut sessions: Vec<_> = self.sessions.values().filter(live).cloned().collect();
        sessions.sort_by_key(|s| Reverse((s.refreshed_at, s.id)));
        sessions
    }

    pub(super) fn end_session(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.remove(&id) {
            self.tickets.retain(|_, ticket| ticket.session != id);
            self.subscriptions.remove(&id);
            self.service_keys.remove(&id);
            self.ended.push((self.now(), EndedSession { session: id, user: session.user }));
        }
    }

    /// Ends the account's sessions, except that one.
    pub(super) fn end_sessions(&mut self, user: UserId, keep: Option<SessionId>, at: Timestamp) {
        for session in self.live_of(user, at) {
            if Some(session.id) != keep {
                self.end_session(session.id);
            }
        }
    }
}

#[async_trait]
impl SessionStore for MemoryDb {
    async fn open(&self, new: NewSession) -> Result<Session, StoreError> {
        let mut state = self.state();
        if !state.user(new.user)?.active {
            return Err(StoreError::NotFound);
        }
        for surplus in state.live_of(new.user, new.created_at).iter().skip(SESSIONS_PER_USER - 1) {
            state.end_session(surplus.id);
            let why = EndReason::Surplus;
            let line = Record::ended(new.user, surplus.id, why, new.created_at);
            state.write_log(new.user.get(), line);
        }
        let session = Session {
            id: SessionId::stored(state.next_id()),
            user: new.user,
            seed: new.seed,
            generation: 0,
            client: new.client,
            created_at: new.created_at,
            refreshed_at: new.created_at,
            expires_at: new.expires_at,
            proved_at: new.proved_at,
        };
        state.session_keys.extend(new.key.map(|hash| (hash, session.id)));
        state.sessions.insert(session.id, session.clone());
        let origin = Origin::of(&session.client, new.address);
        let line = Record::opened(session.user, session.id, origin, session.created_at);
        state.write_log(session.user.get(), line);
        Ok(session)
    }

    async fn get(&self, id: SessionId, now: Timestamp) -> Result<SignedSession, StoreError> {
        self.state().signed(id, now)
    }

    async fn by_key(&self, hash: [u8; 32], now: Timestamp) -> Result<SignedSession, StoreError> {
        let state = self.state();
        let id = state.session_keys.get(&hash).ok_or(StoreError::NotFound)?;
        state.signed(*id, now)
    }

    async fn list(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        Ok(self.state().live_of(user, now))
    }

    async fn rotate(
        &self,
        id: SessionId,
        generation: i64,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Session, StoreError> {
        let mut state = self.state();
        if state.live(id, now)?.generation != generation {
            return Err(StoreError::Conflict);
        }
        let session = state.sessions.get_mut(&id).ok_or(StoreError::NotFound)?;
        session.generation += 1;
        session.refreshed_at = now;
        session.expires_at = expires_at;
        Ok(session.clone())
    }

    async fn prove(&self, user: UserId, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        state.live(id, at)?;
        let session = state.sessions.get_mut(&id).filter(|session| session.user == user);
        session.ok_or(StoreError::NotFound)?.proved_at = Some(at);
        state.write_log(user.get(), Record::of_oneself(user, AuditAction::SessionProved, at));
        Ok(())
    }

    async fn end(&self, user: UserId, id: SessionId, ending: Ending) -> Result<(), StoreError> {
        let (mut state, Ending { at, why }) = (self.state(), ending);
        if state.live(id, at)?.user != user {
            return Err(StoreError::NotFound);
        }
        state.end_session(id);
        state.write_log(user.get(), Record::ended(user, id, why, at));
        Ok(())
    }

    async fn note_refusal(&self, refused: RefusedSignIn) -> Result<(), StoreError> {
        let RefusedSignIn { account, origin, at, why } = refused;
        let mut state = self.state();
        let since = at.minus(REFUSALS_TOGETHER);
        let of_nobody = |entry: &&mut AuditEntry| entry.target == AuditTarget::Nobody;
        let last = state.audit.iter_mut().rev().find(of_nobody);
        let last = last.filter(|last| account.is_none() && last.record.at > since);
        if let Some(last) = last {
            last.count += 1;
            return Ok(());
        }
        let origin = origin.filter(|_| account.is_some());
        let target = account.map_or(AuditTarget::NOBODY, UserId::get);
        state.write_log(target, Record::refused(why, origin, at));
        Ok(())
    }

    async fn forget_sign_ins(&self, before: Timestamp) -> Result<(), StoreError> {
        let is_old = |entry: &AuditEntry| {
            entry.record.action.kind() == AuditKind::SignIn && entry.record.at < before
        };
        self.state().audit.retain(|entry| !is_old(entry));
        Ok(())
    }

    async fn changes_since(
        &self,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<SessionChanges, StoreError> {
        let state = self.state();
        let is_later = |at: Option<Timestamp>| since.is_some_and(|since| at >= Some(since));
        let ended = state.ended.iter().filter(|(at, _)| is_later(Some(*at)));
        let mut ended: Vec<_> = ended.map(|(_, ended)| *ended).collect();
        let roles = state.users.values().filter(|row| is_later(row.role_set_at));
        let mut roles: Vec<_> = roles.map(|row| (row.user.id, row.user.role)).collect();
        let complete = ended.len() <= limit && roles.len() <= limit;
        ended.truncate(limit);
        roles.truncate(limit);
        Ok(SessionChanges { at: state.now(), ended, roles, complete })
    }

    async fn open_among(
        &self,
        ids: &[SessionId],
        now: Timestamp,
    ) -> Result<Vec<OpenSession>, StoreError> {
        let (state, ids) = (self.state(), ids.iter().collect::<BTreeSet<_>>());
        let live = ids.into_iter().filter_map(|id| state.signed(*id, now).ok());
        let open = |SignedSession { session, user, .. }| OpenSession {
            session: session.id,
            user: user.id,
            role: user.role,
        };
        Ok(live.map(open).collect())
    }

    async fn add_ticket(
        &self,
        hash: [u8; 32],
        session: SessionId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        // This call is not told the time, so an expired session still counts.
        if !state.sessions.contains_key(&session) {
            return Err(StoreError::NotFound);
        }
        state.tickets.insert(hash, Ticket { session, expires_at });
        Ok(())
    }

    async fn take_ticket(&self, hash: [u8; 32], now: Timestamp) -> Result<SessionId, StoreError> {
        let mut state = self.state();
        let ticket = state.tickets.remove(&hash).filter(|ticket| ticket.expires_at >= now);
        let session = ticket.ok_or(StoreError::NotFound)?.session;
        Ok(state.live(session, now)?.id)
    }

    async fn purge(&self, now: Timestamp, memory: Duration) -> Result<(), StoreError> {
        let mut state = self.state();
        state.sessions.retain(|_, session| session.expires_at >= now);
        let State { sessions, tickets, subscriptions, service_keys, .. } = &mut *state;
        service_keys.retain(|session, _| sessions.contains_key(session));
        tickets.retain(|_, t| t.expires_at >= now && sessions.contains_key(&t.session));
        subscriptions.retain(|session, _| sessions.contains_key(session));
        let old = state.now().minus(memory);
        state.ended.retain(|(at, _)| *at > old);
        Ok(())
    }
}
