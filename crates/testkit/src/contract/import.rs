//! Promises of [`domain::import::ImportStore`].

use super::Stores;
use super::data::data;
use super::fixtures::{
    NOBODY, assert_conflict, assert_not_found, at, new_user, people, person, say, text, title,
};
use domain::chat::{ChatKey, ChatKind, ChatRole, Description, Pair};
use domain::host::{ExternalId, HostPerson, Issuer};
use domain::ids::{ChatId, MessageId, Seq, UserId, Version};
use domain::import::{Imported, Misplaced, OfHost, OldChat, OldMember, OldMessage, OldUser};
use domain::message::{MessageKind, Page};
use domain::user::{AccountRole, Bio, Email, PasswordHash, PersonName, ProfileChange, UserName};

fn old_user(id: i64, name: &str) -> OldUser {
    OldUser {
        id: UserId::stored(id),
        name: UserName::new(name).unwrap(),
        password: PasswordHash::stored(format!("hash of {name}")),
        role: AccountRole::Admin,
        profile: ProfileChange {
            name: None,
            first_name: Some(PersonName::new("First").unwrap()),
            last_name: None,
            bio: Some(Bio::new("A life").unwrap()),
            email: Some(Email::new("old@example.org").unwrap()),
        },
        created_at: at(-5_000),
        last_seen_at: Some(at(-100)),
        host: OfHost::default(),
    }
}

fn old_chat(id: i64, kind: ChatKind, key: Option<ChatKey>, people: &[UserId]) -> OldChat {
    let roles = people.iter().map(|user| (*user, ChatRole::Member)).collect();
    OldChat {
        id: ChatId::stored(id),
        kind,
        key,
        title: (kind == ChatKind::Group).then(|| title("Old friends")),
        description: Description::new("Since long ago").unwrap(),
        open: kind == ChatKind::Group,
        people: roles,
        created_at: at(-4_000),
        host: OfHost::default(),
    }
}

fn old_message(id: i64, chat: ChatId, author: UserId, said: &str) -> OldMessage {
    OldMessage::new(MessageId::stored(id), chat, author, text(said), at(-3_000 + id))
}

pub async fn an_old_account_keeps_its_id(stores: &Stores) {
    assert!(stores.import.add_user(old_user(500, "Olga")).await.unwrap());
    let account = stores.users.account(UserId::stored(500)).await.unwrap();
    assert_eq!((account.user.id.get(), account.user.created_at), (500, at(-5_000)));
    assert_eq!(account.user.profile.bio.as_str(), "A life");
    assert_eq!(account.email.as_str(), "old@example.org");
    assert_eq!(account.user.last_seen_at, Some(at(-100)));
    let known = stores.users.credentials("olga").await.unwrap();
    assert_eq!(known.password.as_str(), "hash of Olga");
    let renamed = OldUser { name: UserName::new("Other").unwrap(), ..old_user(500, "Olga") };
    assert!(!stores.import.add_user(renamed).await.unwrap(), "it stays as it is");
    assert_eq!(stores.users.account(UserId::stored(500)).await.unwrap(), account);
    assert_conflict(stores.import.add_user(old_user(501, "OLGA")).await);
    let next = stores.users.add(new_user("Nina")).await.unwrap();
    assert!(next.id.get() > 500, "who comes later has a higher id");
}

pub async fn an_old_chat_keeps_its_id(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let key = Some(ChatKey::Direct(Pair::new(anna, ben)));
    let direct = || old_chat(700, ChatKind::Direct, key.clone(), &[anna, ben]);
    assert!(stores.import.add_chat(direct()).await.unwrap());
    assert!(!stores.import.add_chat(direct()).await.unwrap());
    let again = OldChat { id: ChatId::stored(701), ..direct() };
    assert_conflict(stores.import.add_chat(again).await);
    let (found, made) = stores.chats.open_direct(Pair::new(ben, anna), at(1)).await.unwrap();
    assert_eq!((found.id.get(), found.created_at, made), (700, at(-4_000), false));
    let group = old_chat(800, ChatKind::Group, None, &[anna]);
    assert!(stores.import.add_chat(group).await.unwrap());
    let view = stores.chats.view(ChatId::stored(800), anna).await.unwrap();
    assert_eq!((view.chat.description.as_str(), view.member_count), ("Since long ago", 1));
    assert!(view.chat.open);
    let nobody = old_chat(900, ChatKind::Group, None, &[UserId::stored(NOBODY)]);
    assert_not_found(stores.import.add_chat(nobody).await);
    let (next, _) = stores.chats.open_direct(Pair::new(anna, anna), at(1)).await.unwrap();
    assert!(next.id.get() > 800);
}

pub async fn old_members_come_in_once(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let mut group = old_chat(800, ChatKind::Group, None, &[anna]);
    group.people[0].1 = ChatRole::Owner;
    stores.import.add_chat(group).await.unwrap();
    let chat = ChatId::stored(800);
    let member = |user, role| OldMember { chat, user, role, joined_at: at(-2_000) };
    assert!(stores.import.add_member(member(ben, ChatRole::Admin)).await.unwrap());
    assert!(!stores.import.add_member(member(ben, ChatRole::Member)).await.unwrap());
    assert_conflict(stores.import.add_member(member(cleo, ChatRole::Owner)).await);
    assert_not_found(
        stores.import.add_member(member(UserId::stored(NOBODY), ChatRole::Member)).await,
    );
    let nowhere = OldMember { chat: ChatId::stored(NOBODY), ..member(cleo, ChatRole::Member) };
    assert_not_found(stores.import.add_member(nowhere).await);
    let page = stores.members.list(chat, None, 10).await.unwrap();
    let ben = &page.members[1];
    assert_eq!(
        (ben.role, ben.joined_at, ben.version),
        (ChatRole::Admin, at(-2_000), Version::stored(2))
    );
    let view = stores.chats.view(chat, ben.user.id).await.unwrap();
    assert_eq!((view.member_count, view.version), (2, Version::stored(2)));
    let key = Some(ChatKey::Direct(Pair::new(anna, cleo)));
    let direct = old_chat(801, ChatKind::Direct, key, &[anna, cleo]);
    stores.import.add_chat(direct).await.unwrap();
    let third = OldMember { chat: ChatId::stored(801), ..member(ben.user.id, ChatRole::Member) };
    assert_conflict(stores.import.add_member(third).await);
}

pub async fn old_messages_are_numbered_as_they_come(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let stranger = person(stores, "Cleo").await.id;
    let chat = ChatId::stored(800);
    stores.import.add_chat(old_chat(800, ChatKind::Group, None, &[anna, ben])).await.unwrap();
    stores.import.add_chat(old_chat(801, ChatKind::Group, None, &[anna])).await.unwrap();
    let edited = OldMessage {
        edited_at: Some(at(-1)),
        reply_to: Some(MessageId::stored(900)),
        ..old_message(905, chat, ben, "And you")
    };
    let together = vec![
        old_message(900, chat, anna, "Hello"),
        old_message(700, ChatId::stored(801), anna, "Elsewhere"),
        edited.clone(),
        old_message(905, chat, ben, "The same again"),
        old_message(904, chat, anna, "Late"),
        old_message(700, chat, anna, "Elsewhere already"),
        old_message(906, chat, stranger, "x"),
        old_message(907, ChatId::stored(999), anna, "Nowhere"),
    ];
    let became = stores.import.add_messages(together).await.unwrap();
    let (added, late) = (Ok(Imported::Added), Err(Misplaced::OutOfOrder));
    let (there, nowhere) = (Ok(Imported::There), Err(Misplaced::NoAuthor));
    assert_eq!(became, [added, added, added, there, late, late, nowhere, nowhere]);
    let later = vec![
        edited,
        old_message(903, chat, anna, "Late"),
        old_message(905, ChatId::stored(801), anna, "x"),
    ];
    assert_eq!(stores.import.add_messages(later).await.unwrap(), [there, late, late]);
    assert_eq!(stores.import.add_messages(Vec::new()).await.unwrap(), []);
    let elsewhere = stores.messages.page(ChatId::stored(801), Page::Latest, 10).await.unwrap();
    assert_eq!(elsewhere.messages.iter().map(|m| m.seq).collect::<Vec<_>>(), [Seq::stored(1)]);
    let page = stores.messages.page(chat, Page::Latest, 10).await.unwrap().messages;
    let numbers: Vec<_> = page.iter().map(|m| (m.id.get(), m.seq, m.version.get())).collect();
    assert_eq!(numbers, [(900, Seq::stored(1), 2), (905, Seq::stored(2), 3)]);
    assert_eq!((page[1].created_at, page[1].edited_at), (at(-3_000 + 905), Some(at(-1))));
    assert_eq!(page[1].reply_to, Some(page[0].id));
    let view = stores.chats.view(chat, anna).await.unwrap();
    assert_eq!((view.unread_count, view.active_at), (1, at(-3_000 + 905)));
    let next = say(stores, chat, anna, "Now").await;
    assert!(next.id.get() > 905);
    assert_eq!(next.seq, Seq::stored(3));
}

fn of_host(id: &str, json: &str) -> OfHost {
    let external = Some((Issuer::new("shop").unwrap(), ExternalId::new(id).unwrap()));
    OfHost { external, data: data(json) }
}

pub async fn what_is_a_hosts_comes_with_its_data(stores: &Stores) {
    let of_olga = of_host("17", r#"{"plan":"gold"}"#);
    let olga = OldUser { host: of_olga.clone(), ..old_user(500, "Olga") };
    assert!(stores.import.add_user(olga).await.unwrap());
    let olga = UserId::stored(500);
    let issuer = Issuer::new("shop").unwrap();
    let subject = ExternalId::new("17").unwrap();
    let known =
        stores.host_accounts.of_person(&HostPerson { issuer: issuer.clone(), subject }).await;
    let known = known.unwrap();
    assert_eq!((known.user.id, known.said), (olga, None), "it said nothing yet");
    assert_eq!(known.user.external_id, ExternalId::new("17"));
    let kept = stores.host_accounts.data_of(olga, Some(issuer)).await.unwrap();
    assert_eq!(kept, of_olga.data);
    let other = OldUser { host: of_olga, ..old_user(501, "Other") };
    assert_conflict(stores.import.add_user(other).await);

    let of_chat = of_host("order-7", r#"{"state":"sold"}"#);
    let chat = OldChat { host: of_chat.clone(), ..old_chat(700, ChatKind::Group, None, &[olga]) };
    assert!(stores.import.add_chat(chat.clone()).await.unwrap());
    let view = stores.chats.view(ChatId::stored(700), olga).await.unwrap().chat;
    assert_eq!((view.external_id, view.data), (ExternalId::new("order-7"), of_chat.data));
    let again = OldChat { id: ChatId::stored(701), ..chat };
    assert_conflict(stores.import.add_chat(again).await);

    let card = OldMessage {
        kind: MessageKind::App,
        data: data(r#"{"city":"Lisbon"}"#),
        ..old_message(900, ChatId::stored(700), olga, "Order 7")
    };
    let added = stores.import.add_messages(vec![card.clone()]).await.unwrap();
    assert_eq!(added, [Ok(Imported::Added)]);
    let stored = stores.messages.get(MessageId::stored(900)).await.unwrap();
    assert_eq!((stored.kind, stored.data), (MessageKind::App, card.data));
}
