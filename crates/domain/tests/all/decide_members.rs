//! The decisions about members and settings of a chat, as tables: who asks, about whom, and the result.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use crate::decide::{CHAT, ME, NOW, OTHER, actor, word};
use domain::chat::{
    Ban, BanFacts, BanRefusal, ChangeSettings, ChatRole, DeleteChat, JoinFacts, JoinRefusal,
    Joining, LiftBan, LiftBanFacts, MemberChange, NewBan, NewGroup, Permissions, PermissionsUpdate,
    RemoveMember, RemoveMemberFacts, SetMember, SetMemberFacts, SettingsRefusal, Target, Title,
    Wishes,
};
use domain::clock::Timestamp;
use domain::ids::UserId;
use domain::limits::SLOW_MODE_MAX;
use domain::text::TextError;
use domain::user::{AccountRole, UserSummary};
use std::time::Duration;

/// `+role` for somebody who joins, `=role` for a changed role, `me=role` for the actor's, `-` for somebody
/// who leaves.
fn changes(changes: Vec<MemberChange>) -> String {
    let word = |change| match change {
        MemberChange::Join { user: OTHER, role } => format!("+{}", role.as_str()),
        MemberChange::SetRole { user: OTHER, role } => format!("={}", role.as_str()),
        MemberChange::SetRole { user: ME, role } => format!("me={}", role.as_str()),
        MemberChange::Leave { user: OTHER, freely: false } => "-".to_owned(),
        MemberChange::Leave { user: ME, freely: true } => "me-".to_owned(),
        other => format!("{other:?}"),
    };
    changes.into_iter().map(word).collect::<Vec<_>>().join(" ")
}

fn role(word: &str) -> Option<ChatRole> {
    ChatRole::parse(word)
}

#[test]
fn removing() {
    let columns = ["oneself", "nobody", "member", "admin", "owner"];
    for (name, expected) in [
        ("stranger", ["ChatNotFound"; 5]),
        ("direct", ["Direct"; 5]),
        ("whisper", ["Whispers"; 5]),
        ("project member", ["Project"; 5]),
        ("project owner", ["Project"; 5]),
        ("group member", ["me-", "NotAMember", "NotAllowed", "NotAllowed", "NotAllowed"]),
        ("group admin", ["me-", "NotAMember", "-", "NotAllowed", "NotAllowed"]),
        ("group owner", ["OwnerLeaves", "NotAMember", "-", "-", "NotAllowed"]),
        ("room member", ["me-", "NotAMember", "NotAllowed", "NotAllowed", "NotAllowed"]),
        ("room admin", ["me-", "NotAMember", "-", "NotAllowed", "NotAllowed"]),
        ("room owner", ["me-", "NotAMember", "-", "-", "NotAllowed"]),
    ] {
        for (column, expected) in columns.into_iter().zip(expected) {
            let user = if column == "oneself" { ME } else { OTHER };
            let wanted = RemoveMember { chat: CHAT, actor: ME.into(), user, at: NOW };
            let facts = RemoveMemberFacts { actor: actor(name), target: role(column) };
            assert_eq!(word(wanted.decide(facts), changes), expected, "{name}, {column}");
        }
    }
}

/// What comes of setting somebody who is `was` in the chat to each role, as `name`.
fn set(name: &str, was: &str) -> [String; 3] {
    ["member", "admin", "owner"].map(|wanted| {
        let role_wanted = role(wanted).unwrap();
        let (capacity, at) = (10, NOW);
        let set = SetMember {
            chat: CHAT,
            actor: ME.into(),
            user: OTHER,
            role: role_wanted,
            capacity,
            at,
        };
        let target = Target { exists: true, role: role(was) };
        let (ban, wishes) = (None, Wishes::default());
        let facts =
            SetMemberFacts { actor: actor(name), target, members: 3, ban, wishes, owner: None };
        word(set.decide(facts), changes)
    })
}

#[test]
fn setting_members() {
    const NO: &str = "NotAllowed";
    for name in ["stranger", ""] {
        assert_eq!(set(name, "member"), ["ChatNotFound"; 3]);
    }
    for name in ["direct", "whisper", "group member", "room member", "room admin"] {
        assert_eq!(set(name, "absent"), [NO; 3], "{name}");
        assert_eq!(set(name, "member"), ["", NO, NO], "{name}: as it is");
    }
    assert_eq!(set("group admin", "absent"), ["+member", NO, NO]);
    assert_eq!(set("group admin", "member"), ["", NO, NO]);
    assert_eq!(set("group admin", "owner"), [NO, NO, ""]);
    let over = "=owner me=admin";
    let all = "+admin =owner me=admin";
    assert_eq!(set("group owner", "absent"), ["+member", "+admin", all]);
    for name in ["group owner", "room owner", "project owner"] {
        assert_eq!(set(name, "member"), ["", "=admin", over], "{name}");
        assert_eq!(set(name, "admin"), ["=member", "", over], "{name}");
    }
    for name in ["room owner", "project owner"] {
        assert_eq!(set(name, "absent"), [NO; 3], "{name}: nobody is added there");
    }
}

fn ban(until: Option<i64>) -> Ban {
    let (name, role) = ("Ben".into(), AccountRole::User);
    let user = UserSummary { id: OTHER, name, role, external_id: None };
    let until = until.map(Timestamp::from_micros);
    Ban { user, by: ME, reason: None, at: NOW, until }
}

#[test]
fn coming_in() {
    let (forever, over) = (ban(None), ban(Some(1_000_000)));
    let joining = Joining { chat: CHAT, user: OTHER, capacity: 3, at: NOW };
    let set = SetMember {
        chat: CHAT,
        actor: ME.into(),
        user: OTHER,
        role: ChatRole::Member,
        capacity: 3,
        at: NOW,
    };
    let banned = JoinRefusal::Banned { until: None };
    let full = JoinRefusal::Full { capacity: 3 };
    for (members, ban, expected) in [
        (2, None, None),
        (2, Some(&over), None),
        (2, Some(&forever), Some(banned)),
        (3, Some(&forever), Some(banned)),
        (3, Some(&over), Some(full)),
        (3, None, Some(full)),
    ] {
        let entered = joining.decide(JoinFacts { present: false, members, ban });
        assert_eq!(entered.clone().err(), expected, "{members}, {ban:?}");
        let target = Target { exists: true, role: None };
        let (actor, wishes) = (actor("group admin"), Wishes::default());
        let facts = SetMemberFacts { actor, target, members, ban, wishes, owner: None };
        let added = set.decide(facts).map_err(|why| format!("{why:?}"));
        assert_eq!(added, entered.map_err(|why| format!("Join({why:?})")));
        let again = joining.decide(JoinFacts { present: true, members, ban });
        assert_eq!(again, Ok(vec![]), "who is in stays in");
    }
    let facts = |exists| {
        let target = Target { exists, role: None };
        let (actor, wishes) = (actor("group admin"), Wishes::default());
        SetMemberFacts { actor, target, members: 2, ban: None, wishes, owner: None }
    };
    assert_eq!(word(set.decide(facts(false)), changes), "UserNotFound");
    let myself = SetMember { user: ME, ..set };
    let target = Target { exists: true, role: Some(ChatRole::Admin) };
    let admin = SetMemberFacts { target, ..facts(true) };
    assert_eq!(word(myself.decide(admin), changes), "NotAllowed", "by an admin");
    let owner = SetMemberFacts {
        actor: actor("group owner"),
        target: Target { exists: true, role: Some(ChatRole::Owner) },
        ..facts(true)
    };
    assert_eq!(word(myself.decide(owner), changes), "OwnRole");
}

#[test]
fn nobody_is_brought_in_against_their_will() {
    let at = |seconds: i64| Some(Timestamp::from_micros(seconds * 1_000_000));
    let wishes = |left_at, wrote_at| Wishes { blocked_actor: false, left_at, wrote_at };
    let blocked = Wishes { blocked_actor: true, ..wishes(None, None) };
    let later = Wishes { blocked_actor: true, ..wishes(at(5), at(9)) };
    for (wishes, expected) in [
        (wishes(None, None), "+member"),
        (wishes(None, at(9)), "+member"),
        (wishes(at(5), None), "Left"),
        (wishes(at(5), at(4)), "Left"),
        (wishes(at(5), at(5)), "Left"),
        (wishes(at(5), at(6)), "+member"),
        (blocked, "UserNotFound"),
        (later, "UserNotFound"),
    ] {
        let (user, role) = (OTHER, ChatRole::Member);
        let set = SetMember { chat: CHAT, actor: ME.into(), user, role, capacity: 9, at: NOW };
        for actor_named in ["group admin", "group owner"] {
            let (target, ban) = (Target { exists: true, role: None }, None);
            let actor = actor(actor_named);
            let facts = SetMemberFacts { actor, target, members: 2, ban, wishes, owner: None };
            assert_eq!(word(set.decide(facts), changes), expected, "{wishes:?}");
            // Whoever is in is in, and what the actor may not do they are told first.
            let target = Target { exists: true, role: Some(ChatRole::Member) };
            let inside = SetMemberFacts { target, ..facts };
            assert_eq!(word(set.decide(inside), changes), "");
            let outsider = SetMemberFacts { actor: crate::decide::actor("group member"), ..facts };
            assert_eq!(word(set.decide(outsider), changes), "NotAllowed");
        }
        let (ben, anna) = (OTHER, UserId::stored(77));
        let group = NewGroup {
            title: Title::new("New").unwrap(),
            owner: ME,
            members: vec![ben, anna],
            open: false,
            permissions: Permissions::default(),
            external_id: None,
            data: None,
            created_at: NOW,
        };
        assert!(group.allows(&[]) && group.allows(&[ME, UserId::stored(78)]));
        assert!(!group.allows(&[anna]) && !group.allows(&[ben, anna]));
    }
}

#[test]
fn banning() {
    let ban =
        |reason, until| NewBan { chat: CHAT, user: OTHER, by: ME.into(), reason, at: NOW, until };
    let columns = ["unknown", "absent", "member", "admin", "owner"];
    for (name, expected) in [
        ("stranger", ["ChatNotFound"; 5]),
        ("direct", ["NotAllowed"; 5]),
        ("whisper", ["NotAllowed"; 5]),
        ("project owner", ["NotAllowed"; 5]),
        ("group member", ["NotAllowed"; 5]),
        ("room member", ["NotAllowed"; 5]),
        ("group admin", ["UserNotFound", "", "-", "NotAllowed", "NotAllowed"]),
        ("room admin", ["UserNotFound", "", "-", "NotAllowed", "NotAllowed"]),
        ("group owner", ["UserNotFound", "", "-", "-", "NotAllowed"]),
        ("room owner", ["UserNotFound", "", "-", "-", "NotAllowed"]),
    ] {
        for (column, expected) in columns.into_iter().zip(expected) {
            let target = Target { exists: column != "unknown", role: role(column) };
            let decided = ban(Ok(None), None).decide(BanFacts { actor: actor(name), target });
            let said = word(decided, |decided| changes(decided.members));
            assert_eq!(said, expected, "{name}, {column}");
        }
        let lift = LiftBan { chat: CHAT, actor: ME.into(), user: OTHER };
        let lifted = lift.decide(LiftBanFacts { actor: actor(name), banned: true });
        let refused =
            if expected[1].is_empty() { String::new() } else { format!("Ban({})", expected[1]) };
        assert_eq!(word(lifted, |()| String::new()), refused, "{name} lifts");
    }
    let facts =
        BanFacts { actor: actor("group admin"), target: Target { exists: false, role: None } };
    let reason = Err(TextError::Nul);
    let over = ban(reason.clone(), Some(NOW)).decide(facts);
    assert_eq!(over, Err(BanRefusal::Over), "before the reason");
    let reason = ban(reason, None).decide(facts);
    assert_eq!(reason, Err(BanRefusal::Reason(TextError::Nul)), "before the account");
    let oneself = NewBan { user: ME, ..ban(Ok(None), None) };
    assert_eq!(oneself.decide(facts), Err(BanRefusal::NotAllowed));
    let lift = LiftBan { chat: CHAT, actor: ME.into(), user: OTHER };
    let missing = lift.decide(LiftBanFacts { actor: actor("room admin"), banned: false });
    assert_eq!(word(missing, |()| String::new()), "NotBanned");
}

#[test]
fn changing_settings_and_deleting_chats() {
    let settings = ChangeSettings {
        chat: CHAT,
        actor: ME.into(),
        is_key: false,
        title: None,
        description: None,
        slow_mode: None,
        permissions: PermissionsUpdate::default(),
        data: None,
        at: NOW,
    };
    let title = ChangeSettings { title: Some(Title::new("Us")), ..settings.clone() };
    let slow = ChangeSettings { slow_mode: Some(Duration::ZERO), ..settings.clone() };
    let delete = DeleteChat { chat: CHAT, actor: Some(ME.into()), by_writers: false };
    const NO: &str = "NotAllowed";
    for (name, expected) in [
        ("stranger", ["ChatNotFound"; 3]),
        ("direct", [NO, NO, "yes"]),
        ("whisper", [NO, NO, NO]),
        ("group member", [NO, NO, NO]),
        ("group admin", ["yes", "yes", NO]),
        ("group owner", ["yes"; 3]),
        ("room admin", [NO, "yes", NO]),
        ("room owner", [NO, "yes", "yes"]),
        ("project admin", ["yes", "yes", NO]),
        ("project owner", ["yes", "yes", NO]),
    ] {
        let yes = || "yes".to_owned();
        let decided = [
            word(title.decide(actor(name), None), |_| yes()),
            word(slow.decide(actor(name), None), |_| yes()),
            word(delete.decide(actor(name), None), |()| yes()),
        ];
        assert_eq!(decided, expected, "{name}");
    }
    let wrong = ChangeSettings {
        title: Some(Err(TextError::Empty)),
        description: Some(Err(TextError::Nul)),
        slow_mode: Some(SLOW_MODE_MAX + Duration::from_secs(1)),
        ..settings
    };
    let admin = actor("group admin");
    assert_eq!(wrong.decide(admin, None).unwrap_err(), SettingsRefusal::SlowMode);
    let wrong = ChangeSettings { slow_mode: None, ..wrong };
    assert_eq!(wrong.decide(admin, None).unwrap_err(), SettingsRefusal::Title(TextError::Empty));
    let wrong = ChangeSettings { title: None, ..wrong };
    assert_eq!(
        wrong.decide(admin, None).unwrap_err(),
        SettingsRefusal::Description(TextError::Nul)
    );
    let application = DeleteChat { chat: CHAT, actor: None, by_writers: false };
    assert_eq!(application.decide(None, None), Ok(()));
}
