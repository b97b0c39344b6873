//! Promises of [`domain::message::MessageStore::find`].

use super::Stores;
use super::fixtures::{
    NOBODY, at, at_once, delete, deleting, draft, edit, group, joining, leaving, people, say, text,
};
use domain::ids::{ChatId, MessageId, UserId};
use domain::limits::{MESSAGE_CHARS, SEARCH_WORK_CHARS};
use domain::message::{Draft, FoundPage, MessageQuery, Search};

fn query(q: &str) -> MessageQuery {
    MessageQuery::read(&Search { q, ..Search::default() }).unwrap()
}

async fn find(stores: &Stores, viewer: UserId, q: &str) -> FoundPage {
    stores.messages.find(viewer, query(q), None, 100).await.unwrap()
}

/// The texts of the messages found, newest first.
async fn found(stores: &Stores, viewer: UserId, q: &str) -> Vec<String> {
    let page = find(stores, viewer, q).await;
    assert_eq!(page.next, None);
    page.messages.into_iter().map(|message| message.text).collect()
}

async fn a_chat(stores: &Stores) -> (ChatId, UserId, UserId) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    (group(stores, &[anna, ben]).await.id, anna, ben)
}

pub async fn a_message_is_found_by_its_words(stores: &Stores) {
    let (chat, anna, ben) = a_chat(stores).await;
    let first = say(stores, chat, anna, "Tea at four, or coffee?").await;
    let second = say(stores, chat, ben, "coffee; 100% coffee \"now\"").await;
    let page = find(stores, anna, "coffee").await;
    assert_eq!(page.messages, [second, first.clone()]);
    let chats: Vec<_> = page.chats.iter().map(|chat| chat.id).collect();
    assert_eq!((chats, page.next), (vec![chat], None));
    assert_eq!(find(stores, anna, "coffee tea").await.messages, [first], "all words, in any order");
    for (q, count) in [
        ("100", 1),
        ("four?", 1),
        ("\"tea at\"", 1),
        ("coffee milk", 0),
        ("off", 0),
        ("ea", 0),
        ("% tea _", 1),
        ("tea' OR '1", 0),
        ("te* | coffee & !x", 0),
        ("NOT tea", 0),
        ("(tea)", 1),
        ("coffee:*", 2),
        ("{words} : tea", 0),
        ("^tea", 1),
        ("tea AND four", 0),
    ] {
        assert_eq!(found(stores, anna, q).await.len(), count, "{q}");
    }
}

pub async fn words_fold_in_every_script(stores: &Stores) {
    let (chat, anna, _) = a_chat(stores).await;
    for said in ["ПРИВЕТ мир", "Straße", "e\u{301}te\u{301}", "東京都へ行く", "สวัสดีครับ", "ＦＵＬＬ"]
    {
        say(stores, chat, anna, said).await;
    }
    for (q, expected) in [
        ("привет", Some("ПРИВЕТ мир")),
        ("STRASSE", Some("Straße")),
        ("été", Some("e\u{301}te\u{301}")),
        ("東京", Some("東京都へ行く")),
        ("都", Some("東京都へ行く")),
        ("京東", None),
        ("สวัสดี", Some("สวัสดีครับ")),
        ("full", Some("ＦＵＬＬ")),
        ("ete", None),
    ] {
        let expected: Vec<_> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(found(stores, anna, q).await, expected, "{q}");
    }
}

pub async fn the_beginning_of_a_word_finds_it(stores: &Stores) {
    let (chat, anna, _) = a_chat(stores).await;
    say(stores, chat, anna, "elephant elevator").await;
    say(stores, chat, anna, "élan").await;
    let long = "x".repeat(200);
    say(stores, chat, anna, &long).await;
    for (q, count) in [
        ("ele", 1),
        ("elephants", 0),
        ("el elephant", 0),
        ("el* elephant", 1),
        ("e", 0),
        ("él", 1),
        ("eleph elev", 0),
        ("eleph* elev", 1),
    ] {
        assert_eq!(found(stores, anna, q).await.len(), count, "{q}");
    }
    assert_eq!(
        found(stores, anna, &long).await,
        std::slice::from_ref(&long),
        "cut like the stored one"
    );
}

pub async fn only_chats_one_is_in_now_are_searched(stores: &Stores) {
    let [anna, ben, eve] = people(stores, ["Anna", "Ben", "Eve"]).await;
    let shared = group(stores, &[anna, ben]).await.id;
    let others = group(stores, &[ben, eve]).await.id;
    say(stores, shared, ben, "secret one").await;
    say(stores, others, ben, "secret two").await;
    assert_eq!(found(stores, anna, "secret").await, ["secret one"]);
    assert_eq!(found(stores, ben, "secret").await, ["secret two", "secret one"]);
    assert_eq!(found(stores, eve, "secret").await, ["secret two"]);
    assert_eq!(found(stores, eve, &format!("secret in:{shared}")).await, [""; 0]);
    assert_eq!(found(stores, UserId::stored(NOBODY), "secret").await, [""; 0]);
    stores.members.remove(leaving(others, eve, at(5))).await.unwrap();
    assert_eq!(found(stores, eve, "secret").await, [""; 0]);
    stores.members.add(joining(others, eve, 10, at(6))).await.unwrap();
    assert_eq!(found(stores, eve, "secret").await, ["secret two"]);
}

pub async fn filters_narrow_the_search(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben Ten"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let other = group(stores, &[anna, ben]).await.id;
    let day = 24 * 3600;
    // The times of fixtures are on 14 November 2023.
    for (place, author, said, sent) in [
        (chat, anna, "tea one", 0),
        (chat, ben, "tea two", day),
        (other, anna, "tea three", 2 * day),
        (other, ben, "milk", 3 * day),
    ] {
        let sent_at = at(sent);
        let draft = Draft { sent_at, ..draft(place, author, said) };
        stores.messages.append(draft).await.unwrap();
    }
    for (q, expected) in [
        (format!("tea from:{ben}"), vec!["tea two"]),
        ("tea from:anna".into(), vec!["tea three", "tea one"]),
        ("from:\"BEN ten\"".into(), vec!["milk", "tea two"]),
        ("tea from:nobody".into(), vec![]),
        (format!("tea from:{NOBODY}"), vec![]),
        (format!("tea in:{chat}"), vec!["tea two", "tea one"]),
        (format!("in:{other}"), vec!["milk", "tea three"]),
        (format!("tea in:{NOBODY}"), vec![]),
        ("tea before:2023-11-14".into(), vec![]),
        ("tea before:2023-11-15".into(), vec!["tea one"]),
        ("tea before:2023-11-16".into(), vec!["tea two", "tea one"]),
        ("tea before:2030-01-01".into(), vec!["tea three", "tea two", "tea one"]),
        (format!("from:anna in:{other} before:2023-12-01 te*"), vec!["tea three"]),
    ] {
        assert_eq!(found(stores, anna, &q).await, expected, "{q}");
    }
}

pub async fn an_edit_is_found_by_its_new_words(stores: &Stores) {
    let (chat, anna, _) = a_chat(stores).await;
    let id = say(stores, chat, anna, "old words").await.id;
    let edited = edit(stores, id, text("new words"), at(200)).await.unwrap();
    assert_eq!(found(stores, anna, "old").await, [""; 0]);
    assert_eq!(find(stores, anna, "new words").await.messages, [edited]);
    edit(stores, id, text("old again"), at(201)).await.unwrap();
    assert_eq!(found(stores, anna, "old").await, ["old again"]);
}

pub async fn what_was_deleted_is_not_found(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let chat = group(stores, &[anna, ben]).await.id;
    let gone = group(stores, &[anna, ben]).await.id;
    let id = say(stores, chat, anna, "words that go").await.id;
    say(stores, chat, anna, "words that stay").await;
    say(stores, gone, anna, "words elsewhere").await;
    delete(stores, id, at(200)).await.unwrap();
    stores.chats.delete(deleting(gone)).await.unwrap();
    assert_eq!(found(stores, anna, "words").await, ["words that stay"]);
    assert_eq!(found(stores, anna, "from:anna").await, ["words that stay"]);
    assert_eq!(found(stores, anna, &format!("in:{gone}")).await, [""; 0]);
}

pub async fn pages_of_what_is_found_follow_each_other(stores: &Stores) {
    let (chat, anna, _) = a_chat(stores).await;
    let mut wanted = Vec::new();
    for n in 0..7 {
        wanted.push(say(stores, chat, anna, &format!("needle {n}")).await.id);
        say(stores, chat, anna, "hay").await;
    }
    wanted.reverse();
    for limit in [1, 2, 3, 6, 7, 8] {
        let mut ids: Vec<MessageId> = Vec::new();
        let mut before = None;
        loop {
            let page = stores.messages.find(anna, query("needle"), before, limit).await.unwrap();
            assert!(page.messages.len() <= limit);
            ids.extend(page.messages.iter().map(|message| message.id));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(ids, wanted, "limit {limit}");
    }
    let page = stores.messages.find(anna, query("needle"), None, 7).await.unwrap();
    assert_eq!(page.next, None, "seven of seven, and no more");
}

pub async fn messages_stored_at_once_are_all_found(stores: &Stores) {
    let (chat, anna, ben) = a_chat(stores).await;
    let calls = (0..60).map(|n| {
        let stores = stores.clone();
        let author = if n % 2 == 0 { anna } else { ben };
        async move { say(&stores, chat, author, &format!("at once n{n}")).await.id }
    });
    let mut sent = at_once(calls).await;
    sent.sort_unstable();
    sent.reverse();
    let page = find(stores, anna, "once").await;
    assert_eq!(page.messages.iter().map(|m| m.id).collect::<Vec<_>>(), sent);
    for n in [0, 17, 59] {
        assert_eq!(found(stores, anna, &format!("n{n} at")).await, [format!("at once n{n}")]);
    }
}

pub async fn somebody_in_many_chats_finds_in_all(stores: &Stores) {
    let [anna, ben] = people(stores, ["Anna", "Ben"]).await;
    let mut sent = Vec::new();
    for n in 0..300 {
        let chat = group(stores, &[anna, ben]).await.id;
        if n % 100 == 0 {
            sent.push(say(stores, chat, ben, "needle").await.id);
        }
    }
    sent.reverse();
    let page = find(stores, anna, "nee").await;
    assert_eq!(page.messages.iter().map(|m| m.id).collect::<Vec<_>>(), sent);
    assert_eq!(page.chats.len(), 3);
}

pub async fn what_is_further_back_is_found_among_many(stores: &Stores) {
    let [anna, ben, cleo, dora] = people(stores, ["Anna", "Ben", "Cleo", "Dora"]).await;
    let mut chats = Vec::new();
    for n in 0..40 {
        let members = match n {
            0 | 1 => vec![anna, ben, cleo],
            7 => vec![anna, ben, cleo, dora],
            _ => vec![anna, ben, dora],
        };
        chats.push(group(stores, &members).await.id);
    }
    let elsewhere = group(stores, &[ben]).await.id;
    let oldest = say(stores, chats[8], ben, "plain, and the first").await;
    let old = say(stores, chats[7], ben, "needlework of old, plain").await;
    let hidden = say(stores, elsewhere, ben, "needlework elsewhere").await;
    // More messages than are searched without an index.
    let calls = (0..52).map(|n| {
        let (stores, chat) = (stores.clone(), chats[n % 2]);
        async move {
            for nth in 0..100 {
                say(&stores, chat, ben, &format!("plain hay n{}", nth % 50)).await;
            }
        }
    });
    at_once(calls).await;
    for q in ["needlework", "needle", "needl* old", "needlework from:ben", "old of", "plain needl"]
    {
        for viewer in [anna, cleo] {
            let found = find(stores, viewer, q).await.messages;
            assert_eq!(found, std::slice::from_ref(&old), "{q}");
        }
    }
    let q = format!("needle in:{}", chats[7]);
    assert_eq!(find(stores, anna, &q).await.messages, std::slice::from_ref(&old));
    assert_eq!(find(stores, ben, "needle").await.messages, [hidden, old.clone()]);
    assert_eq!(find(stores, anna, &format!("hay in:{}", chats[0])).await.messages.len(), 100);
    let (today, first) = ("before:2023-11-15", format!("in:{}", chats[0]));
    for q in ["hay", "ha", "from:ben", "ha from:anna", "plain hay", "n7 ha", today, &first] {
        for viewer in [anna, cleo] {
            let page = find(stores, viewer, q).await;
            let count = if q == "ha from:anna" { 0 } else { 100 };
            assert_eq!((page.messages.len(), page.next.is_some()), (count, count > 0), "{q}");
        }
    }
    // A word that is frequent in other chats, and occurred long ago in one's own.
    for q in ["plain", "pla"] {
        let page = stores.messages.find(dora, query(q), None, 1).await.unwrap();
        assert_eq!((&page.messages[..], page.next), (std::slice::from_ref(&old), Some(old.id)));
        let page = stores.messages.find(dora, query(q), page.next, 1).await.unwrap();
        assert_eq!((&page.messages[..], page.next), (std::slice::from_ref(&oldest), None));
        assert_eq!(find(stores, dora, q).await.messages, [old.clone(), oldest.clone()]);
    }
    for viewer in [ben, cleo] {
        let (mut before, mut walked) = (None, Vec::new());
        loop {
            let page = stores.messages.find(viewer, query("ha"), before, 700).await.unwrap();
            walked.extend(page.messages.into_iter().map(|message| message.id));
            match page.next {
                Some(next) => before = Some(next),
                None => break,
            }
        }
        assert_eq!(walked.len(), 5_200);
        assert!(walked.is_sorted_by(|a, b| a > b), "the newest first, and none twice");
    }
}

pub async fn a_search_compares_no_more_than_it_may(stores: &Stores) {
    let (chat, anna, _) = a_chat(stores).await;
    let old = say(stores, chat, anna, "一 zzzz").await;
    // Three times as much text as may be compared, so that the match lies beyond it.
    let long = "一".repeat(MESSAGE_CHARS / 2);
    // A few at a time: each has thousands of words to index, and all at once would wait longer than the limit.
    for _ in 0..=3 * SEARCH_WORK_CHARS / long.len() * 3 / 16 {
        let calls = (0..16).map(|_| {
            let (stores, long) = (stores.clone(), long.clone());
            async move { say(&stores, chat, anna, &long).await }
        });
        at_once(calls).await;
    }
    for q in ["一 zzzz", "zzzz", "一 nothing"] {
        let (mut found, mut before, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = stores.messages.find(anna, query(q), before, 5).await.unwrap();
            assert!(page.work <= SEARCH_WORK_CHARS, "{q}: {}", page.work);
            found.extend(page.messages);
            (before, pages) = (page.next, pages + 1);
            assert!(pages < 20, "each page goes on further back");
            if before.is_none() {
                break;
            }
        }
        let expected = if q == "一 nothing" { &[][..] } else { std::slice::from_ref(&old) };
        assert_eq!(found, expected, "{q}");
    }
}

pub async fn what_is_not_seen_is_passed_over(stores: &Stores) {
    let (chat, anna, _) = a_chat(stores).await;
    for (said, q) in [
        ("⚠\u{fe0f}Warning: full", "warning"),
        ("1\u{fe0f}\u{20e3}first", "first"),
        ("Donau\u{ad}dampf\u{ad}schiff", "donaudampfschiff"),
        ("wor\u{200b}dpress", "WORDPRESS"),
        ("cod\u{2060}e", "code"),
        ("می\u{200c}خواهم", "میخواهم"),
        ("葛\u{e0100}飾区", "葛飾"),
    ] {
        say(stores, chat, anna, said).await;
        assert_eq!(found(stores, anna, q).await, [said], "{q:?}");
        assert_eq!(found(stores, anna, said).await, [said], "{said:?}");
    }
}

pub async fn kana_and_hangul_are_cut_alike(stores: &Stores) {
    let (chat, anna, _) = a_chat(stores).await;
    let texts = [
        "ユーザーIDを教えて",
        "ｻｰﾊﾞｰ2号",
        "ヒーローとコスト",
        "らくだーめん太",
        "ルーマニアのメモ",
        "コーヒー牛乳",
        "사용자ID를 알려줘",
        "카카오톡API",
    ];
    for said in texts {
        say(stores, chat, anna, said).await;
    }
    for (q, expected) in [
        ("ID", vec![texts[6], texts[0]]),
        ("ID please", vec![]),
        ("2号", vec![texts[1]]),
        ("コーヒー", vec![texts[5]]),
        ("らーめん", vec![]),
        ("メール", vec![]),
        ("サーバー", vec![texts[1]]),
        ("api", vec![texts[7]]),
        ("사용자", vec![texts[6]]),
        ("사용자ID", vec![texts[6]]),
    ] {
        assert_eq!(found(stores, anna, q).await, expected, "{q}");
    }
}

pub async fn a_dotless_i_is_found_as_an_i(stores: &Stores) {
    let (chat, anna, _) = a_chat(stores).await;
    say(stores, chat, anna, "İSTANBUL kırmızı ISPARTA").await;
    for q in ["istanbul", "İstanbul", "ıstanbul", "KIRMIZI", "kirmizi", "ısparta", "ISPARTA"] {
        assert_eq!(found(stores, anna, q).await.len(), 1, "{q}");
    }
}
