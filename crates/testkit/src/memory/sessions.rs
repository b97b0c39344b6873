//! Sessions and tickets.

use super::MemoryDb;
use super::state::{State, Ticket};
use async_trait::async_trait;
use domain::admin::{AuditAction, AuditEntry, AuditKind, AuditTarget, Record};
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::ids::{SessionId, UserId};
use domain::limits::{FORGOTTEN_TOGETHER, REFUSALS_TOGETHER, SESSIONS_PER_USER};
use domain::session::{
    EndReason, EndedAtHost, EndedSession, Ending, NewSession, OpenSession, Origin, RefusedSignIn,
    Session, SessionChanges, SessionStore, SignedSession,
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
        state.host_sessions.extend(new.host_session.map(|of_host| (session.id, of_host)));
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

    async fn get_recent(&self, id: SessionId, now: Timestamp) -> Result<SignedSession, StoreError> {
        self.get(id, now).await
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

    async fn end_from_host(&self, ended: EndedAtHost, record: Record) -> Result<(), StoreError> {
        let EndedAtHost { issuer, subject, session } = ended;
        let mut state = self.state();
        let of_host = state.host_sessions.iter().filter(|(_, of_host)| **of_host == session);
        let live = of_host.filter_map(|(id, _)| state.live(*id, record.at).ok());
        let is_meant = |session: &&Session| {
            let mut people = state.host_accounts.iter();
            let person = people.find(|(_, (owner, _))| *owner == session.user);
            person.is_some_and(|(person, _)| {
                person.issuer == issuer
                    && subject.as_ref().is_none_or(|subject| person.subject == *subject)
            })
        };
        let meant: Vec<_> =
            live.filter(is_meant).map(|session| (session.id, session.user)).collect();
        let owners: BTreeSet<_> = meant.iter().map(|(_, owner)| *owner).collect();
        meant.into_iter().for_each(|(id, _)| state.end_session(id));
        owners.into_iter().for_each(|owner| state.write_log(owner.get(), record.clone()));
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

    async fn purge(&self, now: Timestamp, memory: Duration) -> Result<bool, StoreError> {
        let mut state = self.state();
        let old = state.now().minus(memory);
        let tickets = state.tickets.iter().filter(|(_, ticket)| ticket.expires_at < now);
        let tickets: Vec<_> = tickets.map(|(hash, _)| *hash).take(FORGOTTEN_TOGETHER).collect();
        let over = state.sessions.values().filter(|session| session.expires_at < now);
        let over: Vec<_> = over.map(|session| session.id).take(FORGOTTEN_TOGETHER).collect();
        let notes = state.ended.iter().filter(|(at, _)| *at <= old).take(FORGOTTEN_TOGETHER);
        let notes: BTreeSet<_> = notes.map(|(_, ended)| ended.session).collect();
        state.tickets.retain(|hash, _| !tickets.contains(hash));
        over.iter().for_each(|id| drop(state.sessions.remove(id)));
        let State { sessions, tickets: left, subscriptions, service_keys, .. } = &mut *state;
        service_keys.retain(|session, _| sessions.contains_key(session));
        left.retain(|_, ticket| sessions.contains_key(&ticket.session));
        subscriptions.retain(|session, _| sessions.contains_key(session));
        state.ended.retain(|(_, ended)| !notes.contains(&ended.session));
        Ok([tickets.len(), over.len(), notes.len()].contains(&FORGOTTEN_TOGETHER))
    }
}
