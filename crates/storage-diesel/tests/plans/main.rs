//! What is asked all day reads by an index, and no more than it needs, among 100,000 rows.
//!
//! A binary of its own: what SQLite is asked is overheard on every connection of the process.
#![allow(clippy::unwrap_used, reason = "a panic is a test's verdict")]

#[path = "../all/common.rs"]
mod common;
mod crowds;
mod host_people;

use common::{
    Database, all_chats, at, draft, draft_with_client_id, group, person, postgres, sqlite,
};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, QueryableByName, SqliteConnection};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use domain::admin::{AccountQuery, AuditAction, Record};
use domain::chat::Pair;
use domain::host::{HostSession, Issuer};
use domain::ids::{ChatId, Seq, UserId, Version};
use domain::limits::PEOPLE_SEARCHED;
use domain::message::{
    DeleteMessage, Draft, Edit, Emoji, MessageQuery, MessageText, Page, React, Search,
};
use domain::session::EndedAtHost;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use storage_diesel::Storage;

/// Rows that all those calls may read of one table. What looks at every row reads 100,000.
const FEW: i64 = 10_000;

/// Anna and Ben, and a group in which they talk.
struct Scene {
    anna: UserId,
    ben: UserId,
    chat: ChatId,
}

async fn scene(storage: &Storage) -> Scene {
    let (anna, ben) = (person(storage, "Anna").await, person(storage, "Ben").await);
    let chat = group(storage, anna, &[ben]).await.id;
    for n in 0..20 {
        storage.messages.append(draft(chat, anna, &format!("tea {n}, @Ben"))).await.unwrap();
    }
    Scene { anna, ben, chat }
}

// One after the other, so that SQLite is the only one overheard.
#[tokio::test]
async fn what_is_asked_all_day_reads_few_rows() {
    postgresql_reads_few_of_many_rows().await;
    host_people::come_by_few_reads().await;
    postgresql_looks_through_a_bounded_number_of_people().await;
    crowds::read_few_rows().await;
    sqlite_looks_everything_up().await;
    sqlite_reads_the_newest_of_many_chats_by_their_places().await;
}

/// What people ask all day.
async fn ask(storage: &Storage, scene: &Scene) {
    ask_for_messages(storage, scene).await;
    change_messages(storage, scene).await;
    ask_for_chats(storage, scene).await;
    ask_for_people(storage, scene).await;
}

async fn ask_for_messages(storage: &Storage, Scene { anna, ben, chat }: &Scene) {
    let (anna, ben, chat, messages) = (*anna, *ben, *chat, &storage.messages);
    let middle = Seq::stored(10);
    for page in [Page::Latest, Page::Before(middle), Page::After(middle), Page::Around(middle)] {
        let page = messages.page(chat, page, 5).await.unwrap().messages;
        messages.get(page[0].id).await.unwrap();
    }
    for page in [Page::Latest, Page::Before(middle), Page::After(middle), Page::Around(middle)] {
        messages.history(ben, chat, page, 5).await.unwrap();
    }
    messages.shown(anna, chat, 0, 5).await.unwrap();
    for q in ["tea", "te", "\"tea 3\"", "from=Anna tea"] {
        let query = MessageQuery::read(&Search { q, ..Search::default() }).unwrap();
        messages.find(anna, query, None, 10).await.unwrap();
    }
}

async fn change_messages(storage: &Storage, Scene { anna, ben, chat }: &Scene) {
    let (anna, ben, chat, messages) = (*anna, *ben, *chat, &storage.messages);
    let sent = messages.append(draft_with_client_id(chat, anna, "one")).await.unwrap().message;
    assert!(messages.append(draft_with_client_id(chat, anna, "one")).await.unwrap().replayed);
    let reply = Draft { reply_to: Some(sent.id), ..draft(chat, ben, "@Anna, yes") };
    let reply = messages.append(reply).await.unwrap().message;
    let text = Some(Ok(MessageText::new("tea, edited").unwrap()));
    let at_last = at(150);
    let edit = Edit { text, ..Edit::new(chat, sent.id, anna.into(), at_last) };
    messages.edit(edit).await.unwrap();
    let delete = DeleteMessage { chat, message: reply.id, actor: ben.into(), at: at_last };
    messages.delete(delete).await.unwrap();
    let react = |on| React {
        chat: Some(chat),
        message: sent.id,
        user: ben,
        emoji: Emoji::new("👍"),
        on,
        at: at(150),
    };
    storage.marks.react(react(true)).await.unwrap();
    storage.marks.react(react(false)).await.unwrap();
    storage.members.mark_read(chat, ben, reply.seq).await.unwrap();
}

async fn ask_for_chats(storage: &Storage, Scene { anna, ben, chat }: &Scene) {
    let (anna, ben, chat) = (*anna, *ben, *chat);
    storage.members.standing(chat, ben).await.unwrap();
    storage.members.list(chat, None, 10).await.unwrap();
    storage.members.contacts(anna, 50, 100).await.unwrap();
    storage.members.sharing(anna, &[ben]).await.unwrap();
    storage.members.memberships(&[anna, ben]).await.unwrap();
    storage.chats.view(chat, ben).await.unwrap();
    storage.chats.list(ben, all_chats()).await.unwrap();
    storage.chats.followed(ben).await.unwrap();
    storage.chats.heads(&[chat]).await.unwrap();
    storage.chats.changes(chat, Version::stored(5), 10).await.unwrap();
    storage.chats.changes_with_standing(ben, chat, Version::stored(5), 10).await.unwrap();
    storage.marks.pinned(chat, Some(ben)).await.unwrap();
    storage.media.in_chat(ben, chat, 10).await.unwrap();
    storage.chats.open_direct(Pair::new(anna, ben), at(200)).await.unwrap();
}

async fn ask_for_people(storage: &Storage, Scene { anna, ben, .. }: &Scene) {
    let (anna, ben) = (*anna, *ben);
    storage.users.get(anna).await.unwrap();
    storage.users.get_many(&[anna, ben]).await.unwrap();
    storage.users.credentials("anna").await.unwrap();
    let _ = storage.users.credentials_by_email("anna@example.org").await;
    storage.users.account(anna).await.unwrap();
    person(storage, "Cleo").await;
    storage.host_pictures.take(at(200), at(300), 4).await.unwrap();
    let (issuer, session) = (Issuer::new("shop").unwrap(), HostSession::new("s 1").unwrap());
    let ended = EndedAtHost { issuer, subject: None, session };
    let line = Record::new(None, AuditAction::UserSessions, String::new(), at(200));
    storage.sessions.end_from_host(ended, line).await.unwrap();
}

/// 100,000 accounts, memberships and messages in 2,000 groups.
const FILLED: &str = "
SET application_name = 'filler';
INSERT INTO users (id, name, name_folded, password_hash, role, active, created_at, searched)
    SELECT i, 'Filler ' || i, 'filler ' || i, 'hash', 'user', true, now(), 'filler ' || i
    FROM generate_series(10001, 110000) AS i;
INSERT INTO chats (id, kind, title, created_at, version)
    SELECT i, 'group', 'Filler', now(), 50 FROM generate_series(10001, 12000) AS i;
INSERT INTO chat_heads (chat_id, last_seq, version, active_at, member_count, slow_mode, closed)
    SELECT i, 50, 100, now(), 50, 0, false FROM generate_series(10001, 12000) AS i;
INSERT INTO members (chat_id, user_id, role, joined_at, read_seq, version, pinned, archived)
    SELECT 10001 + i % 2000, 10001 + i, 'member', now(), 0, 1 + i / 2000, false, false
    FROM generate_series(0, 99999) AS i;
INSERT INTO messages (id, chat_id, seq, version, created_version, author_id, text, created_at, extras)
    SELECT 10001 + i, 10001 + i % 2000, 1 + i / 2000, 51 + i / 2000, 51 + i / 2000, 10001 + i,
        'coffee ' || i, now(), 0
    FROM generate_series(0, 99999) AS i;
INSERT INTO message_search (message_id, chat_id, words)
    SELECT id, chat_id, array_to_tsvector(ARRAY['coffee', id::text]) FROM messages WHERE id > 10000;
SELECT setval('users_id_seq', 110000);
SELECT setval('chats_id_seq', 12000);
SELECT setval('messages_id_seq', 110001);
ANALYZE;
";

#[derive(QueryableByName)]
struct Read {
    #[diesel(sql_type = Text)]
    relation: String,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

#[derive(QueryableByName)]
struct Others {
    #[diesel(sql_type = BigInt)]
    others: i64,
}

/// Waits until connections of that kind are gone: until then what they read may not be counted.
async fn gone(conn: &mut AsyncPgConnection, which: &str) {
    use diesel_async::RunQueryDsl;
    let others = format!(
        "SELECT count(*) AS others FROM pg_stat_activity WHERE datname = current_database() \
         AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND {which}"
    );
    while diesel::sql_query(&others).get_result::<Others>(conn).await.unwrap().others > 0 {
        tokio::task::yield_now().await;
    }
}

/// How many rows were read of each table.
async fn rows_read(conn: &mut AsyncPgConnection) -> BTreeMap<String, i64> {
    use diesel_async::RunQueryDsl;
    let read = "SELECT relname::text AS relation, \
        (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint AS rows \
        FROM pg_stat_user_tables";
    let read: Vec<Read> = diesel::sql_query(read).load(conn).await.unwrap();
    read.into_iter().map(|Read { relation, rows }| (relation, rows)).collect()
}

/// As many accounts again, after those.
const MORE_PEOPLE: &str = "
SET application_name = 'filler';
INSERT INTO users (id, name, name_folded, password_hash, role, active, created_at, searched)
    SELECT i, 'Filler ' || i, 'filler ' || i, 'hash', 'user', true, now(), 'filler ' || i
    FROM generate_series(200001, 300000) AS i;
ANALYZE users;
";

/// A part of a name is searched for by comparing names, so many at most, however many people there are (ADR 77).
async fn postgresql_looks_through_a_bounded_number_of_people() {
    let database = postgres().await;
    Database::execute(&database, FILLED).await;
    Database::execute(&database, MORE_PEOPLE).await;
    let mut conn = AsyncPgConnection::establish(&database.url).await.unwrap();
    gone(&mut conn, "application_name = 'filler'").await;
    let before = rows_read(&mut conn).await;
    let find = async |part: &str| {
        let (folded, limit) = (part.to_owned(), 20);
        let query = AccountQuery { folded, role: None, active: None, after: None, limit };
        database.storage.admin.find_users(query).await.unwrap()
    };
    let rare = find("nobody has this").await;
    assert!(rare.accounts.is_empty() && rare.next.is_some(), "it goes on with the next page");
    let common = find("ller").await;
    assert_eq!((common.accounts.len(), common.next.is_some()), (20, true));
    database.storage.close().await;
    gone(&mut conn, "true").await;
    let read = rows_read(&mut conn).await["users"] - before["users"];
    // Each is looked at, and counted to know where the slice ends.
    let most = 2 * i64::try_from(PEOPLE_SEARCHED).unwrap() + 3 * FEW;
    assert!(read > 0 && read <= most, "{read} rows");
}

async fn postgresql_reads_few_of_many_rows() {
    let database = postgres().await;
    let scene = scene(&database.storage).await;
    Database::execute(&database, FILLED).await;
    let mut conn = AsyncPgConnection::establish(&database.url).await.unwrap();
    gone(&mut conn, "application_name = 'filler'").await;
    let before = rows_read(&mut conn).await;
    ask(&database.storage, &scene).await;
    database.storage.close().await;
    gone(&mut conn, "true").await;
    let after = rows_read(&mut conn).await;
    let read: Vec<_> = after.iter().map(|(table, rows)| (table, rows - before[table])).collect();
    assert!(read.iter().any(|(table, rows)| *table == "messages" && *rows > 0), "{read:?}");
    let much: Vec<_> = read.iter().filter(|(_, rows)| *rows > FEW).collect();
    assert!(much.is_empty(), "{much:?}");
}

/// What SQLite was asked.
static ASKED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Which of that its connections keep prepared.
static KEPT: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

struct Overhearing;

impl Instrumentation for Overhearing {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                let sql = query.to_string();
                let sql = sql.split(" -- binds:").next().unwrap().trim().to_owned();
                ASKED.lock().unwrap().insert(sql);
            }
            InstrumentationEvent::CacheQuery { sql, .. } => {
                KEPT.lock().unwrap().insert(sql.to_owned());
            }
            _ => {}
        }
    }
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

async fn sqlite_looks_everything_up() {
    use diesel::RunQueryDsl;
    set_default_instrumentation(|| Some(Box::new(Overhearing))).unwrap();
    let database: Database = sqlite().await;
    let scene = scene(&database.storage).await;
    // Preparing an UPDATE takes longer than running it, and each message has one of its chat's head.
    let kept = std::mem::take(&mut *KEPT.lock().unwrap());
    assert!(kept.iter().any(|sql| sql.starts_with("UPDATE chat_heads")), "{kept:?}");
    ASKED.lock().unwrap().clear();
    ask(&database.storage, &scene).await;
    let asked = std::mem::take(&mut *ASKED.lock().unwrap());
    let file = database.url.strip_prefix("sqlite://").unwrap();
    let mut conn = SqliteConnection::establish(file).unwrap();
    let (mut plans, mut scans) = (0, Vec::new());
    for sql in asked {
        let first = sql.split_whitespace().next().unwrap_or_default().to_uppercase();
        if !["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(&first.as_str()) {
            continue;
        }
        let plan = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"));
        let steps: Vec<Step> =
            plan.load(&mut conn).unwrap_or_else(|error| panic!("{error}: {sql}"));
        plans += 1;
        for Step { detail } in steps {
            if reads_all(&detail) {
                scans.push(format!("{detail}: {sql}"));
            }
        }
    }
    assert!(scans.is_empty(), "{}", scans.join("\n"));
    assert!(plans > 40, "{plans} statements were overheard");
}

/// What has a few rows however much is stored: SQLite's own table of the last ids, and the chats that a search names.
const SMALL: [&str; 2] = ["sqlite_sequence", "heads"];

/// Whether a step looks at every row of a table. Values are rows too, and an index of words is asked by its own plan.
fn reads_all(step: &str) -> bool {
    let Some(scanned) = step.strip_prefix("SCAN ") else { return false };
    let is_no_table = scanned == "CONSTANT ROW" || scanned.ends_with("VALUES CLAUSE");
    !is_no_table && !scanned.contains("VIRTUAL TABLE") && !SMALL.contains(&scanned)
}

/// 2,400 messages in 40 chats with the ids that follow this one.
fn filled(first: ChatId) -> String {
    format!(
        "WITH RECURSIVE numbers (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < 2399) \
         INSERT INTO messages (id, chat_id, seq, version, created_version, author_id, text, \
             created_at, extras) \
         SELECT 1000 + i, {} + i % 40, 1 + i / 40, 2 + i / 40, 2 + i / 40, 1, 'tea', i, 0 \
         FROM numbers; UPDATE chat_heads SET last_seq = 60, version = 61",
        first.get()
    )
}

async fn sqlite_reads_the_newest_of_many_chats_by_their_places() {
    use diesel::RunQueryDsl;
    let database: Database = sqlite().await;
    let anna = person(&database.storage, "Anna").await;
    let mut chats = Vec::new();
    for _ in 0..40 {
        chats.push(group(&database.storage, anna, &[]).await.id);
    }
    Database::execute(&database, &filled(chats[0])).await;
    ASKED.lock().unwrap().clear();
    let query = Search { q: "before:2023-01-01", ..Search::default() };
    let query = MessageQuery::read(&query).unwrap();
    let found = database.storage.messages.find(anna, query, None, 10).await.unwrap();
    let ids: Vec<_> = found.messages.iter().map(|message| message.id.get()).collect();
    assert_eq!(ids, (3390..3400).rev().collect::<Vec<_>>());
    let asked = std::mem::take(&mut *ASKED.lock().unwrap());
    let mut conn =
        SqliteConnection::establish(database.url.strip_prefix("sqlite://").unwrap()).unwrap();
    let mut searched = 0;
    for sql in asked.into_iter().filter(|sql| sql.starts_with("SELECT") || sql.starts_with("WITH"))
    {
        let plan = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"));
        let steps: Vec<Step> = plan.load(&mut conn).unwrap();
        let of_messages = |step: &Step| {
            step.detail.starts_with("SEARCH messages ") || step.detail.starts_with("SEARCH m ")
        };
        for Step { detail } in steps.into_iter().filter(of_messages) {
            searched += 1;
            let by = ["seq=?", "seq>?", "rowid=?", "rowid>? AND rowid<?"];
            assert!(by.iter().any(|bound| detail.contains(bound)), "{detail}: {sql}");
        }
    }
    assert!(searched > 0, "messages were looked up");
}
