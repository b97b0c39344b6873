//! Accounts of people of hosts.

use super::{Conn, Store, admin, audit, users as accounts};
use crate::error::Failure;
use crate::rows::UserRow;
use crate::schema::{host_accounts, users};
use async_trait::async_trait;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use domain::admin::Updated;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::host::{
    HostAccount, HostAccountStore, HostPerson, HostSaid, HostUpdate, NewHostAccount,
};
use domain::user::{Lookalikes, User};

#[async_trait]
impl HostAccountStore for Store {
    async fn of_person(&self, person: &HostPerson) -> Result<HostAccount, StoreError> {
        let person = person.clone();
        Ok(self.db.read(move |conn| Box::pin(of_person(conn, person))).await?)
    }

    async fn add_for(&self, new: NewHostAccount) -> Result<User, StoreError> {
        let rule = self.lookalikes;
        Ok(self.db.write_apart(move |conn| Box::pin(add_for(conn, new, rule))).await?)
    }

    async fn update_for(
        &self,
        person: &HostPerson,
        update: HostUpdate,
        now: Timestamp,
    ) -> Result<Updated, StoreError> {
        let (person, rule) = (person.clone(), self.lookalikes);
        let update =
            self.db.write(move |conn| Box::pin(update_for(conn, person, (update, rule), now)));
        Ok(update.await?)
    }
}

/// Whose account it is, and what was said of them.
type Row = (i64, Option<String>, Option<String>, Option<bool>);

async fn row(conn: &mut Conn, person: &HostPerson) -> Result<Row, Failure> {
    let issued = host_accounts::issuer.eq(person.issuer.as_str().to_owned());
    let about = host_accounts::subject.eq(person.subject.as_str().to_owned());
    let columns = (
        host_accounts::user_id,
        host_accounts::said_name,
        host_accounts::said_email,
        host_accounts::said_admin,
    );
    Ok(host_accounts::table.filter(issued.and(about)).select(columns).first(conn).await?)
}

async fn of_person(conn: &mut Conn, person: HostPerson) -> Result<HostAccount, Failure> {
    let (id, name, email, is_admin) = row(conn, &person).await?;
    let user = users::table.filter(users::id.eq(id)).select(UserRow::as_select());
    let user = user.first(conn).await?.try_into()?;
    let said = || Some(HostSaid { name: name?, email: email?, is_admin: is_admin? });
    Ok(HostAccount { user, said: said() })
}

/// The key of the table decides between two at once, and whatever it refuses takes the account back.
async fn add_for(
    conn: &mut Conn,
    NewHostAccount { person, user, said, records }: NewHostAccount,
    rule: Lookalikes,
) -> Result<User, Failure> {
    let made = accounts::add(conn, user, Some(&person), rule).await?;
    let values = (
        host_accounts::issuer.eq(person.issuer.as_str()),
        host_accounts::subject.eq(person.subject.as_str()),
        host_accounts::user_id.eq(made.id.get()),
        host_accounts::said_name.eq(said.name),
        host_accounts::said_email.eq(said.email),
        host_accounts::said_admin.eq(said.is_admin),
    );
    diesel::insert_into(host_accounts::table).values(values).execute(conn).await?;
    for record in &records {
        audit::write(conn, made.id.get(), record).await?;
    }
    Ok(made)
}

async fn update_for(
    conn: &mut Conn,
    person: HostPerson,
    (HostUpdate { said, change, records }, rule): (HostUpdate, Lookalikes),
    now: Timestamp,
) -> Result<Updated, Failure> {
    // Whose a row is never changes, so the account is locked first, as everywhere.
    let (id, ..) = row(conn, &person).await?;
    let mut updated = admin::update_user(conn, id, (change, rule), now).await?;
    let user = &mut updated.account.user;
    // It was made by an earlier version, while this one was being rolled out.
    if user.external_id.is_none() {
        let named = (
            users::external_issuer.eq(person.issuer.as_str()),
            users::external_id.eq(person.subject.as_str()),
        );
        diesel::update(users::table.filter(users::id.eq(id))).set(named).execute(conn).await?;
        user.external_id = Some(person.subject.clone());
    }
    if let Some(said) = said {
        let values = (
            host_accounts::said_name.eq(said.name),
            host_accounts::said_email.eq(said.email),
            host_accounts::said_admin.eq(said.is_admin),
        );
        let theirs = host_accounts::table.filter(host_accounts::user_id.eq(id));
        diesel::update(theirs).set(values).execute(conn).await?;
    }
    for record in &records {
        audit::write(conn, id, record).await?;
    }
    Ok(updated)
}

/// Forgets what a host said of somebody. That it is their account stays.
pub(super) async fn forget_said(conn: &mut Conn, user: i64) -> Result<(), Failure> {
    let nothing = (
        host_accounts::said_name.eq(None::<String>),
        host_accounts::said_email.eq(None::<String>),
        host_accounts::said_admin.eq(None::<bool>),
    );
    let theirs = host_accounts::table.filter(host_accounts::user_id.eq(user));
    diesel::update(theirs).set(nothing).execute(conn).await?;
    Ok(())
}
