//! Bringing in people of a host: each gets an account at first sight, which follows what the host says later.

use super::{
    BringInError, Brought, BroughtIn, Entry, ExternalId, HostAccount, HostAccountStore,
    HostIdentity, HostPerson, HostSays, HostUpdate, Issuer, NewHostAccount, Secrets,
};
use crate::admin::{AuditAction, Record};
use crate::clock::Clock;
use crate::event::{Audience, Event, EventBody, EventBus};
use crate::failure::StoreError;
use crate::ids::UserId;
use crate::internet::Reach;
use crate::limits;
use crate::session::{Caller, hex};
use crate::user::{
    AccountRole, AddUserError, Email, HashError, HashOrigin, NewUser, Password, PasswordHash,
    PasswordHasher, ReservedNames, User, UserName, UserStore, number_of_name,
};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

/// What bringing people in stands on.
pub struct HostPeoplePorts {
    /// Which account is whose.
    pub accounts: Arc<dyn HostAccountStore>,
    /// Who signs in by which address.
    pub users: Arc<dyn UserStore>,
    /// Passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// What names are numbered by, and what a password is that nobody knows.
    pub secrets: Arc<dyn Secrets>,
    /// Who is told of names and roles that change.
    pub bus: Arc<dyn EventBus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The use cases of a host's people.
pub struct HostPeople {
    pub(super) ports: HostPeoplePorts,
    reserved: ReservedNames,
    pictures: Reach,
    /// The hash of a password that nobody knows.
    nobody: OnceLock<PasswordHash>,
}

/// The account of the key that calls as itself, and whose people it brings in.
fn key_of(caller: &Caller) -> Result<(UserId, &Issuer), BringInError> {
    caller.key_issuer().map(|issuer| (caller.user, issuer)).ok_or(BringInError::NoKey)
}

impl HostPeople {
    /// Over the given ports. Nobody is given one of the reserved names. `pictures` says which addresses of pictures a
    /// backend may name.
    pub fn new(ports: HostPeoplePorts, reserved: ReservedNames, pictures: Reach) -> Self {
        Self { ports, reserved, pictures, nobody: OnceLock::new() }
    }

    /// The account of somebody, disabled, deleted or neither, if there ever was one.
    pub(crate) async fn known(
        &self,
        person: &HostPerson,
    ) -> Result<Option<HostAccount>, StoreError> {
        match self.ports.accounts.of_person(person).await {
            Ok(known) => Ok(Some(known)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the account of somebody who is new, if they still are. If somebody has the name, or one that looks
    /// like it, a number is put behind it.
    pub(crate) async fn add(
        &self,
        identity: &HostIdentity,
        entry: &Entry,
    ) -> Result<HostAccount, BringInError> {
        let new = self.new_account(identity, entry).await?;
        for attempt in 1..=limits::FREE_NAME_ATTEMPTS {
            let new = self.numbered(&new, attempt);
            let said = Some(new.said.clone());
            match self.ports.accounts.add_for(new).await {
                Ok(user) => return Ok(HostAccount { user, said }),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
            // The person came twice at once, or somebody has the name.
            if let Some(known) = self.known(&identity.person).await? {
                return Ok(known);
            }
        }
        Err(AddUserError::NameTaken.into())
    }

    /// Brings an account up to date with what its host says anew; see [`HostIdentity::update`]. `NotFound` if it
    /// was deleted.
    pub(crate) async fn follow(
        &self,
        identity: &HostIdentity,
        known: HostAccount,
    ) -> Result<BroughtIn, StoreError> {
        let now = self.ports.clock.now();
        let Some(mut update) = identity.update(&known, &self.reserved, now) else {
            return Ok(BroughtIn { user: known.user, what: Brought::Unchanged });
        };
        if let Some(folded) = update.email().and_then(Email::folded) {
            match self.ports.users.credentials_by_email(&folded).await {
                // Somebody else signs in by it.
                Ok(other) if other.user.id != known.user.id => update.change.profile.email = None,
                Ok(_) | Err(StoreError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        let user = match update.change.profile.name.clone() {
            Some(wanted) => self.rename(&identity.person, update, &wanted).await?,
            None => self.update(&identity.person, update).await?,
        };
        Ok(BroughtIn { user, what: Brought::Changed })
    }

    /// Brings in several people of a key's issuer, and answers for each in their order. Who is there twice becomes
    /// what is said last.
    ///
    /// # Errors
    /// None of them is in, or the database failed. Then some may be in, and all of it may be said again.
    pub async fn bring_in(
        &self,
        caller: &Caller,
        said: &[HostSays],
    ) -> Result<Vec<Result<BroughtIn, BringInError>>, BringInError> {
        let (key, issuer) = key_of(caller)?;
        if said.len() > limits::HOST_PEOPLE_LINES {
            return Err(BringInError::TooMany);
        }
        let mut outcomes = Vec::with_capacity(said.len());
        for said in said.chunks(limits::HOST_PEOPLE_TOGETHER) {
            let mut together = self.bring_in_together(issuer, said, key).await?;
            self.keep_data(said, &mut together).await?;
            outcomes.append(&mut together);
        }
        Ok(outcomes)
    }

    /// The same of one.
    pub async fn bring_in_one(
        &self,
        caller: &Caller,
        said: &HostSays,
    ) -> Result<BroughtIn, BringInError> {
        let (key, issuer) = key_of(caller)?;
        let identity = said.checked(issuer, (&self.reserved, self.pictures))?;
        let mut outcome = [self.bring_one(&identity, None, &Entry::Key(key)).await];
        self.keep_data(std::slice::from_ref(said), &mut outcome).await?;
        let [outcome] = outcome;
        outcome
    }

    async fn bring_in_together(
        &self,
        issuer: &Issuer,
        said: &[HostSays],
        key: UserId,
    ) -> Result<Vec<Result<BroughtIn, BringInError>>, StoreError> {
        let entry = Entry::Key(key);
        let ids: Vec<_> = said.iter().map(|said| said.id.clone()).collect();
        let known = self.ports.accounts.of_people(issuer, &ids).await?;
        let mut known: HashMap<_, _> = known.into_iter().collect();
        let checked: Vec<_> =
            said.iter().map(|said| said.checked(issuer, (&self.reserved, self.pictures))).collect();
        let good = checked.iter().enumerate();
        let good = good.filter_map(|(nth, checked)| Some((nth, checked.as_ref().ok()?)));
        let mut added = self.add_unknown(good, &known, &entry).await?;
        let mut outcomes = Vec::with_capacity(said.len());
        for (nth, checked) in checked.into_iter().enumerate() {
            let outcome = match (added.remove(&nth), checked) {
                (Some(user), _) => Ok(BroughtIn { user, what: Brought::Added }),
                (None, Err(why)) => Err(why.into()),
                (None, Ok(identity)) => {
                    let known = known.remove(&identity.person.subject);
                    self.bring_one(&identity, known, &entry).await
                }
            };
            outcomes.push(match outcome {
                Err(BringInError::Store(error)) => return Err(error),
                outcome => outcome,
            });
        }
        Ok(outcomes)
    }

    /// Makes the accounts of those who are not known, together; by their places among all. Whoever is left over
    /// comes later, one by one.
    async fn add_unknown<'a>(
        &self,
        identities: impl Iterator<Item = (usize, &'a HostIdentity)>,
        known: &HashMap<ExternalId, HostAccount>,
        entry: &Entry,
    ) -> Result<HashMap<usize, User>, StoreError> {
        let mut seen = HashSet::new();
        let (mut waiting, mut added) = (Vec::new(), HashMap::new());
        for (nth, identity) in identities {
            let subject = &identity.person.subject;
            if !known.contains_key(subject) && seen.insert(subject) {
                match self.new_account(identity, entry).await {
                    Ok(new) => waiting.push((nth, new)),
                    // Whoever is left over learns it again.
                    Err(_) => return Ok(added),
                }
            }
        }
        for attempt in 1..=limits::FREE_NAME_ATTEMPTS {
            if waiting.is_empty() {
                break;
            }
            let new: Vec<_> = waiting.iter().map(|(_, new)| self.numbered(new, attempt)).collect();
            let made = self.ports.accounts.add_each(new).await?;
            let mut refused = Vec::new();
            for ((nth, new), made) in waiting.into_iter().zip(made) {
                match made {
                    Some(user) => drop(added.insert(nth, user)),
                    None => refused.push((nth, new)),
                }
            }
            waiting = refused;
        }
        Ok(added)
    }

    async fn bring_one(
        &self,
        identity: &HostIdentity,
        known: Option<HostAccount>,
        entry: &Entry,
    ) -> Result<BroughtIn, BringInError> {
        let known = match known {
            Some(known) => Some(known),
            None => self.known(&identity.person).await?,
        };
        let Some(known) = known else {
            let HostAccount { user, .. } = self.add(identity, entry).await?;
            return Ok(BroughtIn { user, what: Brought::Added });
        };
        if known.user.deleted_at.is_some() {
            return Err(BringInError::Deleted);
        }
        match self.follow(identity, known).await {
            // It went since it was looked up.
            Err(StoreError::NotFound) => Err(BringInError::Deleted),
            followed => Ok(followed?),
        }
    }

    async fn new_account(
        &self,
        identity: &HostIdentity,
        entry: &Entry,
    ) -> Result<NewHostAccount, HashError> {
        let (now, role) = (self.ports.clock.now(), identity.wanted_role());
        let wanted = identity.wanted_name(&self.reserved);
        let (origin, address, added) = match entry {
            Entry::Person(origin) => {
                (Some(origin.clone()), HashOrigin::Address(origin.address), None)
            }
            Entry::Key(key) => {
                let line = Record::new(Some(*key), AuditAction::UserAdded, role.to_string(), now);
                (None, HashOrigin::Account(*key), Some(line))
            }
        };
        let user = NewUser {
            role,
            email: identity.wanted_email(),
            origin,
            ..NewUser::named(wanted.clone(), self.unknown_password(&wanted, address).await?, now)
        };
        let is_admin = role == AccountRole::Admin;
        let by_host = is_admin.then(|| identity.role_set(role, now));
        Ok(NewHostAccount {
            person: identity.person.clone(),
            user,
            said: identity.said(&self.reserved, None),
            records: added.into_iter().chain(by_host).collect(),
        })
    }

    /// The same with the name of that attempt.
    fn numbered(&self, new: &NewHostAccount, attempt: u32) -> NewHostAccount {
        let name = self.name(&new.person, &new.user.name, attempt);
        NewHostAccount { user: NewUser { name, ..new.user.clone() }, ..new.clone() }
    }

    /// Where the number is not counted up, it follows from who it is.
    fn name(&self, person: &HostPerson, wanted: &UserName, attempt: u32) -> UserName {
        let told = [person.issuer.as_str(), "\0", person.subject.as_str(), "\0"].concat();
        let told = [b"host name\0", told.as_bytes(), &attempt.to_be_bytes()].concat();
        wanted.numbered(number_of_name(attempt, || self.ports.secrets.digest(&told)))
    }

    async fn rename(
        &self,
        person: &HostPerson,
        update: HostUpdate,
        wanted: &UserName,
    ) -> Result<User, StoreError> {
        for attempt in 1..=limits::FREE_NAME_ATTEMPTS {
            let name = self.name(person, wanted, attempt);
            match self.update(person, update.clone().named(Some(name))).await {
                Err(StoreError::Conflict) => {}
                done => return done,
            }
        }
        self.update(person, update.named(None)).await
    }

    async fn update(&self, person: &HostPerson, update: HostUpdate) -> Result<User, StoreError> {
        let now = self.ports.clock.now();
        let updated = self.ports.accounts.update_for(person, update, now).await?;
        for member in updated.members {
            let audience = Audience::Members(member.chat);
            self.ports.bus.publish(Event { audience, body: EventBody::MemberUpdated(member) });
        }
        Ok(updated.account.user)
    }

    /// The hash of random bytes that are forgotten, so that no password is right, and a wrong one takes as long
    /// as anybody's. One does for all.
    async fn unknown_password(
        &self,
        name: &UserName,
        from: HashOrigin,
    ) -> Result<PasswordHash, HashError> {
        if let Some(nobody) = self.nobody.get() {
            return Ok(nobody.clone());
        }
        let typed = hex(&self.ports.secrets.random());
        let password = Password::new(&typed, name).map_err(|_| HashError::Failed)?;
        let hash = self.ports.hasher.hash(password, from).await?;
        Ok(self.nobody.get_or_init(|| hash).clone())
    }
}
