//! Accounts of people of hosts.

use super::{Conn, Store, users as accounts};
use crate::error::Failure;
use crate::rows::UserRow;
use crate::schema::{host_accounts, users};
use async_trait::async_trait;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use domain::failure::StoreError;
use domain::host::{HostAccountStore, HostPerson};
use domain::user::{Lookalikes, NewUser, User};

#[async_trait]
impl HostAccountStore for Store {
    async fn of_person(&self, person: &HostPerson) -> Result<User, StoreError> {
        let person = person.clone();
        Ok(self.db.read(move |conn| Box::pin(of_person(conn, person))).await?)
    }

    async fn add_for(&self, person: HostPerson, user: NewUser) -> Result<User, StoreError> {
        let rule = self.lookalikes;
        Ok(self.db.write_apart(move |conn| Box::pin(add_for(conn, person, (user, rule)))).await?)
    }
}

async fn of_person(conn: &mut Conn, person: HostPerson) -> Result<User, Failure> {
    let issued = host_accounts::issuer.eq(person.issuer.as_str().to_owned());
    let about = host_accounts::subject.eq(person.subject.as_str().to_owned());
    let account = host_accounts::table.filter(issued.and(about)).select(host_accounts::user_id);
    let id = account.first::<i64>(conn).await?;
    let row = users::table.filter(users::id.eq(id)).select(UserRow::as_select());
    row.first(conn).await?.try_into()
}

/// The key of the table decides between two at once, and whatever it refuses takes the account back.
async fn add_for(
    conn: &mut Conn,
    person: HostPerson,
    (user, rule): (NewUser, Lookalikes),
) -> Result<User, Failure> {
    let made = accounts::add(conn, user, rule).await?;
    let values = (
        host_accounts::issuer.eq(person.issuer.as_str()),
        host_accounts::subject.eq(person.subject.as_str()),
        host_accounts::user_id.eq(made.id.get()),
    );
    diesel::insert_into(host_accounts::table).values(values).execute(conn).await?;
    Ok(made)
}
