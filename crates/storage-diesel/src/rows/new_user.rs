//! Accounts to insert.

use crate::schema::users;
use crate::types::Instant;
use diesel::prelude::Insertable;
use domain::host::HostPerson;
use domain::user::NewUser;

/// An account to insert, without its id.
#[derive(Debug, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(crate) struct NewUserRow {
    name: String,
    name_folded: String,
    lookalike_lower: String,
    lookalike_upper: String,
    first_name: String,
    last_name: String,
    bio: String,
    email: String,
    login_email: Option<String>,
    searched: String,
    password_hash: String,
    role: String,
    active: bool,
    created_at: Instant,
    external_issuer: Option<String>,
    external_id: Option<String>,
}

impl NewUserRow {
    /// The row of an account, which may belong to a host's person, and may sign in by an e-mail address.
    pub(crate) fn new(
        user: &NewUser,
        person: Option<&HostPerson>,
        login_email: Option<String>,
    ) -> Self {
        let keys = user.name.lookalike_keys();
        Self {
            name: user.name.as_str().to_owned(),
            name_folded: user.name.folded().to_owned(),
            lookalike_lower: keys.lower,
            lookalike_upper: keys.upper,
            first_name: user.profile.first_name.as_str().to_owned(),
            last_name: user.profile.last_name.as_str().to_owned(),
            bio: user.profile.bio.as_str().to_owned(),
            email: user.email.as_str().to_owned(),
            login_email,
            searched: user.profile.searched(&user.name),
            password_hash: user.password.as_str().to_owned(),
            role: user.role.as_str().to_owned(),
            active: true,
            created_at: Instant(user.created_at),
            external_issuer: person.map(|person| person.issuer.as_str().to_owned()),
            external_id: person.map(|person| person.subject.as_str().to_owned()),
        }
    }
}
