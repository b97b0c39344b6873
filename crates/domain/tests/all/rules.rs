//! Every permission in a chat, for every kind of chat and every role, as shown in `docs/roles.md`.

use crate::decide::message;
use domain::chat::{
    ChatKind, ChatRole, Horizon, Inviting, Leaving, Permissions, Posting, Reacting, Restriction,
    Silenced, Standing, Whispering, rules,
};
use domain::clock::Timestamp;
use domain::ids::{ChatId, ProjectId, Seq, UserId, Version};

const ME: UserId = UserId::stored(1);
const NOW: Timestamp = Timestamp::from_micros(5);
const SOMEBODY: UserId = UserId::stored(2);

fn standing(kind: ChatKind, role: ChatRole) -> Standing {
    Standing {
        chat: ChatId::stored(1),
        kind,
        user: ME,
        role,
        read_seq: Seq::ZERO,
        horizon: Horizon::NONE,
        silenced: Silenced::Never,
        closed: false,
        hushed: false,
        open: false,
        permissions: Permissions::default(),
        member_count: 2,
        last_seq: Seq::ZERO,
        version: Version::stored(1),
    }
}

/// Everything that one may or may not do, each with its words in the table.
fn answers(actor: &Standing) -> [(&'static str, bool); 24] {
    use ChatRole::{Admin, Member, Owner};
    [
        ("read, send, react, mark as read, type", true),
        ("whisper to another member", rules::may_whisper(actor)),
        ("edit one's own message", rules::may_edit(ME, &message(ME))),
        ("edit another's message", rules::may_edit(ME, &message(SOMEBODY))),
        ("delete one's own message", rules::may_delete_message(actor, &message(ME))),
        ("delete another's message", rules::may_delete_message(actor, &message(SOMEBODY))),
        ("see what one's own message said before", rules::may_see_edits(actor, &message(ME))),
        ("see what another's said before", rules::may_see_edits(actor, &message(SOMEBODY))),
        ("pin a message", rules::may_pin(actor)),
        ("change the title", rules::may_rename(actor)),
        ("say what the chat is about", rules::may_describe(actor)),
        ("set slow mode", rules::may_set_slow_mode(actor)),
        ("set permissions", rules::may_set_permissions(actor)),
        ("add people", rules::may_add(actor)),
        ("remove a member", rules::may_remove(actor, Member)),
        ("remove an admin", rules::may_remove(actor, Admin)),
        ("remove the owner", rules::may_remove(actor, Owner)),
        ("ban a member or a stranger", rules::may_ban(actor, Some(Member))),
        ("ban an admin", rules::may_ban(actor, Some(Admin))),
        ("silence a member", rules::may_silence(actor, Some(Member))),
        ("silence an admin", rules::may_silence(actor, Some(Admin))),
        ("change roles, hand over", rules::may_set_roles(actor)),
        ("leave", rules::may_leave(actor)),
        ("delete the chat", rules::may_delete_chat(actor)),
    ]
}

/// All kinds and roles, in the order of the table's columns.
fn columns() -> Vec<(&'static str, Standing)> {
    use ChatRole::{Admin, Member, Owner};
    let project = ChatKind::Project(ProjectId::stored(1));
    let roles = |kind| [Member, Admin, Owner].map(|role| standing(kind, role));
    let mut all = vec![("direct", standing(ChatKind::Direct, Member))];
    all.push(("whisper", standing(ChatKind::Whisper(ChatId::stored(2)), Member)));
    for (kind, actors) in [
        (["group member", "group admin", "group owner"], roles(ChatKind::Group)),
        (["room member", "room admin", "room owner"], roles(ChatKind::Room)),
        (["project member", "project admin", "project owner"], roles(project)),
    ] {
        all.extend(kind.into_iter().zip(actors));
    }
    all
}

/// What one may or may not do where the settings of a chat are others than the usual.
fn restricted(actor: &Standing) -> [(&'static str, bool); 9] {
    let with = |permissions| Standing { permissions, ..*actor };
    let usual = Permissions::default();
    let channel = Permissions { posting: Posting::Admins, ..usual };
    let quiet = Permissions { reacting: Reacting::Writers, ..channel };
    let stay = with(Permissions { leaving: Leaving::Admins, ..usual });
    let invite = with(Permissions { inviting: Inviting::Everyone, ..usual });
    let hushed = with(Permissions { whispering: Whispering::Nobody, ..usual });
    let (quiet, channel) = (with(quiet), with(channel));
    let is_ok = |lets: Result<(), Restriction>| lets.is_ok();
    [
        ("send, `posting` is `admins`", is_ok(rules::lets_post(&channel, false, NOW))),
        (
            "edit one's own message, `posting` is `admins`",
            rules::may_edit(ME, &message(ME)) && is_ok(rules::lets_post(&channel, false, NOW)),
        ),
        (
            "delete one's own message, `posting` is `admins`",
            rules::may_delete_message(&channel, &message(ME)),
        ),
        (
            "pin a message, `posting` is `admins`",
            rules::may_pin(&channel) && is_ok(rules::lets_post(&channel, false, NOW)),
        ),
        ("react, `posting` is `admins`", is_ok(rules::lets_react(&channel, NOW))),
        ("react, and `reacting` is `writers`", is_ok(rules::lets_react(&quiet, NOW))),
        ("leave, `leaving` is `admins`", rules::may_leave(&stay)),
        ("add people, `inviting` is `everyone`", rules::may_add(&invite)),
        ("whisper to another member, `whispering` is `nobody`", rules::may_whisper(&hushed)),
    ]
}

/// A whole table, as Markdown.
fn table<const ROWS: usize>(
    columns: &[(&'static str, Standing)],
    answers: fn(&Standing) -> [(&'static str, bool); ROWS],
) -> String {
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let mut table = format!("| | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    let answers: Vec<_> = columns.iter().map(|(_, actor)| answers(actor)).collect();
    for row in 0..ROWS {
        let cells = answers.iter().map(|column| if column[row].1 { "yes" } else { "" });
        let cells: Vec<_> = cells.collect();
        table += &format!("| {} | {} |\n", answers[0][row].0, cells.join(" | "));
    }
    table
}

#[test]
fn every_permission_is_as_the_tables_say() {
    let page = include_str!("../../../../docs/roles.md");
    let between_two = |(_, actor): &(_, Standing)| actor.kind.is_between_two();
    let (two, many): (Vec<_>, Vec<_>) = columns().into_iter().partition(between_two);
    assert_eq!(two.len(), 2);
    for table in [table(&columns(), answers), table(&many, restricted)] {
        assert!(page.contains(&table), "docs/roles.md must hold this table:\n{table}");
    }
}

#[test]
fn a_key_writes_wherever_it_is_and_hushed_whispers_nobody() {
    let permissions = Permissions { posting: Posting::Admins, ..Permissions::default() };
    let reader = Standing { permissions, ..standing(ChatKind::Group, ChatRole::Member) };
    assert_eq!(rules::lets_post(&reader, true, NOW), Ok(()));
    assert_eq!(rules::lets_post(&reader, false, NOW), Err(Restriction::Posting));
    let hushed = standing(ChatKind::Whisper(ChatId::stored(2)), ChatRole::Member);
    let hushed = Standing { hushed: true, ..hushed };
    assert_eq!(rules::lets_post(&hushed, true, NOW), Err(Restriction::Whispering));
    assert_eq!(rules::lets_react(&hushed, NOW), Err(Restriction::Whispering));
}

#[test]
fn whoever_is_in_an_open_group_says_what_it_is_and_leaves_it() {
    for role in [ChatRole::Member, ChatRole::Admin, ChatRole::Owner] {
        let actor = Standing { open: true, ..standing(ChatKind::Group, role) };
        let may =
            [rules::may_rename(&actor), rules::may_describe(&actor), rules::may_leave(&actor)];
        assert_eq!(may, [true; 3], "{role:?}");
        assert_eq!(rules::may_delete_chat(&actor), role == ChatRole::Owner);
    }
}

#[test]
fn a_stranger_is_banned_by_who_may_ban_a_member() {
    for (name, actor) in columns() {
        let member = rules::may_ban(&actor, Some(ChatRole::Member));
        assert_eq!(rules::may_ban(&actor, None), member, "{name}");
        assert!(!rules::may_silence(&actor, Some(ChatRole::Owner)), "{name}");
    }
}

#[test]
fn between_two_people_a_role_gives_nothing() {
    for kind in [ChatKind::Direct, ChatKind::Whisper(ChatId::stored(2))] {
        for role in [ChatRole::Admin, ChatRole::Owner] {
            assert_eq!(answers(&standing(kind, role)), answers(&standing(kind, ChatRole::Member)));
        }
    }
}
