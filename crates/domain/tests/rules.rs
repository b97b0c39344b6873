//! Every permission in a chat, for every kind of chat and every role: the table of `chat/rules.rs`.

use domain::chat::{ChatKind, ChatRole, Standing, rules};
use domain::clock::Timestamp;
use domain::ids::{ChatId, MessageId, Seq, UserId, Version};
use domain::message::{Extras, Message};

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
        client_id: None,
        reply_to: None,
        text: "Hello".into(),
        created_at: Timestamp::from_micros(0),
        edited_at: None,
        deleted_at: None,
        pinned_at: None,
        extras: Extras::default(),
    }
}

/// Everything that one may or may not do, as a row of the table.
fn row(kind: ChatKind, role: ChatRole) -> String {
    let actor = standing(kind, role);
    let answers = [
        rules::may_rename(&actor),
        rules::may_add(&actor),
        rules::may_remove(&actor, ChatRole::Member),
        rules::may_remove(&actor, ChatRole::Admin),
        rules::may_remove(&actor, ChatRole::Owner),
        rules::may_set_roles(&actor),
        rules::may_leave(&actor),
        rules::may_delete_chat(&actor),
        rules::may_edit(ME, &message_of(ME)),
        rules::may_edit(ME, &message_of(SOMEBODY)),
        rules::may_delete_message(&actor, &message_of(ME)),
        rules::may_delete_message(&actor, &message_of(SOMEBODY)),
        rules::may_see_edits(&actor, &message_of(ME)),
        rules::may_see_edits(&actor, &message_of(SOMEBODY)),
        rules::may_pin(&actor),
    ];
    answers.map(|yes| if yes { "yes" } else { "-" }).join(" ")
}

#[test]
fn every_permission_is_as_the_table_says() {
    use ChatKind::{Direct, Group};
    use ChatRole::{Admin, Member, Owner};
    for (kind, role, expected) in [
        // rename add | remove: member admin owner | roles leave delete | edit: own other | delete: own other | edits: own other | pin
        (Group, Member, "- -  - - -  - yes -  yes - yes -  yes - -"),
        (Group, Admin, "yes yes  yes - -  - yes -  yes - yes yes  yes yes yes"),
        (Group, Owner, "yes yes  yes yes -  yes - yes  yes - yes yes  yes yes yes"),
        (Direct, Member, "- -  - - -  - - yes  yes - yes -  yes - yes"),
        // Nobody has these roles in a direct chat; if somebody did, they would get nothing by it.
        (Direct, Admin, "- -  - - -  - - yes  yes - yes -  yes - yes"),
        (Direct, Owner, "- -  - - -  - - yes  yes - yes -  yes - yes"),
    ] {
        let expected: Vec<_> = expected.split_whitespace().collect();
        assert_eq!(row(kind, role), expected.join(" "), "{kind:?} {role:?}");
    }
}
