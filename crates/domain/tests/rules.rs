//! Every permission in a chat, for every kind of chat and every role, as shown in `docs/roles.md`.

use domain::chat::{ChatKind, ChatRole, Standing, rules};
use domain::clock::Timestamp;
use domain::ids::{ChatId, MessageId, ProjectId, Seq, UserId, Version};
use domain::message::{Extras, Message, MessageKind};

const ME: UserId = UserId::stored(1);
const SOMEBODY: UserId = UserId::stored(2);

fn standing(kind: ChatKind, role: ChatRole) -> Standing {
    Standing {
        chat: ChatId::stored(1),
        kind,
        user: ME,
        role,
        read_seq: Seq::ZERO,
        closed: false,
        open: false,
        member_count: 2,
        last_seq: Seq::ZERO,
        version: Version::stored(1),
    }
}

fn message_of(author: UserId) -> Message {
    Message {
        id: MessageId::stored(1),
        chat: ChatId::stored(1),
        seq: Seq::stored(1),
        version: Version::stored(2),
        author,
        author_role: None,
        client_id: None,
        reply_to: None,
        kind: MessageKind::Text,
        text: "Hello".into(),
        data: None,
        created_at: Timestamp::from_micros(0),
        edited_at: None,
        deleted_at: None,
        pinned_at: None,
        extras: Extras::default(),
    }
}

/// All permissions, each with its words in the table.
fn answers(actor: &Standing) -> [(&'static str, bool); 21] {
    use ChatRole::{Admin, Member, Owner};
    [
        ("read, send, react, mark as read, type", true),
        ("whisper to another member", rules::may_whisper(actor)),
        ("edit one's own message", rules::may_edit(ME, &message_of(ME))),
        ("edit another's message", rules::may_edit(ME, &message_of(SOMEBODY))),
        ("delete one's own message", rules::may_delete_message(actor, &message_of(ME))),
        ("delete another's message", rules::may_delete_message(actor, &message_of(SOMEBODY))),
        ("see what one's own message said before", rules::may_see_edits(actor, &message_of(ME))),
        ("see what another's said before", rules::may_see_edits(actor, &message_of(SOMEBODY))),
        ("pin a message", rules::may_pin(actor)),
        ("change the title", rules::may_rename(actor)),
        ("say what the chat is about", rules::may_describe(actor)),
        ("set slow mode", rules::may_set_slow_mode(actor)),
        ("add people", rules::may_add(actor)),
        ("remove a member", rules::may_remove(actor, Member)),
        ("remove an admin", rules::may_remove(actor, Admin)),
        ("remove the owner", rules::may_remove(actor, Owner)),
        ("ban a member or a stranger", rules::may_ban(actor, Some(Member))),
        ("ban an admin", rules::may_ban(actor, Some(Admin))),
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

/// The whole table, as Markdown.
fn table() -> String {
    let columns = columns();
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let mut table = format!("| | {} |\n|---|{}\n", names.join(" | "), "---|".repeat(names.len()));
    let answers: Vec<_> = columns.iter().map(|(_, actor)| answers(actor)).collect();
    for row in 0..answers[0].len() {
        let cells = answers.iter().map(|column| if column[row].1 { "yes" } else { "" });
        let cells: Vec<_> = cells.collect();
        table += &format!("| {} | {} |\n", answers[0][row].0, cells.join(" | "));
    }
    table
}

#[test]
fn every_permission_is_as_the_table_says() {
    let page = include_str!("../../../docs/roles.md");
    assert!(page.contains(&table()), "docs/roles.md must hold this table:\n{}", table());
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
