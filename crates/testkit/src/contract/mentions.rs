//! Promises about mentions.

use super::Stores;
use super::fixtures::{
    at, chats_after, delete, draft, draft_with_client_id, edit, group, leaving, people, reply, say,
    text,
};
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::message::{Draft, Mention, Page};

async fn counts(stores: &Stores, chat: ChatId, viewer: UserId) -> (i64, i64) {
    let view = stores.chats.view(chat, viewer).await.unwrap();
    (view.unread_count, view.mention_count)
}

pub async fn a_name_after_an_at_is_a_mention(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna Straße", "Ben", "李小龍"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    for (said, mentioned) in [
        ("@ben look", vec![ben]),
        ("look @BEN!", vec![ben]),
        ("@anna STRASSE, @Ben and @ben", vec![anna, ben]),
        ("(@李小龍你好)", vec![cleo]),
        ("mail ben@ben.example", vec![]),
        ("@benny @ ben @@ @_ben", vec![]),
        ("ben", vec![]),
        ("交给@ben处理", vec![ben]),
        ("สวัสดี@ben", vec![ben]),
        ("안녕@ben", vec![ben]),
        ("サーバー@ben", vec![ben]),
        ("❤\u{fe0f}@ben", vec![ben]),
        ("1\u{fe0f}\u{20e3}@ben", vec![ben]),
        ("user@ben e\u{301}@ben é@ben u\u{ad}@ben", vec![]),
        ("`@ben` ```\n@ben\n```", vec![]),
        ("`@ben ``@anna strasse`` @ben", vec![ben]),
    ] {
        let sent = say(stores, chat, anna, said).await;
        assert_eq!(sent.extras.mentions, mentioned, "{said}");
        assert_eq!(stores.messages.get(sent.id).await.unwrap(), sent);
    }
    let sent =
        stores.messages.append(draft_with_client_id(chat, anna, "id")).await.unwrap().message;
    let said = Draft { reply_to: Some(sent.id), ..draft(chat, anna, "@Ben") };
    let sent = stores.messages.append(said).await.unwrap().message;
    let page = stores.messages.page(chat, Page::Latest, 1).await.unwrap();
    assert_eq!((page.messages, sent.extras.mentions.clone()), (vec![sent.clone()], vec![ben]));
    let changes = stores.chats.changes(chat, Version::ZERO, 100).await.unwrap();
    assert_eq!(changes.messages.last(), Some(&sent));
    assert_eq!(stores.chats.view(chat, ben).await.unwrap().last_message, Some(sent));
}

pub async fn where_a_mention_is_goes_with_it(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna Straße", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let range = |user, offset, length| Mention { user, offset, length };
    let said = "  👍 @ｂｅｎ, @anna STRASSE @BEN";
    let sent = say(stores, chat, anna, said).await;
    let ranges = [range(ben, 2, 4), range(anna, 8, 13), range(ben, 22, 4)];
    assert_eq!(
        (&sent.extras.mentions[..], &sent.extras.mention_ranges[..]),
        (&[anna, ben][..], &ranges[..])
    );
    for Mention { offset, length, .. } in ranges {
        let marked: String = sent.text.chars().skip(offset).take(length).collect();
        assert!(marked.starts_with('@') && !marked.ends_with([' ', ',']), "{marked}");
    }
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), sent);
    let edited = edit(stores, sent.id, text("so: @Ben"), at(200)).await.unwrap();
    assert_eq!(edited.extras.mention_ranges, [range(ben, 4, 4)]);
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), edited);
    let tombstone = delete(stores, sent.id, at(201)).await.unwrap().expect("a tombstone");
    assert_eq!(tombstone.extras.mention_ranges, []);
}

pub async fn a_korean_name_may_have_an_ending(stores: &Stores) {
    let [minsu, jeong, ben] = people(stores, ["민수", "민수정", "ben"]).await;
    let chat = group(stores, &[minsu, jeong, ben]).await.id;
    for (said, mentioned) in [
        ("@민수님 안녕하세요", vec![minsu]),
        ("@민수야, @민수씨가", vec![minsu]),
        ("@민수선생님께 @민수에게", vec![minsu]),
        ("@민수정님", vec![jeong]),
        ("@민수진 @민수님은요", vec![]),
        ("@ben님 @ben은", vec![ben]),
    ] {
        assert_eq!(say(stores, chat, minsu, said).await.extras.mentions, mentioned, "{said}");
    }
}

pub async fn a_text_full_of_ats_mentions_the_first(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let all = format!("@Anna {}", "@a b c d e f g ".repeat(500));
    let sent = say(stores, chat, anna, &all).await;
    assert_eq!(sent.extras.mentions, [anna]);
    let late = format!("{}@Ben", "@一二三四五六七八九十 ".repeat(600));
    assert_eq!(
        say(stores, chat, anna, &late).await.extras.mentions,
        [],
        "further on it is plain text"
    );
}

pub async fn only_members_are_mentioned(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, cleo]).await.id;
    assert_eq!(say(stores, chat, anna, "@Cleo @Ben").await.extras.mentions, [ben]);
    assert_eq!(say(stores, other, anna, "@Cleo @Ben").await.extras.mentions, [cleo]);
    stores.members.remove(leaving(chat, ben, at(5))).await.unwrap();
    assert_eq!(say(stores, chat, anna, "@Ben").await.extras.mentions, []);
}

pub async fn the_longest_name_is_meant(stores: &Stores) {
    let [ada, lovelace, at_home] = people(stores, ["Ada", "Ada Lovelace", "Ada @Ada"]).await;
    let chat = group(stores, &[ada, lovelace, at_home]).await.id;
    for (said, mentioned) in [
        ("@Ada Lovelace", vec![lovelace]),
        ("@Ada Lovelaced", vec![ada]),
        ("@Ada loves", vec![ada]),
        ("@Ada @Ada", vec![at_home]),
        ("@Ada, @Ada Lovelace", vec![ada, lovelace]),
    ] {
        assert_eq!(say(stores, chat, ada, said).await.extras.mentions, mentioned, "{said}");
    }
}

pub async fn an_edit_mentions_anew(stores: &Stores) {
    let [anna, ben, cleo] = people(stores, ["Anna", "Ben", "Cleo"]).await;
    let chat = group(stores, &[anna, ben, cleo]).await.id;
    let id = say(stores, chat, anna, "@Ben").await.id;
    let edited = edit(stores, id, text("@Cleo @Anna"), at(200)).await.unwrap();
    assert_eq!(edited.extras.mentions, [anna, cleo]);
    assert_eq!(stores.messages.get(id).await.unwrap(), edited);
    assert_eq!(counts(stores, chat, ben).await, (1, 0));
    assert_eq!(counts(stores, chat, cleo).await, (1, 1));
    let edited = edit(stores, id, text("nobody"), at(201)).await.unwrap();
    assert_eq!(edited.extras.mentions, []);
    assert_eq!(counts(stores, chat, cleo).await, (1, 0));
    let edited = edit(stores, id, text("@Ben"), at(202)).await.unwrap();
    assert_eq!(edited.extras.mentions, [ben]);
}

pub async fn unread_mentions_are_counted_by_themselves(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, ben]).await.id;
    for said in ["@Ben", "plain", "@Ben again", "@Anna"] {
        say(stores, chat, anna, said).await;
    }
    say(stores, chat, ben, "@Ben, that is me").await;
    say(stores, other, anna, "@Ben elsewhere").await;
    assert_eq!(counts(stores, chat, ben).await, (4, 2));
    assert_eq!(counts(stores, chat, anna).await, (1, 0), "one's own are not counted");
    assert_eq!(counts(stores, other, ben).await, (1, 1));
    stores.members.mark_read(chat, ben, Seq::stored(1)).await.unwrap();
    assert_eq!(counts(stores, chat, ben).await, (3, 1));
    stores.members.mark_read(chat, ben, Seq::stored(3)).await.unwrap();
    assert_eq!(counts(stores, chat, ben).await, (1, 0));
    let list = stores.chats.list(ben, chats_after(None, 10)).await.unwrap().chats;
    assert_eq!(list.iter().map(|view| view.mention_count).sum::<i64>(), 1);
}

pub async fn mentions_go_with_the_message(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let sent = say(stores, chat, anna, "@Ben").await;
    let answer = stores.messages.append(reply(chat, anna, sent.id)).await.unwrap().message;
    assert_eq!(answer.extras.mentions, [], "an answer is no mention");
    let tombstone = delete(stores, sent.id, at(101)).await.unwrap().unwrap();
    assert_eq!(tombstone.extras.mentions, []);
    assert_eq!(stores.messages.get(sent.id).await.unwrap(), tombstone);
    assert_eq!(counts(stores, chat, ben).await, (1, 0));
}
