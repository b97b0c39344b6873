//! Refresh tokens, sessions and passwords.

use tests::{Api, Engine, PASSWORD, Person, Server, Value, json, on_both};

on_both!(
    a_refresh_token_works_once,
    a_repeated_refresh_gets_the_same_successor,
    a_reused_token_ends_everything_derived_from_it,
    no_token_that_was_not_given_out_works,
    logging_out_ends_the_session,
    sessions_are_listed_and_ended,
    a_changed_password_ends_the_other_sessions,
    registration_can_be_closed,
);

const ANOTHER: &str = "cloud-bridge-violin-7";

async fn refreshed(person: &Person) -> Person {
    let body = json!({"refresh_token": person.refresh});
    let answer = person.api.post("/auth/refresh", &body).await.expect(200);
    Person::signed_in(person.api.clone(), &answer)
}

async fn refused(person: &Person, code: &str) {
    let body = json!({"refresh_token": person.refresh});
    person.api.post("/auth/refresh", &body).await.refused(401, code);
}

async fn a_refresh_token_works_once(engine: Engine) {
    let mut server = Server::start(engine).await;
    let first = Person::register(&server, "Ada").await;
    let second = refreshed(&first).await;
    assert_eq!((second.session, second.id), (first.session, first.id));
    assert_ne!(second.refresh, first.refresh);
    second.get("/users/me").await.expect(200);
    // The session is the same one, so the access token of before is still good.
    first.get("/users/me").await.expect(200);

    // What a token is made from survives a restart.
    server.restart().await;
    let mut moved = second.clone();
    moved.moved_to(&server).await;
    moved.get("/users/me").await.expect(200);
    refreshed(&moved).await.get("/users/me").await.expect(200);
}

async fn a_repeated_refresh_gets_the_same_successor(engine: Engine) {
    let server = Server::start(engine).await;
    let first = Person::register(&server, "Ada").await;
    let tabs = futures_util::future::join_all((0..6).map(|_| refreshed(&first))).await;
    for tab in &tabs {
        assert_eq!(tab.refresh, tabs[0].refresh, "every tab gets the same successor");
        tab.get("/users/me").await.expect(200);
    }
    assert_eq!(refreshed(&first).await.refresh, tabs[0].refresh);
    refreshed(&tabs[0]).await.get("/users/me").await.expect(200);
}

async fn a_reused_token_ends_everything_derived_from_it(engine: Engine) {
    let server = Server::start(engine).await;
    let first = Person::register(&server, "Ada").await;
    let other = first.sign_in_again().await;
    let second = refreshed(&first).await;
    let third = refreshed(&second).await;
    refused(&first, "refresh_token_reused").await;
    for derived in [&first, &second, &third] {
        derived.get("/users/me").await.refused(401, "token_invalid");
        refused(derived, "refresh_token_invalid").await;
    }
    other.get("/users/me").await.expect(200);
    refreshed(&other).await.get("/users/me").await.expect(200);
}

async fn no_token_that_was_not_given_out_works(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let (start, proof) = ada.refresh.rsplit_once('.').expect("three parts");
    let (session, generation) = start.split_once('.').expect("three parts");
    let next = generation.parse::<i64>().expect("a number") + 1;
    let other = session.parse::<i64>().expect("a number") + 1;
    let wrong = [
        String::new(),
        "x".into(),
        "..".into(),
        format!("{session}.{generation}."),
        format!("{session}.{generation}.{}", proof.replace(|_| true, "0")),
        format!("{session}.{next}.{proof}"),
        format!("{session}.-1.{proof}"),
        format!("{other}.{generation}.{proof}"),
        format!("99999999999999999999.{generation}.{proof}"),
        ada.access.clone(),
        "\0".into(),
    ];
    for token in wrong {
        let body = json!({"refresh_token": token});
        ada.api.post("/auth/refresh", &body).await.refused(401, "refresh_token_invalid");
    }
    // None of that ended the session.
    refreshed(&ada).await.get("/users/me").await.expect(200);
}

async fn logging_out_ends_the_session(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let [by_access, by_refresh] = [ada.sign_in_again().await, ada.sign_in_again().await];
    by_access.post("/auth/logout", &Value::Null).await.expect(204);
    let body = json!({"refresh_token": by_refresh.refresh});
    ada.api.post("/auth/logout", &body).await.expect(204);
    for out in [by_access, by_refresh] {
        out.get("/users/me").await.refused(401, "token_invalid");
        refused(&out, "refresh_token_invalid").await;
    }
    ada.get("/users/me").await.expect(200);
}

async fn sessions_are_listed_and_ended(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let phone = ada.sign_in_again().await;
    let listed = ada.get("/auth/sessions").await.expect(200);
    let listed = listed["items"].as_array().expect("items").clone();
    let current: Vec<_> =
        listed.iter().map(|s| (s["id"].as_i64(), s["current"].as_bool())).collect();
    assert_eq!(current.len(), 2, "{listed:?}");
    assert!(current.contains(&(Some(ada.session), Some(true))), "{current:?}");
    assert!(current.contains(&(Some(phone.session), Some(false))), "{current:?}");

    let path = format!("/auth/sessions/{}", phone.session);
    grace.delete(&path).await.refused(404, "session_not_found");
    phone.get("/users/me").await.expect(200);
    ada.delete(&path).await.expect(204);
    phone.get("/users/me").await.refused(401, "token_invalid");
    ada.delete(&path).await.refused(404, "session_not_found");
    let listed = ada.get("/auth/sessions").await.expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
}

async fn a_changed_password_ends_the_other_sessions(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let phone = ada.sign_in_again().await;
    let change = |old: &str, new: &str| json!({"old_password": old, "new_password": new});
    let path = "/auth/password";
    let wrong = ada.put(path, &change("not-her-password", ANOTHER)).await;
    wrong.refused_field(400, "old_password", "wrong_password");
    let short = ada.put(path, &change(PASSWORD, "short")).await;
    short.refused_field(400, "new_password", "password_too_short");
    phone.get("/users/me").await.expect(200);

    ada.put(path, &change(PASSWORD, ANOTHER)).await.expect(204);
    ada.get("/users/me").await.expect(200);
    refreshed(&ada).await.get("/users/me").await.expect(200);
    phone.get("/users/me").await.refused(401, "token_invalid");
    refused(&phone, "refresh_token_invalid").await;
    let login = |password| json!({"username": "Ada", "password": password});
    ada.api.post("/auth/login", &login(PASSWORD)).await.refused(401, "wrong_credentials");
    ada.api.post("/auth/login", &login(ANOTHER)).await.expect(200);
}

async fn registration_can_be_closed(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_REGISTRATION", "closed")]).await;
    let api = Api::of(&server).await;
    let body = json!({"username": "Ada", "password": PASSWORD});
    api.post("/auth/register", &body).await.refused(403, "registration_closed");
    let added = server.run(&["user", "add", "Ada", "--password-stdin"], PASSWORD).await;
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    api.post("/auth/login", &body).await.expect(200);
}
