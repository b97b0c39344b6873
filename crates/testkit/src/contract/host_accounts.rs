//! Promises of [`domain::host::HostAccountStore`].

use super::Stores;
use super::fixtures::{
    NOBODY, assert_conflict, assert_ended, assert_not_found, at, at_once, new_session, new_user,
    origin, person,
};
use domain::admin::{AccountChange, AuditAction, AuditQuery, AuditTarget, Record};
use domain::data::{DataError, DataPatch};
use domain::host::{
    ExternalId, HostAccount, HostPerson, HostSaid, HostUpdate, Issuer, NewHostAccount,
    PictureChange,
};
use domain::ids::UserId;
use domain::limits::DATA_BYTES;
use domain::own_data::{LeftMessages, PendingDeletion};
use domain::user::{AccountRole, Email, NewUser, ProfileChange, UserName};

pub(super) fn of(issuer: &str, subject: &str) -> HostPerson {
    let (issuer, subject) = (Issuer::new(issuer).unwrap(), ExternalId::new(subject).unwrap());
    HostPerson { issuer, subject }
}

fn said(name: &str) -> HostSaid {
    let (name, email) = (name.to_owned(), "anna@example.org".to_owned());
    HostSaid { name, email, is_admin: false, picture: None }
}

pub(super) fn new(person: &HostPerson, user: NewUser) -> NewHostAccount {
    let said = said(user.name.as_str());
    NewHostAccount { person: person.clone(), user, said, records: Vec::new() }
}

fn update(said: HostSaid, change: AccountChange) -> HostUpdate {
    HostUpdate { said: Some(said), change, picture: PictureChange::Stays, records: Vec::new() }
}

fn renamed(name: &str) -> HostUpdate {
    let profile = ProfileChange { name: UserName::new(name).ok(), ..ProfileChange::default() };
    update(said(name), AccountChange { profile, ..AccountChange::default() })
}

pub async fn a_person_of_a_host_has_one_account(stores: &Stores) {
    let anna = of("shop", "17");
    assert_not_found(stores.host_accounts.of_person(&anna).await);
    let user = NewUser { origin: Some(origin()), ..new_user("Anna") };
    let made = stores.host_accounts.add_for(new(&anna, user)).await.unwrap();
    assert_eq!(stores.host_accounts.of_person(&anna).await.unwrap().user, made);
    assert_eq!(stores.users.get(made.id).await.unwrap(), made);
    let log = stores.admin.audit(AuditQuery { limit: 1, ..AuditQuery::default() }).await.unwrap();
    assert_eq!(log.entries[0].record, Record::registered(made.id, origin(), at(0)));
    for other in [of("shop", "1"), of("sho", "p17"), of("SHOP", "17"), of("shop", " 17")] {
        assert_not_found(stores.host_accounts.of_person(&other).await);
    }
}

pub async fn the_same_subject_of_two_issuers_is_two_people(stores: &Stores) {
    let (here, there) = (of("shop", "17"), of("forum", "17"));
    let one = stores.host_accounts.add_for(new(&here, new_user("Anna"))).await.unwrap();
    let other = stores.host_accounts.add_for(new(&there, new_user("Ben"))).await.unwrap();
    assert_eq!(stores.host_accounts.of_person(&here).await.unwrap().user, one);
    assert_eq!(stores.host_accounts.of_person(&there).await.unwrap().user, other);
    assert_ne!(one.id, other.id);
}

pub async fn a_conflict_adds_nothing(stores: &Stores) {
    person(stores, "Anna").await;
    let (one, other) = (of("shop", "17"), of("shop", "18"));
    assert_conflict(stores.host_accounts.add_for(new(&one, new_user("ANNA"))).await);
    assert_not_found(stores.host_accounts.of_person(&one).await);
    let made = stores.host_accounts.add_for(new(&one, new_user("Anna 2"))).await.unwrap();
    assert_conflict(stores.host_accounts.add_for(new(&one, new_user("Anna 3"))).await);
    assert_not_found(stores.users.credentials("anna 3").await);
    assert_eq!(stores.host_accounts.of_person(&one).await.unwrap().user, made);
    stores.host_accounts.add_for(new(&other, new_user("Anna 3"))).await.unwrap();
}

pub async fn several_people_are_looked_up_at_once(stores: &Stores) {
    let mut made = Vec::new();
    for (issuer, subject, name) in
        [("shop", "1", "Anna"), ("shop", "2", "Ben"), ("forum", "3", "Cleo")]
    {
        let new = new(&of(issuer, subject), new_user(name));
        made.push(stores.host_accounts.add_for(new).await.unwrap());
    }
    let shop = of("shop", "1").issuer;
    let ids = ["2", "3", "4", "1", "2"].map(|id| of("shop", id).subject);
    let mut found = stores.host_accounts.of_people(&shop, &ids).await.unwrap();
    found.sort_by_key(|(_, account)| account.user.id);
    for ((subject, account), (nth, name)) in found.iter().zip([(0, "Anna"), (1, "Ben")]) {
        assert_eq!(*subject, made[nth].external_id.clone().unwrap());
        assert_eq!(account.user, made[nth]);
        assert_eq!(account.said, Some(said(name)));
    }
    assert_eq!(found.len(), 2);
    assert_eq!(stores.host_accounts.of_people(&shop, &[]).await.unwrap(), []);
}

pub async fn those_who_are_in_nobodys_way_are_added_together(stores: &Stores) {
    person(stores, "Anna").await;
    let ben = stores.host_accounts.add_for(new(&of("shop", "2"), new_user("Ben"))).await.unwrap();
    let records = vec![Record::new(Some(ben.id), AuditAction::UserAdded, "user".to_owned(), at(7))];
    let wanted = [
        ("1", "ANNA"), // Somebody has the name.
        ("2", "Cleo"), // The person is there.
        ("3", "Cleo"),
        ("4", "cleo"),       // One before it has the name.
        ("3", "Dora"),       // One before it is the person.
        ("5", "\u{410}nna"), // It looks like a name that somebody has.
        ("6", "Dora"),
    ];
    let wanted = wanted.map(|(subject, name)| NewHostAccount {
        records: records.clone(),
        ..new(&of("shop", subject), new_user(name))
    });
    let made = stores.host_accounts.add_each(wanted.to_vec()).await.unwrap();
    let names: Vec<_> =
        made.iter().map(|user| user.as_ref().map(|user| user.name.to_string())).collect();
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(names, [None, None, name("Cleo"), None, None, None, name("Dora")]);
    for (user, subject) in made.iter().flatten().zip(["3", "6"]) {
        let known = stores.host_accounts.of_person(&of("shop", subject)).await.unwrap();
        assert_eq!(known.user, *user);
        assert_eq!(known.said, Some(said(user.name.as_str())));
        let query = AuditQuery { limit: 10, ..AuditQuery::default() };
        let log = stores.admin.audit(query).await.unwrap().entries;
        let lines: Vec<_> =
            log.iter().filter(|line| line.target == AuditTarget::User(user.id)).collect();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].record, records[0]);
    }
    assert_eq!(stores.host_accounts.add_each(Vec::new()).await.unwrap(), []);
}

pub async fn an_address_of_several_who_are_added_signs_one_in(stores: &Stores) {
    let with = |subject: &str, name: &str, email: &str| {
        let email = Email::new(email).unwrap();
        new(&of("shop", subject), NewUser { email, ..new_user(name) })
    };
    let anna = with("1", "Anna", "anna@example.org");
    stores.host_accounts.add_for(anna).await.unwrap();
    let wanted = vec![
        with("2", "Ben", "Anna@example.org"),
        with("3", "Cleo", "cleo@example.org"),
        with("4", "Dora", "CLEO@example.org"),
    ];
    let made = stores.host_accounts.add_each(wanted).await.unwrap();
    let cleo = made[1].as_ref().unwrap().id;
    for (email, name, id) in
        [("anna@example.org", "Anna", None), ("cleo@example.org", "Cleo", Some(cleo))]
    {
        let found = stores.users.credentials_by_email(email).await.unwrap().user;
        assert_eq!(found.name.as_str(), name);
        assert!(id.is_none_or(|id| id == found.id));
    }
    let dora = made[2].as_ref().unwrap().id;
    assert_eq!(stores.users.account(dora).await.unwrap().email.as_str(), "CLEO@example.org");
}

pub async fn of_those_who_add_a_person_at_once_one_does(stores: &Stores) {
    let calls = (0..8).map(|nth| {
        let stores = stores.clone();
        let user = new_user(&format!("Anna {nth}"));
        async move { stores.host_accounts.add_for(new(&of("shop", "17"), user)).await }
    });
    let (made, refused): (Vec<_>, Vec<_>) =
        at_once(calls).await.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 7));
    refused.into_iter().for_each(assert_conflict);
    let found = stores.host_accounts.of_person(&of("shop", "17")).await.unwrap().user;
    assert_eq!(found, made.into_iter().next().unwrap().unwrap());
}

pub async fn what_a_host_says_is_remembered(stores: &Stores) {
    let anna = of("shop", "17");
    assert_not_found(stores.host_accounts.update_for(&anna, renamed("Anna"), at(1)).await);
    let role = Record::new(None, AuditAction::UserRole, "admin, by shop".to_owned(), at(0));
    let user = NewUser { role: AccountRole::Admin, ..new_user("Anna") };
    let first = NewHostAccount { records: vec![role.clone()], ..new(&anna, user) };
    let user = stores.host_accounts.add_for(first).await.unwrap();
    let log = stores.admin.audit(AuditQuery { limit: 1, ..AuditQuery::default() }).await.unwrap();
    assert_eq!(log.entries[0].record, role);
    let known = stores.host_accounts.of_person(&anna).await.unwrap();
    assert_eq!(known, HostAccount { user: user.clone(), said: Some(said("Anna")) });

    let words = HostSaid { email: String::new(), is_admin: true, ..said("Cleo") };
    let silent = update(words.clone(), AccountChange::default());
    let updated = stores.host_accounts.update_for(&anna, silent, at(1)).await.unwrap();
    assert_eq!(updated.account.user, user, "nothing was to change");
    let known = stores.host_accounts.of_person(&anna).await.unwrap();
    assert_eq!(known, HostAccount { user, said: Some(words) });
}

pub async fn an_account_follows_its_host(stores: &Stores) {
    let anna = of("shop", "17");
    let made = stores.host_accounts.add_for(new(&anna, new_user("Anna"))).await.unwrap();
    let role = Record::new(None, AuditAction::UserRole, "admin, by shop".to_owned(), at(1));
    let email = Email::new("cleo@example.org").ok();
    let profile =
        ProfileChange { name: UserName::new("Cleo").ok(), email, ..ProfileChange::default() };
    let change = AccountChange { role: Some(AccountRole::Admin), profile, ..Default::default() };
    let update = HostUpdate { records: vec![role.clone()], ..update(said("Cleo"), change) };
    let updated = stores.host_accounts.update_for(&anna, update, at(1)).await.unwrap();
    assert_eq!(updated.account, stores.users.account(made.id).await.unwrap());
    assert_eq!(updated.account.user.name.as_str(), "Cleo");
    assert_eq!(updated.account.user.role, AccountRole::Admin);
    assert_eq!(updated.account.email.as_str(), "cleo@example.org");
    let log = stores.admin.audit(AuditQuery { limit: 1, ..AuditQuery::default() }).await.unwrap();
    assert_eq!(log.entries[0].record, role);

    person(stores, "Ben").await;
    assert_conflict(stores.host_accounts.update_for(&anna, renamed("BEN"), at(2)).await);
    let known = stores.host_accounts.of_person(&anna).await.unwrap();
    let unchanged = HostAccount { user: updated.account.user, said: Some(said("Cleo")) };
    assert_eq!(known, unchanged, "a conflict changes nothing");
}

pub async fn what_a_host_said_goes_with_the_account(stores: &Stores) {
    let anna = of("shop", "17");
    let made = stores.host_accounts.add_for(new(&anna, new_user("Anna"))).await.unwrap();
    let deletion = PendingDeletion { user: made.id, messages: LeftMessages::Keep, at: at(1) };
    stores.own.begin_deletion(deletion, None).await.unwrap();
    let known = stores.host_accounts.of_person(&anna).await.unwrap();
    assert_eq!((known.user.id, known.said), (made.id, None));
    assert!(known.user.deleted_at.is_some());
    assert_not_found(stores.host_accounts.update_for(&anna, renamed("Anna"), at(2)).await);
}

pub async fn a_host_ends_sessions(stores: &Stores) {
    let anna = of("shop", "17");
    let made = stores.host_accounts.add_for(new(&anna, new_user("Anna"))).await.unwrap();
    let [first, second] = [1, 2].map(|seed| new_session(made.id, seed));
    let kept = stores.sessions.open(new_session(person(stores, "Ben").await.id, 3)).await.unwrap();
    let first = stores.sessions.open(first).await.unwrap();
    let second = stores.sessions.open(second).await.unwrap();
    let change = AccountChange { end_sessions: true, ..AccountChange::default() };
    let line = Record::new(None, AuditAction::UserSessions, "by shop".to_owned(), at(1));
    let log_out = HostUpdate {
        said: None,
        change,
        picture: PictureChange::Stays,
        records: vec![line.clone()],
    };
    stores.host_accounts.update_for(&anna, log_out, at(1)).await.unwrap();
    for session in [first, second] {
        assert_ended(stores, session.id, 1).await;
    }
    stores.sessions.get(kept.id, at(1)).await.unwrap();
    let known = stores.host_accounts.of_person(&anna).await.unwrap();
    assert_eq!(known.said, Some(said("Anna")), "it said nothing else");
    let log = stores.admin.audit(AuditQuery { limit: 1, ..AuditQuery::default() }).await.unwrap();
    assert_eq!(log.entries[0].record, line);
}

pub async fn people_have_data_of_their_host(stores: &Stores) {
    let shop = |user| stores.host_accounts.data_of(user, Issuer::new("shop"));
    let any = |user| stores.host_accounts.data_of(user, None);
    let patch = |json: &str| DataPatch::parse(json).unwrap();
    let anna = stores.host_accounts.add_for(new(&of("shop", "17"), new_user("Anna"))).await;
    let ben = stores.host_accounts.add_for(new(&of("forum", "17"), new_user("Ben"))).await;
    let (anna, ben) = (anna.unwrap().id, ben.unwrap().id);
    assert_eq!(shop(anna).await.unwrap(), None);
    let nobody = UserId::stored(NOBODY);
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(DATA_BYTES - 8));
    let patches = vec![
        (anna, patch(r#"{"plan":"free","n":1}"#)),
        (ben, patch("{}")),
        (nobody, patch("{}")),
        (anna, patch(&long)),
        (anna, patch(r#"{"plan":"paid","n":null}"#)),
        (anna, patch(r#"{"plan":"paid"}"#)),
    ];
    let patched = stores.host_accounts.patch_data(patches).await.unwrap();
    let long = Err(DataError::TooLong);
    assert_eq!(patched, [Ok(true), Ok(true), Ok(false), long, Ok(true), Ok(false)]);
    let paid = super::data::data(r#"{"plan":"paid"}"#);
    assert_eq!((shop(anna).await.unwrap(), any(anna).await.unwrap()), (paid.clone(), paid));
    let empty = super::data::data("{}");
    assert_eq!((shop(ben).await.unwrap(), any(ben).await.unwrap()), (None, empty));
    assert_eq!(any(nobody).await.unwrap(), None);
    let (messages, at) = (LeftMessages::Keep, at(9));
    stores.own.begin_deletion(PendingDeletion { user: anna, messages, at }, None).await.unwrap();
    assert_eq!(any(anna).await.unwrap(), None, "it goes with the account");
    let late = stores.host_accounts.patch_data(vec![(anna, patch("{}"))]).await.unwrap();
    assert_eq!((late, any(anna).await.unwrap()), (vec![Ok(false)], None));
}
