//! What is decided where a chat permits something else than the usual, as tables: who wants it, and what comes of it.
#![expect(clippy::unwrap_used, reason = "a panic is the verdict of a test")]

use crate::decide::{CHAT, ME, NOW, OTHER, actor, message, word};
use domain::chat::{
    ChangeSettings, ChatRole, Inviting, Leaving, Permissions, PermissionsUpdate, Posting, Reacting,
    RemoveMember, RemoveMemberFacts, SetMember, SetMemberFacts, SettingsRefusal, Standing, Target,
    UnsuitablePermission, Wishes,
};
use domain::message::{
    Circumstances, DeleteMessage, Draft, Edit, Emoji, MessageFacts, MessageText, React,
};

const WRITING: &str = "Restricted(Posting)";
const LEAVING: &str = "Restricted(Leaving)";
const HUSHED: &str = "Restricted(Whispering)";

fn yes<T>(_: T) -> String {
    "yes".to_owned()
}

fn draft(is_key: bool) -> Draft {
    Draft { is_key, ..Draft::new(CHAT, ME, MessageText::new("Hello").unwrap(), NOW) }
}

/// What comes of sending, editing, deleting, reacting and taking a reaction back, in that order.
pub(crate) fn writing(actor: Standing, is_key: bool) -> [String; 5] {
    let own = message(ME);
    let facts = MessageFacts { actor: Some(actor), message: Some(&own) };
    let found = Circumstances {
        role: Some(actor.role),
        hushed: actor.hushed,
        silenced: actor.silenced,
        posting: actor.permissions.posting,
        ..Circumstances::default()
    };
    let text = Some(MessageText::new("other words"));
    let edit = Edit { is_key, text, ..Edit::new(CHAT, own.id, ME.into(), NOW) };
    let delete = DeleteMessage { chat: CHAT, message: own.id, actor: ME.into(), at: NOW };
    let emoji = Emoji::new("👍");
    let react =
        |on| React { chat: None, message: own.id, user: ME, emoji: emoji.clone(), on, at: NOW };
    [
        word(draft(is_key).admit(found), yes),
        word(edit.decide(facts, false), yes),
        word(delete.decide(facts), yes),
        word(react(true).decide(facts), yes),
        word(react(false).decide(facts), yes),
    ]
}

#[test]
fn who_writes_and_who_reacts() {
    let everyone = Permissions::default();
    let admins = Permissions { posting: Posting::Admins, ..everyone };
    let writers = Permissions { reacting: Reacting::Writers, ..admins };
    let alone = Permissions { reacting: Reacting::Writers, ..everyone };
    let all = ["yes"; 5];
    let reads = [WRITING, WRITING, "yes", "yes", "yes"];
    let watches = [WRITING, WRITING, "yes", "Restricted(Reacting)", "yes"];
    for (name, permissions, expected) in [
        ("group member", everyone, all),
        ("group member", admins, reads),
        ("room member", admins, reads),
        ("project member", writers, watches),
        ("group member", alone, all),
        ("group admin", writers, all),
        ("room owner", writers, all),
    ] {
        let actor = Standing { permissions, ..actor(name).unwrap() };
        assert_eq!(writing(actor, false), expected, "{name}, {permissions:?}");
    }
    let reader = Standing { permissions: admins, ..actor("group member").unwrap() };
    assert_eq!(writing(reader, true), all, "a key");
    let hushed = Standing { hushed: true, ..actor("whisper").unwrap() };
    let nothing = [HUSHED, HUSHED, "yes", HUSHED, "yes"];
    assert_eq!(writing(hushed, false), nothing);
    assert_eq!(writing(Standing { closed: true, ..hushed }, false)[1], "PeerUnavailable");
}

#[test]
fn who_leaves_and_who_adds_people() {
    let permissions = Permissions {
        leaving: Leaving::Admins,
        inviting: Inviting::Everyone,
        ..Default::default()
    };
    for (name, leaves, adds, makes_admins) in [
        ("group member", LEAVING, "yes", "NotAllowed"),
        ("group admin", "yes", "yes", "NotAllowed"),
        ("group owner", "OwnerLeaves", "yes", "yes"),
        ("room member", LEAVING, "NotAllowed", "NotAllowed"),
        ("room owner", "yes", "NotAllowed", "NotAllowed"),
        ("project member", "Project", "NotAllowed", "NotAllowed"),
        ("direct", "Direct", "NotAllowed", "NotAllowed"),
    ] {
        let actor = Some(Standing { permissions, ..actor(name).unwrap() });
        let leave = RemoveMember { chat: CHAT, actor: ME.into(), user: ME, at: NOW };
        let left = leave.decide(RemoveMemberFacts { actor, target: None });
        assert_eq!(word(left, yes), leaves, "{name}");
        let add = |role| {
            let set =
                SetMember { chat: CHAT, actor: ME.into(), user: OTHER, role, capacity: 9, at: NOW };
            let target = Target { exists: true, role: None };
            let (members, ban, wishes) = (2, None, Wishes::default());
            word(
                set.decide(SetMemberFacts { actor, target, members, ban, wishes, owner: None }),
                yes,
            )
        };
        assert_eq!(add(ChatRole::Member), adds, "{name}");
        assert_eq!(add(ChatRole::Admin), makes_admins, "{name}");
    }
    let admin = Some(Standing { permissions, ..actor("group admin").unwrap() });
    let out = RemoveMember { chat: CHAT, actor: ME.into(), user: OTHER, at: NOW };
    let target = Some(ChatRole::Member);
    let removed = out.decide(RemoveMemberFacts { actor: admin, target });
    assert_eq!(word(removed, yes), "yes", "who may not leave is let out");
}

#[test]
fn who_sets_permissions() {
    let wanted = |permissions| ChangeSettings {
        chat: CHAT,
        actor: ME.into(),
        is_key: false,
        title: None,
        description: None,
        slow_mode: None,
        permissions,
        data: None,
        at: NOW,
    };
    let posting = PermissionsUpdate { posting: Some(Posting::Admins), ..Default::default() };
    let channel = Permissions { posting: Posting::Admins, ..Permissions::default() };
    for (name, expected) in [
        ("stranger", Err(SettingsRefusal::ChatNotFound)),
        ("direct", Err(SettingsRefusal::NotAllowed)),
        ("whisper", Err(SettingsRefusal::NotAllowed)),
        ("group member", Err(SettingsRefusal::NotAllowed)),
        ("group admin", Err(SettingsRefusal::NotAllowed)),
        ("group owner", Ok(Some(channel))),
        ("room owner", Ok(Some(channel))),
        ("project owner", Ok(Some(channel))),
    ] {
        let decided = wanted(posting).decide(actor(name), None);
        assert_eq!(decided.map(|settings| settings.permissions), expected, "{name}");
    }
    let owner = Standing { permissions: channel, ..actor("group owner").unwrap() };
    assert_eq!(wanted(posting).decide(Some(owner), None).unwrap().permissions, None, "it is so");
    let inviting = PermissionsUpdate { inviting: Some(Inviting::Everyone), ..Default::default() };
    let unsuitable = SettingsRefusal::Permission(UnsuitablePermission::Inviting);
    assert_eq!(wanted(inviting).decide(actor("room owner"), None).unwrap_err(), unsuitable);
    let member = wanted(inviting).decide(actor("room member"), None);
    assert_eq!(member.unwrap_err(), SettingsRefusal::NotAllowed, "before what is wrong with it");
}
