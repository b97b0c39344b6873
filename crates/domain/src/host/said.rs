//! What a host says of a person, and what changes here when it says something else.

use super::{HostIdentity, HostPerson, PictureAddress, PictureChange};
use crate::admin::{AccountChange, AuditAction, Record};
use crate::clock::Timestamp;
use crate::user::{AccountRole, Email, NewUser, ProfileChange, ReservedNames, User, UserName};

/// What a host said of a person, as far as it may be used here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSaid {
    /// Their name; empty if there was none, or it breaks a rule or is reserved.
    pub name: String,
    /// Their e-mail address; empty if there was none, or it breaks a rule.
    pub email: String,
    /// Whether they are an admin.
    pub is_admin: bool,
    /// Their picture, if one was ever named.
    pub picture: Option<PictureAddress>,
}

/// The account of a person of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostAccount {
    /// The account, disabled, deleted or neither.
    pub user: User,
    /// What their host said last. `None` if that is not known, or the account was deleted.
    pub said: Option<HostSaid>,
}

/// An account to be made for a person who was never seen before.
#[derive(Debug, Clone)]
pub struct NewHostAccount {
    /// Whose it is.
    pub person: HostPerson,
    /// The account.
    pub user: NewUser,
    /// What their host says.
    pub said: HostSaid,
    /// Lines of the audit log besides that about the registration.
    pub records: Vec<Record>,
}

/// What becomes of an account whose host says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostUpdate {
    /// What it says, if anything.
    pub said: Option<HostSaid>,
    /// What of it is new, and is to become of the account.
    pub change: AccountChange,
    /// What becomes of the account's picture.
    pub picture: PictureChange,
    /// Lines of the audit log about that.
    pub records: Vec<Record>,
}

impl HostIdentity {
    /// The name that the host gives, if it may be one here.
    pub(super) fn good_name(&self, reserved: &ReservedNames) -> Option<UserName> {
        let said = self.name.as_deref().and_then(|name| UserName::new(name).ok());
        said.filter(|name| !reserved.contains(name))
    }

    /// What this says, to be remembered. What it is silent about stays as it was said `before`.
    pub fn said(&self, reserved: &ReservedNames, before: Option<&HostSaid>) -> HostSaid {
        let name = self.good_name(reserved).map(|name| name.as_str().to_owned());
        let email = Some(self.wanted_email().as_str().to_owned()).filter(|said| !said.is_empty());
        let or_before = |said: Option<String>, was: fn(&HostSaid) -> &String| {
            said.or_else(|| before.map(|before| was(before).clone())).unwrap_or_default()
        };
        HostSaid {
            name: or_before(name, |before| &before.name),
            email: or_before(email, |before| &before.email),
            is_admin: self.is_admin.unwrap_or_else(|| before.is_some_and(|before| before.is_admin)),
            picture: self.picture.clone().or_else(|| before?.picture.clone()),
        }
    }

    /// The role of a new account.
    pub fn wanted_role(&self) -> AccountRole {
        if self.is_admin == Some(true) { AccountRole::Admin } else { AccountRole::User }
    }

    /// What becomes of an account that there is, `None` if nothing does. Names and addresses follow what the
    /// host changes, so that what its owner or an admin changed here stays until then. Who has an admin's role
    /// at the host is an admin; who had it and has it no more is none.
    pub fn update(
        &self,
        known: &HostAccount,
        reserved: &ReservedNames,
        now: Timestamp,
    ) -> Option<HostUpdate> {
        let before = known.said.as_ref();
        let said = self.said(reserved, before);
        let was_admin = before.is_some_and(|before| before.is_admin);
        let role = match (self.is_admin, known.user.role) {
            (Some(true), AccountRole::Admin) => None,
            (Some(true), _) => Some(AccountRole::Admin),
            (Some(false), AccountRole::Admin) if was_admin => Some(AccountRole::User),
            _ => None,
        };
        let renamed = before.is_some_and(|before| before.name != said.name);
        let moved = before.is_some_and(|before| before.email != said.email);
        let profile = ProfileChange {
            name: self.good_name(reserved).filter(|_| renamed),
            email: moved.then(|| self.wanted_email()),
            ..ProfileChange::default()
        };
        let picture = before.and_then(|before| before.picture.as_ref());
        let picture = PictureChange::between(picture, said.picture.as_ref());
        let change = AccountChange { role, profile, ..AccountChange::default() };
        let records: Vec<_> = role.map(|role| self.role_set(role, now)).into_iter().collect();
        let is_new = before != Some(&said) || change != AccountChange::default();
        // An earlier version did not write down what the account's owner is called.
        let is_new = is_new || known.user.external_id.is_none();
        is_new.then_some(HostUpdate { said: Some(said), change, picture, records })
    }

    /// The line of the audit log about a role that the host gives or takes. Nobody here did it.
    pub fn role_set(&self, role: AccountRole, at: Timestamp) -> Record {
        let detail = format!("{role}, by {}", self.person.issuer.as_str());
        Record::new(None, AuditAction::UserRole, detail, at)
    }
}

impl HostUpdate {
    /// The same with another name, or with none.
    #[must_use]
    pub fn named(mut self, name: Option<UserName>) -> Self {
        self.change.profile.name = name;
        self
    }

    /// The address that the account is to have, if it is to have another.
    pub fn email(&self) -> Option<&Email> {
        self.change.profile.email.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{ExternalId, Issuer};
    use crate::ids::UserId;
    use crate::user::Profile;

    const NOW: Timestamp = Timestamp::from_micros(0);

    fn says(name: Option<&str>, email: Option<&str>, is_admin: Option<bool>) -> HostIdentity {
        let (issuer, subject) = (Issuer::new("shop").unwrap(), ExternalId::new("17").unwrap());
        let [name, email] = [name, email].map(|said| said.map(str::to_owned));
        let person = HostPerson { issuer, subject };
        HostIdentity { person, name, email, is_admin, picture: None, session: None }
    }

    fn known(role: AccountRole, said: Option<HostSaid>) -> HostAccount {
        let user = User {
            id: UserId::stored(1),
            name: UserName::new("Chosen here").unwrap(),
            role,
            profile: Profile::default(),
            active: true,
            created_at: NOW,
            last_seen_at: None,
            deleted_at: None,
            external_id: ExternalId::new("17"),
        };
        HostAccount { user, said }
    }

    fn said(name: &str, email: &str, is_admin: bool) -> HostSaid {
        HostSaid { name: name.to_owned(), email: email.to_owned(), is_admin, picture: None }
    }

    type Followed = (Option<String>, Option<String>, Option<AccountRole>, HostSaid);

    /// The name, the address and the role that follow, and what is remembered.
    fn follows(now: &HostIdentity, known: &HostAccount) -> Option<Followed> {
        let HostUpdate { said, change, picture, records } =
            now.update(known, &ReservedNames::default(), NOW)?;
        assert_eq!(records.len(), usize::from(change.role.is_some()), "roles are in the log");
        assert_eq!(picture, PictureChange::Stays);
        let name = change.profile.name.map(|name| name.to_string());
        let email = change.profile.email.map(|email| email.as_str().to_owned());
        Some((name, email, change.role, said?))
    }

    #[test]
    fn what_an_earlier_version_left_out_is_written_down() {
        let (now, before) = (says(Some("Ada"), None, None), said("Ada", "", false));
        let mut known = known(AccountRole::User, Some(before.clone()));
        assert_eq!(follows(&now, &known), None);
        known.user.external_id = None;
        assert_eq!(follows(&now, &known), Some((None, None, None, before)));
    }

    #[test]
    fn names_and_addresses_follow_what_is_said_anew() {
        let before = || Some(said("Ada", "a@x.org", false));
        let some = |text: &str| Some(text.to_owned());
        let user = AccountRole::User;
        for (now, before, expected) in [
            (says(Some("Ada"), Some("a@x.org"), None), before(), None),
            (says(None, None, None), before(), None),
            (says(Some(" "), Some("no address"), None), before(), None),
            (
                says(Some("Bea"), Some("a@x.org"), None),
                before(),
                Some((some("Bea"), None, None, said("Bea", "a@x.org", false))),
            ),
            (
                says(None, Some("b@x.org"), None),
                before(),
                Some((None, some("b@x.org"), None, said("Ada", "b@x.org", false))),
            ),
            (
                says(Some("Bea"), None, None),
                Some(said("", "", false)),
                Some((some("Bea"), None, None, said("Bea", "", false))),
            ),
            // Of an account that is older than the memory, what is said is the beginning.
            (
                says(Some("Bea"), Some("b@x.org"), None),
                None,
                Some((None, None, None, said("Bea", "b@x.org", false))),
            ),
        ] {
            assert_eq!(follows(&now, &known(user, before.clone())), expected, "{now:?} {before:?}");
        }
    }

    #[test]
    fn a_picture_that_is_not_named_stays() {
        let named = |name: Option<&str>| name.map(|name| PictureAddress::stored(name.to_owned()));
        for (was, is, expected) in [
            (None, None, None),
            (None, Some("a"), Some((PictureChange::Named, Some("a")))),
            (Some("a"), Some("a"), None),
            (Some("a"), None, None),
            (Some("a"), Some("b"), Some((PictureChange::Renamed, Some("b")))),
        ] {
            let before = HostSaid { picture: named(was), ..said("Ada", "", false) };
            let now = HostIdentity { picture: named(is), ..says(Some("Ada"), None, None) };
            let known = known(AccountRole::User, Some(before));
            let update = now.update(&known, &ReservedNames::default(), NOW);
            let update = update.map(|update| (update.picture, update.said.unwrap().picture));
            let expected = expected.map(|(change, picture)| (change, named(picture)));
            assert_eq!(update, expected, "{was:?} {is:?}");
        }
    }

    #[test]
    fn a_host_takes_only_the_role_that_it_gave() {
        let (user, admin) = (AccountRole::User, AccountRole::Admin);
        for (role, was, is, expected) in [
            (user, false, Some(false), None),
            (user, false, Some(true), Some(admin)),
            (admin, true, Some(true), None),
            (user, true, Some(true), Some(admin)),
            (admin, true, Some(false), Some(user)),
            (admin, false, Some(false), None),
            (admin, true, None, None),
            (user, false, None, None),
        ] {
            let now = says(Some("Ada"), None, is);
            let update = follows(&now, &known(role, Some(said("Ada", "", was))));
            let given = update.as_ref().and_then(|(_, _, role, _)| *role);
            assert_eq!(given, expected, "{role:?} {was} {is:?}");
            if let Some((.., remembered)) = update {
                assert_eq!(remembered.is_admin, is.unwrap_or(was));
            }
        }
    }
}
