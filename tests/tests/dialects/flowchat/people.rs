//! Accounts that go, and who sees whom.

use super::{Page, pages, status_of};
use tests::{Engine, PASSWORD, Person, Server, Value, json, on_both};

on_both!(an_account_is_deleted_with_its_password, people_of_other_systems_keep_to_themselves,);

async fn an_account_is_deleted_with_its_password(engine: Engine) {
    let server = Server::start(engine).await;
    let people = pages(&server, ["Ada", "Ben"]).await;
    let [ada, ben] = &people[..] else { panic!("two") };
    let chat = ada.chat_with(ben).await;
    let body = json!({"chat": chat, "text": "hello"});
    assert_eq!(ada.ask("POST", "/api/messages/", body).await.0, 201);
    let me = format!("/api/users/{}/", ada.id);
    assert_eq!(ben.ask("DELETE", &me, json!({"password": PASSWORD})).await.0, 404);
    let gone = ada.ask("DELETE", &me, json!({"password": PASSWORD})).await;
    assert_eq!(gone, (204, Value::Null));
    assert_eq!(ada.ask("GET", "/api/users/me/", Value::Null).await.0, 401);
    assert_eq!(status_of(ada.open("/ws/notifications/").await).await, 403);
    assert_eq!(ben.ask("GET", &format!("{me}profile/"), Value::Null).await.0, 404);
    server
        .until("the message to be gone", async |_| {
            let (_, shown) = ben.ask("GET", &format!("/api/chats/{chat}/"), Value::Null).await;
            shown["display_name"] == "Неизвестный пользователь" && shown["last_message"] == ""
        })
        .await;
}

/// Who signed in here is seen by everybody who did, as in the original. Others share a chat first.
async fn people_of_other_systems_keep_to_themselves(engine: Engine) {
    let server = Server::start(engine).await;
    let [_, ben, cleo] = Person::several(&server, ["Ada", "Ben", "Cleo"]).await;
    let page = Page::log_in(&server, "Ada").await;
    let (_of_ben, _of_cleo) = (ben.socket().await, cleo.socket().await);
    let his = Page::log_in(&server, "Ben").await;
    let seen = async |id: i64| {
        let path = format!("/api/users/{id}/profile/");
        let (status, profile) = page.ask("GET", &path, Value::Null).await;
        assert_eq!(status, 200, "{profile}");
        (profile["is_online"].clone(), profile["last_active"].is_null())
    };
    assert_eq!(seen(his.id).await, (json!(true), false));
    assert_eq!(seen(cleo.id).await, (json!(false), true));
    ben.put(&format!("/users/{}/block", page.id), &Value::Null).await;
    assert_eq!(seen(his.id).await, (json!(false), true));
}
