//! Accounts of people of hosts.

use super::columns::Columns;
use super::external_ids::{are_of, texts};
use super::{Conn, Store, admin, audit, host_data, host_pictures, names, users as accounts};
use crate::batch::Batch;
use crate::error::Failure;
use crate::rows::UserRow;
use crate::schema::{host_accounts, users};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::admin::{Record, Updated};
use domain::clock::Timestamp;
use domain::data::{Data, DataError, DataPatch};
use domain::failure::StoreError;
use domain::host::{
    ExternalId, HostAccount, HostAccountStore, HostPerson, HostSaid, HostUpdate, Issuer,
    NewHostAccount, PictureAddress,
};
use domain::ids::UserId;
use domain::user::{Lookalikes, User};
use std::collections::HashSet;

#[async_trait]
impl HostAccountStore for Store {
    async fn of_person(&self, person: &HostPerson) -> Result<HostAccount, StoreError> {
        let person = person.clone();
        Ok(self.db.read(move |conn| Box::pin(of_person(conn, person))).await?)
    }

    async fn of_people(
        &self,
        issuer: &Issuer,
        ids: &[ExternalId],
    ) -> Result<Vec<(ExternalId, HostAccount)>, StoreError> {
        let (issuer, ids) = (issuer.clone(), ids.to_vec());
        Ok(self.db.read(move |conn| Box::pin(of_people(conn, issuer, ids))).await?)
    }

    async fn add_each(&self, new: Vec<NewHostAccount>) -> Result<Vec<Option<User>>, StoreError> {
        let (rule, all) = (self.lookalikes, new.clone());
        let added = self.db.write_apart(move |conn| Box::pin(add_each(conn, all, rule))).await;
        match added.map_err(StoreError::from) {
            Err(StoreError::Conflict) => {}
            added => return added,
        }
        // Somebody else took what was free before.
        let mut outcomes = Vec::with_capacity(new.len());
        for new in new {
            outcomes.push(match self.add_for(new).await {
                Err(StoreError::Conflict) => None,
                added => Some(added?),
            });
        }
        Ok(outcomes)
    }

    async fn add_for(&self, new: NewHostAccount) -> Result<User, StoreError> {
        let rule = self.lookalikes;
        Ok(self.db.write_apart(move |conn| Box::pin(add_for(conn, new, rule))).await?)
    }

    async fn patch_data(
        &self,
        patches: Vec<(UserId, DataPatch)>,
    ) -> Result<Vec<Result<bool, DataError>>, StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(host_data::patch(conn, patches))).await?)
    }

    async fn data_of(
        &self,
        user: UserId,
        issuer: Option<Issuer>,
    ) -> Result<Option<Data>, StoreError> {
        Ok(self.db.read(move |conn| Box::pin(host_data::of(conn, user, issuer))).await?)
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

/// What was said of somebody.
type Said = (Option<String>, Option<String>, Option<bool>, Option<String>);

/// Whose an account is, to be inserted.
#[derive(Insertable)]
#[diesel(table_name = host_accounts, treat_none_as_default_value = false)]
struct NewRow {
    issuer: String,
    subject: String,
    user_id: i64,
    said_name: String,
    said_email: String,
    said_admin: bool,
    said_picture: Option<String>,
    picture_due: Option<Instant>,
}

impl NewRow {
    fn new(user: &User, NewHostAccount { person, said, .. }: &NewHostAccount) -> Self {
        let picture = said.picture.as_ref();
        Self {
            issuer: person.issuer.as_str().to_owned(),
            subject: person.subject.as_str().to_owned(),
            user_id: user.id.get(),
            said_name: said.name.clone(),
            said_email: said.email.clone(),
            said_admin: said.is_admin,
            said_picture: picture.map(|picture| picture.as_str().to_owned()),
            picture_due: picture.map(|_| Instant(user.created_at)),
        }
    }
}

/// Whose account it is.
async fn account_of(conn: &mut Conn, person: &HostPerson) -> Result<i64, Failure> {
    let issued = host_accounts::issuer.eq(person.issuer.as_str().to_owned());
    let about = host_accounts::subject.eq(person.subject.as_str().to_owned());
    let account = host_accounts::table.filter(issued.and(about)).select(host_accounts::user_id);
    Ok(account.first(conn).await?)
}

async fn of_person(conn: &mut Conn, person: HostPerson) -> Result<HostAccount, Failure> {
    let known = of_people(conn, person.issuer, vec![person.subject]).await?.pop();
    known.map(|(_, account)| account).ok_or(Failure::NOT_FOUND)
}

/// The key of the table decides between two at once, and whatever it refuses takes the account back.
async fn add_for(conn: &mut Conn, new: NewHostAccount, rule: Lookalikes) -> Result<User, Failure> {
    let made = add_each(conn, vec![new], rule).await?.pop();
    made.flatten().ok_or(Failure::CONFLICT)
}

async fn of_people(
    conn: &mut Conn,
    issuer: Issuer,
    ids: Vec<ExternalId>,
) -> Result<Vec<(ExternalId, HostAccount)>, Failure> {
    let columns = (
        host_accounts::subject,
        (
            host_accounts::said_name,
            host_accounts::said_email,
            host_accounts::said_admin,
            host_accounts::said_picture,
        ),
        UserRow::as_select(),
    );
    let rows = host_accounts::table
        .inner_join(users::table.on(users::id.eq(host_accounts::user_id)))
        .filter(are_of(&issuer, texts(&ids)))
        .select(columns)
        .load::<(String, Said, UserRow)>(conn)
        .await?;
    let account = |(subject, said, user): (String, Said, UserRow)| {
        let account = HostAccount { user: user.try_into()?, said: read(said) };
        Ok((ExternalId::stored(subject), account))
    };
    rows.into_iter().map(account).collect()
}

fn read((name, email, is_admin, picture): Said) -> Option<HostSaid> {
    let picture = picture.map(PictureAddress::stored);
    Some(HostSaid { name: name?, email: email?, is_admin: is_admin?, picture })
}

/// Adds those that are in nobody's way, all by one statement for each table.
async fn add_each(
    conn: &mut Conn,
    new: Vec<NewHostAccount>,
    rule: Lookalikes,
) -> Result<Vec<Option<User>>, Failure> {
    let [one, ..] = new.as_slice() else { return Ok(Vec::new()) };
    let issuer = one.person.issuer.clone();
    let names: Vec<_> = new.iter().map(|new| &new.user.name).collect();
    let mut names = names::taken(conn, &names, rule).await?;
    let subjects: Vec<_> = new.iter().map(|new| new.person.subject.clone()).collect();
    let known = of_people(conn, issuer, subjects).await?;
    let mut known: HashSet<_> = known.into_iter().map(|(subject, _)| subject).collect();
    let mut free = Vec::with_capacity(new.len());
    let mut added = Vec::new();
    for new in new {
        let is_free = names.allow(&new.user.name) && known.insert(new.person.subject.clone());
        if is_free {
            names.add(new.user.name.clone());
            added.push(new);
        }
        free.push(is_free);
    }
    let mut made = insert(conn, &added).await?.into_iter();
    Ok(free.into_iter().map(|is_free| if is_free { made.next() } else { None }).collect())
}

/// Inserts accounts, whose they are, and the lines of the log.
async fn insert(conn: &mut Conn, new: &[NewHostAccount]) -> Result<Vec<User>, Failure> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let made = accounts::add_many(conn, new).await?;
    let theirs = made.iter().zip(new).map(|(user, new)| NewRow::new(user, new)).collect();
    diesel::insert_into(host_accounts::table).values(Batch(theirs)).execute(conn).await?;
    let lines = made.iter().zip(new);
    let lines = lines.flat_map(|(user, new)| new.records.iter().map(|line| (user.id.get(), line)));
    audit::write_changes(conn, lines.collect()).await?;
    for (user, new) in made.iter().zip(new) {
        if let Some(origin) = &new.user.origin {
            let line = Record::registered(user.id, origin.clone(), new.user.created_at);
            audit::write(conn, user.id.get(), &line).await?;
        }
    }
    Ok(made)
}

async fn update_for(
    conn: &mut Conn,
    person: HostPerson,
    (HostUpdate { said, change, picture, records }, rule): (HostUpdate, Lookalikes),
    now: Timestamp,
) -> Result<Updated, Failure> {
    // That never changes, so the account is locked first, as everywhere.
    let id = account_of(conn, &person).await?;
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
            host_accounts::said_picture.eq(said.picture.as_ref().map(PictureAddress::as_str)),
        );
        let theirs = host_accounts::table.filter(host_accounts::user_id.eq(id));
        diesel::update(theirs).set(values).execute(conn).await?;
    }
    host_pictures::change(conn, id, picture, now).await?;
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
        host_accounts::said_picture.eq(None::<String>),
        host_accounts::picture_due.eq(None::<Instant>),
    );
    let theirs = host_accounts::table.filter(host_accounts::user_id.eq(user));
    diesel::update(theirs).set(nothing).execute(conn).await?;
    Ok(())
}
