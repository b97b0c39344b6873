//! Searches that must not hold up other calls, and what happens to an index in an older format.

use crate::common::{Database, at, draft, group, person, postgres, sqlite, sqlite_place};
use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use domain::failure::StoreError;
use domain::ids::{ChatId, UserId};
use domain::message::{DeleteMessage, Edit, Message, MessageQuery, MessageText, Search};
use domain::user::UserQuery;
use std::time::Duration;
use storage_diesel::{Options, Storage, open};

/// Anna, and a chat of hers.
async fn a_chat(storage: &Storage) -> (ChatId, UserId) {
    let anna = person(storage, "Anna").await;
    (group(storage, anna, &[]).await.id, anna)
}

async fn say(storage: &Storage, (chat, author): (ChatId, UserId), text: &str) -> Message {
    storage.messages.append(draft(chat, author, text)).await.unwrap().message
}

fn query(q: &str) -> MessageQuery {
    MessageQuery::read(&Search { q, ..Search::default() }).unwrap()
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    calls: i64,
}

/// How many calls are waiting for a lock.
async fn waiting(conn: &mut AsyncPgConnection) -> i64 {
    use diesel_async::RunQueryDsl;
    let sql = "SELECT count(*) AS calls FROM pg_locks WHERE NOT granted \
        AND relation = 'messages'::regclass";
    let waiting = RunQueryDsl::get_result::<Waiting>(diesel::sql_query(sql), conn);
    waiting.await.unwrap().calls
}

/// Two searches are stuck because somebody has locked what they read, and use up the connections for
/// searches. All other calls go on.
#[tokio::test(flavor = "multi_thread")]
async fn searches_that_stand_still_keep_nobody_waiting() {
    let database = postgres().await;
    let sent = say(&database.storage, a_chat(&database.storage).await, "tea").await;
    let author = sent.author;
    let mut locking = AsyncPgConnection::establish(&database.url).await.unwrap();
    locking.batch_execute("BEGIN; LOCK TABLE messages IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let search = || {
        let messages = database.storage.messages.clone();
        tokio::spawn(async move { messages.find(author, query("tea"), None, 10).await })
    };
    let searches = [search(), search(), search()];
    // Two have a connection, and the third waits for one.
    while waiting(&mut locking).await < 2 {
        tokio::task::yield_now().await;
    }
    let anna = database.storage.users.credentials("anna").await.unwrap().user;
    assert_eq!(anna.id, sent.author);
    assert_eq!(database.storage.users.account(anna.id).await.unwrap().user, anna);
    // The server cancels their statements, and the searches say so.
    for search in searches {
        assert!(matches!(search.await.unwrap(), Err(StoreError::Unavailable(_))));
    }
    locking.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(search().await.unwrap().unwrap().messages, [sent]);
}

/// Searches have connections of their own. Here there are none, and nothing else needs them.
#[tokio::test(flavor = "multi_thread")]
async fn searches_take_no_connection_of_others() {
    let (url, _place) = sqlite_place();
    let none = Options { slow_readers: 0, ..Options::default() };
    let storage = open(&url, &none).await.unwrap();
    let anna = person(&storage, "Anna").await;
    assert_eq!(storage.users.credentials("anna").await.unwrap().user.id, anna);
    assert_eq!(storage.users.get(anna).await.unwrap().id, anna);
    // What searches wait for never comes, however long that is.
    let patience = Duration::from_millis(500);
    let hasty = open(&url, &Options { patience, ..none }).await.unwrap();
    let messages = hasty.messages.find(anna, query("tea"), None, 10);
    let people = hasty.users.find(UserQuery {
        folded: "anna".into(),
        after: None,
        limit: 10,
        sharing_with: None,
    });
    let (messages, people) = tokio::join!(messages, people);
    assert!(matches!(messages, Err(StoreError::Unavailable(_))), "{messages:?}");
    assert!(matches!(people, Err(StoreError::Unavailable(_))), "{people:?}");
}

/// Makes the database look as an earlier version left it.
#[expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]
async fn an_index_of_an_earlier_form_is_brought_up_to_date(database: Database) {
    let storage = &database.storage;
    let here = a_chat(storage).await;
    let first = say(storage, here, "n0 and @Anna").await;
    for nth in 1..349 {
        say(storage, here, &format!("n{nth} and so on")).await;
    }
    let last = say(storage, here, "n349 and @Anna").await;
    let gone = say(storage, here, "n350 and gone").await;
    let (chat, actor) = (gone.chat, gone.author);
    let delete = DeleteMessage { chat, message: gone.id, actor: actor.into(), at: at(5) };
    storage.messages.delete(delete).await.unwrap();
    let steps = async || {
        let mut steps = 1;
        while storage.reindex().await.unwrap() {
            steps += 1;
        }
        steps
    };
    assert_eq!(steps().await, 9, "eight times fifty and none");
    assert_eq!(steps().await, 1, "all is done");
    database.execute("UPDATE mentions SET ranges = ''; DELETE FROM agreements").await;
    database.execute("DELETE FROM message_search").await;
    let stored = async |id| storage.messages.get(id).await.unwrap();
    let found =
        async |q| storage.messages.find(here.1, query(q), None, 100).await.unwrap().messages;
    assert_eq!(stored(first.id).await.extras.mention_ranges, []);
    assert_eq!(found("n0 and").await, [], "the index does not have it, and too many are newer");
    assert!(storage.reindex().await.unwrap(), "there is more");
    assert_eq!(found("n0 and").await, std::slice::from_ref(&first), "it begins at the beginning");
    assert_eq!(stored(last.id).await.extras.mention_ranges, []);
    // What was changed in the meantime stays.
    let text = Some(MessageText::new("edited by @Anna"));
    let edit = Edit { text, ..Edit::new(chat, last.id, actor.into(), at(9)) };
    let edited = storage.messages.edit(edit).await.unwrap().unwrap();
    assert_eq!(steps().await, 8);
    assert_eq!(stored(last.id).await, edited);
    assert_eq!(found("n349 and").await, []);
    assert_eq!(found("edited").await, [edited]);
    assert_eq!(found("n40 and").await.len(), 1);
    assert_eq!(found("n350 and").await, [], "what was deleted is not indexed again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_brought_up_to_date_on_sqlite() {
    an_index_of_an_earlier_form_is_brought_up_to_date(sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_is_brought_up_to_date_on_postgres() {
    an_index_of_an_earlier_form_is_brought_up_to_date(postgres().await).await;
}
