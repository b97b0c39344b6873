//! A host's people come by the thousand into tables that PostgreSQL has not counted yet.

use crate::common::{at, postgres};
use crate::{gone, rows_read};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::host::{ExternalId, HostPerson, HostSaid, Issuer, NewHostAccount};
use domain::limits::HOST_PEOPLE_TOGETHER;
use domain::user::{Email, NewUser, PasswordHash, UserName};

const BATCHES: usize = 30;
/// Rows of a table that are read for each person: their own when they are there, to see that nobody else has what is
/// theirs, and for the keys that lead to it. A look at everybody would read 1,500 for each batch and person in it.
const READ_EACH: usize = 6;

/// A plan that was made for few rows is kept while they become many.
pub(crate) async fn come_by_few_reads() {
    let database = postgres().await;
    let accounts = &database.storage.host_accounts;
    let issuer = Issuer::new("shop").unwrap();
    for batch in 0..BATCHES {
        let new: Vec<_> = (0..HOST_PEOPLE_TOGETHER).map(|nth| new(&issuer, batch, nth)).collect();
        let ids: Vec<_> = new.iter().map(|new| new.person.subject.clone()).collect();
        assert_eq!(accounts.of_people(&issuer, &ids).await.unwrap().len(), 0);
        let added = accounts.add_each(new).await.unwrap();
        assert!(added.iter().all(Option::is_some));
        assert_eq!(accounts.of_people(&issuer, &ids).await.unwrap().len(), ids.len());
    }
    let mut conn = AsyncPgConnection::establish(&database.url).await.unwrap();
    database.storage.close().await;
    gone(&mut conn, "true").await;
    let read = rows_read(&mut conn).await;
    let most = i64::try_from(BATCHES * HOST_PEOPLE_TOGETHER * READ_EACH).unwrap();
    for table in ["users", "host_accounts"] {
        assert!((1..=most).contains(&read[table]), "{read:?}");
    }
}

fn new(issuer: &Issuer, batch: usize, nth: usize) -> NewHostAccount {
    let name = UserName::new(&format!("Person {batch} {nth}")).unwrap();
    let (said, hash) = (name.as_str().to_owned(), PasswordHash::stored("hash".into()));
    let (issuer, subject) = (issuer.clone(), ExternalId::new(&said).unwrap());
    let email = Email::new(&format!("p{batch}.{nth}@example.org")).unwrap();
    NewHostAccount {
        person: HostPerson { issuer, subject },
        said: HostSaid { name: said, email: String::new(), is_admin: false, picture: None },
        records: Vec::new(),
        user: NewUser { email, ..NewUser::named(name, hash, at(0)) },
    }
}
