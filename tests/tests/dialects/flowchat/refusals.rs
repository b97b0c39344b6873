//! Refusals, to the letter.

#![expect(clippy::too_many_lines, reason = "a table of refusals, a row each")]

use super::{Page, ask, pages};
use tests::{Engine, Person, Server, Value, json, on_both};

on_both!(
    refusals_are_in_the_words_of_the_original,
    tokens_are_refused_in_the_words_of_the_original,
);

async fn refusals_are_in_the_words_of_the_original(engine: Engine) {
    let server = Server::start(engine).await;
    let people = pages(&server, ["Ada", "Ben", "Eve"]).await;
    let [ada, ben, eve] = &people[..] else { panic!("three") };
    let chat = ada.chat_with(ben).await;
    let sent = json!({"chat": chat, "text": "hello"});
    let (_, said) = ada.ask("POST", "/api/messages/", sent).await;
    let message = format!("/api/messages/{}/", said["id"]);
    let (empty, required) = ("Это поле не может быть пустым.", "Обязательное поле.");
    let no_user = json!({"detail": "No User matches the given query."});
    let no_chat = json!({"detail": "No ChatModel matches the given query."});
    let no_message = json!({"detail": "No MessageModel matches the given query."});
    let not_in = "Вы не являетесь участником чата и не можете отправлять сообщения";
    let long = "x".repeat(1_001);
    let of_chat = format!("/api/chats/{chat}/");
    let me = format!("/api/users/{}/", ben.id);
    for (who, method, path, body, status, wanted) in [
        (
            ben,
            "POST",
            "/api/messages/",
            json!({"text": " "}),
            400,
            json!({"chat": [required], "text": [empty]}),
        ),
        (
            ben,
            "POST",
            "/api/messages/",
            json!({"chat": chat, "text": long}),
            400,
            json!({"text": ["Убедитесь, что это значение содержит не более 1000 символов."]}),
        ),
        (
            ben,
            "POST",
            "/api/messages/",
            json!({"chat": "x", "text": "y"}),
            400,
            json!({"chat": ["Некорректный тип. Ожидалось значение первичного ключа, получен str."]}),
        ),
        (
            eve,
            "POST",
            "/api/messages/",
            json!({"chat": chat, "text": "y"}),
            403,
            json!({"detail": not_in}),
        ),
        (
            eve,
            "POST",
            "/api/messages/",
            json!({"chat": 99, "text": "y"}),
            403,
            json!({"detail": not_in}),
        ),
        (
            ben,
            "PATCH",
            &message,
            json!({"text": "y"}),
            403,
            json!({"detail": "Вы не являетесь автором и не можете редактировать этот объект"}),
        ),
        (
            ben,
            "DELETE",
            &message,
            Value::Null,
            403,
            json!({"detail": "Вы не являетесь автором и не можете удалять этот объект"}),
        ),
        (eve, "GET", &message, Value::Null, 404, no_message.clone()),
        (eve, "PATCH", &message, json!({"text": "y"}), 404, no_message.clone()),
        (eve, "DELETE", &message, Value::Null, 404, no_message.clone()),
        (ada, "PUT", &message, json!({}), 400, json!({"chat": [required], "text": [required]})),
        (ada, "PATCH", &message, json!({"text": null}), 400, json!({"text": [empty]})),
        (eve, "GET", &of_chat, Value::Null, 404, no_chat.clone()),
        (eve, "PATCH", &of_chat, json!({"title": "mine"}), 404, no_chat.clone()),
        (eve, "DELETE", &of_chat, Value::Null, 404, no_chat.clone()),
        (eve, "GET", &format!("{of_chat}get_messages/"), Value::Null, 404, no_chat.clone()),
        (ada, "GET", "/api/chats/x/", Value::Null, 404, json!({"detail": "Страница не найдена."})),
        (ada, "GET", &me, Value::Null, 404, no_user.clone()),
        (ada, "PATCH", &me, json!({"bio": "x"}), 404, no_user.clone()),
        (ada, "GET", "/api/users/999999/profile/", Value::Null, 404, no_user.clone()),
        (ada, "GET", "/api/users/x/profile/", Value::Null, 404, no_user.clone()),
        (
            ben,
            "PATCH",
            &me,
            json!({"avatar": "x"}),
            400,
            json!({"avatar": ["Загруженный файл не является корректным файлом."]}),
        ),
        (
            ben,
            "PATCH",
            &me,
            json!({"username": "Ada", "first_name": null}),
            400,
            json!({"username": ["Пользователь с таким именем уже существует."], "first_name": [empty]}),
        ),
        (ben, "PUT", &me, json!({}), 400, json!({"username": [required], "password": [required]})),
        (ben, "DELETE", &me, Value::Null, 400, json!({"password": [required]})),
        (
            ben,
            "DELETE",
            &me,
            json!({"password": "x"}),
            400,
            json!({"password": ["Неверный пароль."]}),
        ),
        (
            ben,
            "POST",
            "/api/chats/get_or_create/",
            json!({"user_id": ""}),
            400,
            json!({"detail": "user_id обязателен."}),
        ),
        (
            ben,
            "POST",
            "/api/chats/get_or_create/",
            json!({"user_id": "x"}),
            404,
            json!({"detail": "Пользователь не найден."}),
        ),
        (
            ben,
            "POST",
            "/api/chats/",
            json!({"members": []}),
            400,
            json!({"members": ["Этот список не может быть пустым."]}),
        ),
        (
            ben,
            "POST",
            "/api/chats/",
            json!({"members": [999_999], "title": "x".repeat(51)}),
            400,
            json!({
                "members": ["Недопустимый первичный ключ \"999999\" - объект не существует."],
                "title": ["Убедитесь, что это значение содержит не более 50 символов."],
            }),
        ),
        (
            ben,
            "GET",
            "/api/messages/",
            Value::Null,
            405,
            json!({"detail": "Метод \"GET\" не разрешен."}),
        ),
        (
            ben,
            "POST",
            "/api/chats/",
            json!([]),
            400,
            json!({
                "non_field_errors": ["Недопустимые данные. Ожидался dictionary, но был получен list."],
            }),
        ),
    ] {
        assert_eq!(
            who.ask(method, path, body.clone()).await,
            (status, wanted),
            "{method} {path} {body}"
        );
    }
    // A chat in which nothing was said has no body at all.
    let other = ada.chat_with(eve).await;
    let path = format!("/api/chats/{other}/get_messages/");
    assert_eq!(ada.ask("GET", &path, Value::Null).await, (200, Value::Null));
}

async fn tokens_are_refused_in_the_words_of_the_original(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let page = Page::log_in(&server, "Ada").await;
    let bearer = format!("Bearer {}", page.token.trim_start_matches("Token "));
    let nothing = "Учетные данные не были предоставлены.";
    for (header, detail) in [
        ("Basic x", nothing),
        (bearer.as_str(), nothing),
        ("Token null", "Недопустимый токен."),
        ("Token a.b.c", "Недопустимый токен."),
        ("Token", "Недопустимый заголовок токена. Не предоставлены учетные данные."),
        ("Token a b", "Недопустимый заголовок токена. Токен не должен содержать пробелов."),
    ] {
        let headers = [("authorization", header)];
        let answer = ask(&server, ("GET", "/api/users/me/"), &headers, &Value::Null).await;
        assert_eq!((answer.status, &answer.body), (401, &json!({"detail": detail})), "{header}");
        assert_eq!(answer.challenge.as_deref(), Some("Token"), "{header}");
        // Where nobody need sign in, a token that is not good is refused all the same.
        let answer = ask(&server, ("POST", "/api/users/"), &headers, &json!({})).await;
        assert_eq!(answer.status, if detail == nothing { 400 } else { 401 }, "{header}");
    }
    let listed = ada.get("/auth/sessions").await.expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2), "a token is a session");
    let query = format!("/api/users/me/?token={}", page.token.trim_start_matches("Token "));
    assert_eq!(ask(&server, ("GET", &query), &[], &Value::Null).await.status, 401);
}
