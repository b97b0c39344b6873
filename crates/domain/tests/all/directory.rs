//! Who can find whom, and which rooms, as stated in `docs/directory.md`.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use domain::admin::{AccountUpdate, Actor};
use domain::chat::{ChatRole, PermissionsUpdate, PutProject};
use domain::directory::{Finding, Policy, Tie, Wanted};
use domain::failure::Kind;
use domain::ids::{ChatId, UserId};
use domain::media::Avatar;
use domain::message::Send;
use domain::service_key::{AddKey, Scope, ServiceKey};
use domain::session::{Caller, SessionPolicy};
use domain::user::{AccountRole, RoleName, UpdateProfile};
use futures_executor::block_on;
use std::fmt::Debug;
use testkit::world::{World, refusal, refused_fields};

const HIDING: [Finding; 2] = [Finding::Shared, Finding::Nobody];

/// The table in `docs/directory.md`.
fn table() -> String {
    let close = |tie: Option<Tie>| match tie {
        Some(Tie::None) => "everybody",
        Some(Tie::Met) => "who is in a chat of mine, or was",
        Some(Tie::Shares) => "who is in a chat of mine",
        None => "nobody",
    };
    let words: Vec<_> =
        Finding::ALL.iter().map(|finding| format!("`{}`", finding.as_str())).collect();
    let mut table = format!("| | {} |\n|---|{}\n", words.join(" | "), "---|".repeat(words.len()));
    for (name, wanted) in [
        ("lists of people, and searches for them", Wanted::Listing),
        ("who an id is: profile, picture, whom to block or ban", Wanted::Profile),
        ("contact: opening a direct chat, bringing into a group", Wanted::Contact),
    ] {
        let cells = Finding::ALL.map(|finding| close(finding.needs(wanted)));
        table += &format!("| {name} | {} |\n", cells.join(" | "));
    }
    let rooms = |finding: Finding| if finding.finds_rooms() { "all" } else { "those I am in" };
    table += &format!("| rooms and open groups | {} |\n", Finding::ALL.map(rooms).join(" | "));
    table
}

#[test]
fn the_rule_is_as_the_table_says() {
    let page = include_str!("../../../../docs/directory.md");
    assert!(page.contains(&table()), "docs/directory.md must hold this table:\n{}", table());
}

#[test]
fn a_policy_names_roles_and_admins_find_everybody() {
    let role = |word| RoleName::new(word).map(AccountRole::Named).unwrap();
    let (seller, guest) = (role("seller"), role("guest"));
    let policy = Policy::new(Finding::Shared, vec![(seller, Finding::Everybody)]);
    assert_eq!(policy.of(AccountRole::User), Finding::Shared);
    assert_eq!(policy.of(guest), Finding::Shared);
    assert_eq!(policy.of(seller), Finding::Everybody);
    assert_eq!(policy.of(AccountRole::Admin), Finding::Everybody);
    assert!(!policy.hides_nothing());
    let policy = Policy::new(Finding::Everybody, vec![(guest, Finding::Nobody)]);
    assert!(!policy.hides_nothing(), "guests are hidden from");
    let policy = Policy::new(Finding::Nobody, vec![(AccountRole::Admin, Finding::Shared)]);
    assert_eq!(policy.of(AccountRole::Admin), Finding::Shared);
    assert!(Policy::default().hides_nothing());
    for finding in Finding::ALL {
        assert_eq!(Finding::parse(finding.as_str()), Some(finding));
    }
    assert_eq!(Finding::parse("all"), None);
}

fn hiding(finding: Finding) -> World {
    World::with_directory(SessionPolicy::default(), Policy::new(finding, Vec::new()))
}

/// Eve, who shares a chat with Ben and once shared one with Cleo, and Dora, a stranger.
struct Scene {
    world: World,
    eve: Caller,
    ben: Caller,
    cleo: Caller,
    dora: Caller,
    chat: ChatId,
}

async fn scene(finding: Finding) -> Scene {
    let world = hiding(finding);
    let [eve, ben, cleo, dora] = [
        world.person("Eve").await,
        world.person("Ben").await,
        world.person("Cleo").await,
        world.person("Dora").await,
    ];
    let chat = project(&world, &[&eve, &ben, &cleo]).await;
    world.say(&cleo, chat, "I wrote this").await;
    project(&world, &[&eve, &ben]).await;
    Scene { world, eve, ben, cleo, dora, chat }
}

/// The host's chat with these people.
async fn project(world: &World, people: &[&Caller]) -> ChatId {
    let members: Vec<_> = people.iter().map(|caller| caller.user).collect();
    let project = domain::ids::ProjectId::stored(7);
    let (title, owner) = ("Order 7", None);
    let (data, permissions) = (None, PermissionsUpdate::default());
    let wanted = PutProject { project, title, members: &members, owner, data, permissions };
    let host = Caller { role: AccountRole::Admin, ..people[0].clone() };
    world.chats.put_project(&host, wanted).await.unwrap().0.id
}

/// An id that nobody has.
const NOBODY: UserId = UserId::stored(999_999);

/// Both answers are refusals, and the same one.
fn same<T: Debug, E: Into<domain::failure::Failure>>(hidden: Result<T, E>, unknown: Result<T, E>) {
    let [hidden, unknown] = [hidden, unknown].map(|answer| answer.map_err(Into::into).unwrap_err());
    assert_eq!(
        (hidden.kind, hidden.code, &hidden.detail),
        (unknown.kind, unknown.code, &unknown.detail)
    );
    assert_eq!(format!("{:?}", hidden.fields), format!("{:?}", unknown.fields));
}

#[test]
fn lists_show_whom_one_finds() {
    block_on(async {
        for finding in Finding::ALL {
            let Scene { world, eve, ben, cleo, dora, .. } = scene(finding).await;
            let find = async |typed| {
                let page = world.users.find(&eve, typed, None, 10).await.unwrap();
                assert_eq!(page.next, None);
                page.users.iter().map(|user| user.id).collect::<Vec<_>>()
            };
            let (all, named) = match finding {
                Finding::Everybody => {
                    (vec![eve.user, ben.user, cleo.user, dora.user], vec![dora.user])
                }
                Finding::Shared => (vec![eve.user, ben.user], vec![]),
                Finding::Nobody => (vec![], vec![]),
            };
            assert_eq!(find("").await, all, "{finding:?}");
            assert_eq!(find("dora").await, named, "{finding:?}");
            let long = world.users.find(&eve, &"x".repeat(201), None, 10).await;
            assert_eq!(refused_fields(long), [("q", "too_long")], "{finding:?}");
        }
    });
}

#[test]
fn who_is_hidden_is_unknown() {
    block_on(async {
        for finding in HIDING {
            let Scene { world, eve, ben, cleo, dora, chat } = scene(finding).await;
            let (users, chats) = (&world.users, &world.chats);
            for known in [eve.user, ben.user, cleo.user] {
                assert_eq!(users.profile(&eve, known).await.unwrap().id, known);
                world.media.avatar(Some(&eve), known).await.unwrap();
            }
            same(users.profile(&eve, dora.user).await, users.profile(&eve, NOBODY).await);
            let media = &world.media;
            same(media.avatar(Some(&eve), dora.user).await, media.avatar(Some(&eve), NOBODY).await);
            let nothing = UpdateProfile::default();
            same(
                users.update_profile_of(&eve, dora.user, nothing).await,
                users.update_profile_of(&eve, NOBODY, nothing).await,
            );
            // Cleo is known by what she wrote, and is as far as that.
            for hidden in [cleo.user, dora.user] {
                same(chats.open_direct(&eve, hidden).await, chats.open_direct(&eve, NOBODY).await);
                same(
                    chats.create_group(&eve, "Group", &[ben.user, hidden]).await,
                    chats.create_group(&eve, "Group", &[ben.user, NOBODY]).await,
                );
                let group = chats.create_group(&eve, "Group", &[ben.user]).await.unwrap().chat.id;
                let set = async |user| chats.set_member(&eve, group, user, ChatRole::Member).await;
                same(set(hidden).await, set(NOBODY).await);
                let set = async |user| chats.set_member(&ben, group, user, ChatRole::Member).await;
                same(set(hidden).await, set(NOBODY).await);
                let to = async |user| {
                    let send = Send { to: Some(user), ..Send::new(chat, "psst") };
                    world.messages.send(&eve, send).await
                };
                same(to(hidden).await, to(NOBODY).await);
            }
            assert_eq!(
                users.contacts(&eve, &[ben.user, cleo.user, NOBODY]).await.unwrap().len(),
                1
            );
            let group = chats.create_group(&eve, "Group", &[ben.user]).await.unwrap().chat.id;
            let ban = async |user| chats.ban(&eve, (group, user), None, None).await;
            same(ban(dora.user).await, ban(NOBODY).await);
            ban(cleo.user).await.unwrap();
            chats.lift_ban(&eve, group, cleo.user).await.unwrap();
            let block = async |user| world.blocks.block(&eve, user).await;
            same(block(dora.user).await, block(NOBODY).await);
            block(cleo.user).await.unwrap();
            chats.open_direct(&eve, eve.user).await.expect("one's notes");
            chats.open_direct(&eve, ben.user).await.expect("who shares a chat");
        }
    });
}

#[test]
fn without_a_viewer_everybody_looks_alike() {
    block_on(async {
        let Scene { world, dora, .. } = scene(Finding::Shared).await;
        assert!(world.media.avatars_need_viewer());
        let shown = async |user| world.media.avatar(None, user).await.unwrap();
        for user in [dora.user, NOBODY] {
            let Avatar::Default(made) = shown(user).await else { panic!("nothing is told") };
            assert_eq!(made.initials, "?");
        }
        let open = World::default();
        assert!(!open.media.avatars_need_viewer());
        let missing = open.media.avatar(None, NOBODY).await;
        assert_eq!(refusal(missing), (Kind::NotFound, "user_not_found"));
    });
}

#[test]
fn rooms_are_found_by_who_is_in_them() {
    block_on(async {
        for finding in HIDING {
            let Scene { world, eve, dora, .. } = scene(finding).await;
            let chats = &world.chats;
            let host = Caller { role: AccountRole::Admin, ..dora.clone() };
            let (hall, made) = chats.enter_room(&host, "hall").await.unwrap();
            let hall = hall.chat.id;
            assert!(made, "admins find everybody, so they make rooms");
            let said = world.say(&dora, hall, "among us").await;
            assert_eq!(chats.rooms(&eve, None, 10).await.unwrap().rooms, []);
            same(chats.enter_room(&eve, "hall").await, chats.enter_room(&eve, "nowhere").await);
            same(
                chats.enter_common_room(&eve, "hall").await,
                chats.enter_common_room(&eve, "nowhere").await,
            );
            let unknown = ChatId::stored(999_999);
            let joined = chats.join(&eve, hall).await;
            assert_eq!(format!("{joined:?}"), format!("{:?}", chats.join(&eve, unknown).await));
            assert!(joined.is_err());
            same(chats.outline_for(&eve, hall).await, chats.outline_for(&eve, unknown).await);
            let named = |name| domain::chat::RoomName::new(name).unwrap();
            same(
                chats.find_room(&eve, &named("hall")).await,
                chats.find_room(&eve, &named("nowhere")).await,
            );
            let messages = &world.messages;
            assert_eq!(messages.overheard(&eve, hall, None, 5).await.unwrap(), (vec![], false));
            let nothing = domain::ids::MessageId::stored(999_999);
            same(
                messages.find_overheard(&eve, said.id).await,
                messages.find_overheard(&eve, nothing).await,
            );
            assert!(chats.last_said(&eve, &[hall]).await.unwrap().is_empty());
            // Dora is in it.
            assert_eq!(chats.rooms(&dora, None, 10).await.unwrap().rooms.len(), 1);
            assert!(!chats.enter_room(&dora, "Hall").await.unwrap().1);
            chats.join(&dora, hall).await.unwrap();
            assert_eq!(chats.find_room(&dora, &named("hall")).await.unwrap(), hall);
            assert_eq!(messages.find_overheard(&dora, said.id).await.unwrap(), said);
        }
    });
}

async fn key(world: &World) -> ServiceKey {
    let scopes = "people:read, chats:write, act_as";
    let wanted = AddKey { name: "Shop", scopes, issuer: "https://shop.example", rate: None };
    world.service_keys.add(Actor::OPERATOR, wanted).await.unwrap().key
}

#[test]
fn a_key_is_above_the_directory_unless_it_acts_as_somebody() {
    block_on(async {
        let Scene { world, eve, dora, .. } = scene(Finding::Nobody).await;
        let key = key(&world).await;
        let call = async |act_as| {
            world.service_keys.admit(&key, Scope::PeopleRead.into(), act_as).await.unwrap()
        };
        let itself = call(None).await;
        assert_eq!(world.users.finding(&itself), Finding::Everybody);
        assert_eq!(world.users.find(&itself, "dora", None, 9).await.unwrap().users.len(), 1);
        world.chats.open_direct(&itself, dora.user).await.unwrap();
        let as_eve = call(Some(domain::host::Reference::Id(eve.user))).await;
        assert_eq!(world.users.finding(&as_eve), Finding::Nobody);
        assert!(world.users.profile(&as_eve, dora.user).await.is_err());
    });
}

#[test]
fn a_role_finds_what_its_policy_says() {
    block_on(async {
        let seller = AccountRole::Named(RoleName::new("seller").unwrap());
        let policy = Policy::new(Finding::Nobody, vec![(seller, Finding::Everybody)]);
        let world = World::with_directory(SessionPolicy::default(), policy);
        let (eve, dora) = (world.register("Eve").await, world.person("Dora").await);
        let caller = async || world.sessions.authenticate(&eve.access_token).await.unwrap();
        assert!(world.users.profile(&caller().await, dora.user).await.is_err());
        for role in ["seller", "admin"] {
            let update = AccountUpdate { role: Some(role), ..AccountUpdate::default() };
            world.admin.update_user(Actor::OPERATOR, eve.user.id, update).await.unwrap();
            world.users.profile(&caller().await, dora.user).await.expect("it is at once");
        }
        let needed = domain::second_factor::SecondFactorState::Needed;
        let mut weak = caller().await;
        weak.proof.second_factor = needed;
        assert_eq!(world.users.finding(&weak), Finding::Nobody, "an admin by a password alone");
    });
}
