//! The second factor, and proving once more who one is.

use tests::{Answer, Api, Authenticator, Engine, Method, PASSWORD, Person, Server, Value};
use tests::{json, on_both};

on_both!(
    nothing_is_asked_for_until_a_code_confirms,
    signing_in_takes_a_code_once,
    the_secret_is_told_once_and_what_happens_is_logged,
    of_those_who_use_a_code_at_once_one_signs_in,
    turning_it_off_takes_the_password_and_a_code,
    no_dialect_signs_in_past_a_second_factor,
    guesses_are_counted_as_passwords_are,
    what_could_harm_an_account_takes_a_step_up,
    what_could_harm_others_takes_a_step_up,
    people_of_a_stale_session_delete_their_account_by_password,
    admins_need_one_where_it_is_asked_for,
    the_command_line_turns_it_off,
);

const ANOTHER: &str = "cloud-bridge-violin-7";
const PATH: &str = "/users/me/second-factor";
/// Sessions as if they had been opened long ago.
const STALE: &str = "UPDATE sessions SET proved_at = NULL";

/// Turns it on, and returns the app and the recovery codes.
async fn turn_on(person: &Person) -> (Authenticator, Vec<String>) {
    let begun = person.post(PATH, &json!({"password": PASSWORD})).await.expect(201);
    let mut app = Authenticator::new(begun["secret"].as_str().expect("a text"));
    let code = json!({"code": app.code()});
    let confirmed = person.post(&format!("{PATH}/confirm"), &code).await.expect(200);
    let codes = confirmed["recovery_codes"].as_array().expect("a list");
    (app, codes.iter().map(|code| code.as_str().expect("a text").to_owned()).collect())
}

async fn log_in(api: &Api, name: &str, code: Option<&str>) -> Answer {
    let body = json!({"username": name, "password": PASSWORD, "code": code});
    api.post("/auth/login", &body).await
}

async fn nothing_is_asked_for_until_a_code_confirms(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let confirm = format!("{PATH}/confirm");
    let code = json!({"code": "123456"});
    ada.post(&confirm, &code).await.refused(409, "second_factor_not_begun");
    let wrong = ada.post(PATH, &json!({"password": ANOTHER})).await;
    wrong.refused_field(400, "password", "wrong_password");
    let begun = ada.post(PATH, &json!({"password": PASSWORD})).await.expect(201);
    let secret = begun["secret"].as_str().expect("a text");
    let address = format!("otpauth://totp/Confab:Ada?secret={secret}&issuer=Confab");
    assert!(begun["otpauth_url"].as_str().is_some_and(|a| a.starts_with(&address)), "{begun}");
    let mut app = Authenticator::new(secret);
    let wrong = ada.post(&confirm, &json!({"code": app.wrong()})).await;
    wrong.refused_field(400, "code", "wrong_second_factor");
    log_in(&ada.api, "Ada", None).await.expect(200);
    assert_eq!(ada.get("/users/me").await.expect(200)["second_factor"], false);

    let code = app.code();
    let confirmed = ada.post(&confirm, &json!({"code": code})).await.expect(200);
    assert_eq!(confirmed["recovery_codes"].as_array().map(Vec::len), Some(10));
    assert_eq!(ada.get("/users/me").await.expect(200)["second_factor"], true);
    ada.post(PATH, &json!({"password": PASSWORD})).await.refused(409, "second_factor_on");
    ada.post(&confirm, &json!({"code": code})).await.refused(409, "second_factor_on");
    log_in(&ada.api, "Ada", Some(&code)).await.refused(401, "wrong_second_factor");
}

async fn signing_in_takes_a_code_once(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let ((mut app, codes), api) = (turn_on(&ada).await, &ada.api);
    let sessions = ada.all("/auth/sessions").await.len();
    let right = app.code();
    for code in [None, Some(&*right), Some("000000")] {
        let body = json!({"username": "Ada", "password": ANOTHER, "code": code});
        api.post("/auth/login", &body).await.refused(401, "wrong_credentials");
    }
    log_in(api, "Ada", None).await.refused(401, "second_factor_required");
    for wrong in [&*app.wrong(), "x", "AAAA-AAAA-AAAA-AAAA"] {
        log_in(api, "Ada", Some(wrong)).await.refused(401, "wrong_second_factor");
    }
    assert_eq!(ada.all("/auth/sessions").await.len(), sessions);
    log_in(api, "Ada", Some(&right)).await.expect(200);
    log_in(api, "Ada", Some(&right)).await.refused(401, "wrong_second_factor");
    log_in(api, "Ada", Some(&codes[0])).await.expect(200);
    log_in(api, "Ada", Some(&codes[0])).await.refused(401, "wrong_second_factor");
    // Somebody else's code is nothing here.
    turn_on(&grace).await;
    log_in(api, "Grace", Some(&codes[1])).await.refused(401, "wrong_second_factor");
}

async fn the_secret_is_told_once_and_what_happens_is_logged(engine: Engine) {
    let server = Server::start(engine).await;
    let root = Person::admin(&server, "Root").await;
    let ada = Person::register(&server, "Ada").await;
    let begun = ada.post(PATH, &json!({"password": PASSWORD})).await.expect(201);
    let secret = begun["secret"].as_str().expect("a text");
    let code = json!({"code": Authenticator::new(secret).code()});
    let confirmed = ada.post(&format!("{PATH}/confirm"), &code).await.expect(200);
    let recovery = confirmed["recovery_codes"][0].as_str().expect("a text");
    log_in(&ada.api, "Ada", None).await.refused(401, "second_factor_required");
    log_in(&ada.api, "Ada", Some("x")).await.refused(401, "wrong_second_factor");
    log_in(&ada.api, "Ada", Some(recovery)).await.expect(200);
    let mut lines = root.all("/admin/audit?kind=sign_in").await;
    lines.retain(|line| line["target_id"] == ada.id);
    let told: Vec<_> = lines.iter().rev().skip(2).map(|line| line["action"].clone()).collect();
    let expected = [
        "second_factor.on",
        "session.refused",
        "session.refused",
        "second_factor.code_used",
        "session.opened",
    ];
    assert_eq!(told, expected);
    assert_eq!(lines[3]["detail"], "second_factor_required");
    assert_eq!(lines[2]["detail"], "wrong_second_factor");

    let export = ada.api.request(Method::GET, "/users/me/export").bearer_auth(&ada.access);
    let export = export.send().await.expect("an answer").text().await.expect("a text");
    let log = server.log();
    let shown = root.get(&format!("/admin/users/{}", ada.id)).await.expect(200).to_string();
    for text in [export, log, shown, json!(lines).to_string()] {
        assert!(!text.contains(secret) && !text.contains(recovery), "{text}");
    }
}

async fn of_those_who_use_a_code_at_once_one_signs_in(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let (mut app, codes) = turn_on(&ada).await;
    for code in [app.code(), codes[0].clone()] {
        let calls = (0..6).map(|_| log_in(&ada.api, "Ada", Some(&code)));
        let mut answers = futures_util::future::join_all(calls).await;
        answers.retain(|answer| answer.status != 200);
        assert_eq!(answers.len(), 5, "{code}");
        for answer in answers {
            answer.refused(401, "wrong_second_factor");
        }
    }
}

async fn turning_it_off_takes_the_password_and_a_code(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let off = async |body: Value| ada.call(Method::DELETE, PATH, &body).await;
    off(json!({"password": PASSWORD})).await.refused(409, "second_factor_off");
    let (mut app, codes) = turn_on(&ada).await;
    let code = app.code();
    let wrong = json!({"password": ANOTHER, "code": code});
    off(wrong).await.refused_field(400, "password", "wrong_password");
    off(json!({"code": code})).await.refused(400, "invalid");
    off(json!({"password": PASSWORD})).await.refused_field(400, "code", "second_factor_required");
    let wrong = json!({"password": PASSWORD, "code": app.wrong()});
    off(wrong).await.refused_field(400, "code", "wrong_second_factor");

    let renew = format!("{PATH}/recovery-codes");
    let missing = ada.post(&renew, &json!({"password": PASSWORD})).await;
    missing.refused_field(400, "code", "second_factor_required");
    let proof = json!({"password": PASSWORD, "code": code});
    let renewed = ada.post(&renew, &proof).await.expect(200);
    log_in(&ada.api, "Ada", Some(&codes[0])).await.refused(401, "wrong_second_factor");
    let code = &renewed["recovery_codes"][9];
    off(json!({"password": PASSWORD, "code": code})).await.expect(204);
    log_in(&ada.api, "Ada", None).await.expect(200);
    assert_eq!(ada.get("/users/me").await.expect(200)["second_factor"], false);
    // What was begun again has another secret, and the old codes are gone.
    turn_on(&ada).await;
    let old = renewed["recovery_codes"][0].as_str();
    log_in(&ada.api, "Ada", old).await.refused(401, "wrong_second_factor");
}

async fn no_dialect_signs_in_past_a_second_factor(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    ada.patch("/users/me", &json!({"email": "ada@example.org"})).await.expect(200);
    let (mut app, _) = turn_on(&ada).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let code = app.code();
    for (path, login) in [
        ("/token-auth/jwt/create", "username"),
        ("/api/token", "email"),
        ("/api/login", "username"),
        ("/api/auth/login", "username"),
        ("/api/auth", "email"),
    ] {
        let name = if login == "email" { "ada@example.org" } else { "ada" };
        let mut refusals = Vec::new();
        for (password, code) in [(ANOTHER, None), (PASSWORD, None), (PASSWORD, Some(&code))] {
            let body = json!({login: name, "password": password, "code": code});
            let answer = client.post(server.url(path)).json(&body).send().await;
            let answer = answer.expect("an answer");
            refusals.push((answer.status(), answer.text().await.expect("a text")));
        }
        assert!(refusals[0].0.is_client_error(), "{path}: {refusals:?}");
        assert!(refusals.iter().all(|refused| *refused == refusals[0]), "{path}: {refusals:?}");
    }
    log_in(&ada.api, "Ada", Some(&code)).await.expect(200);
}

async fn guesses_are_counted_as_passwords_are(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_RATE_LIMITS", "on")]).await;
    let ada = Person::register(&server, "Ada").await;
    let (app, codes) = turn_on(&ada).await;
    let wrong = app.wrong();
    let mut guesses = 0;
    while log_in(&ada.api, "Ada", Some(&wrong)).await.status == 401 {
        guesses += 1;
        assert!(guesses < 50, "nobody guesses for ever");
    }
    let late = log_in(&ada.api, "Ada", Some(&codes[0])).await;
    late.refused(429, "rate_limited");
    let mut guesses = 0;
    let proof = json!({"password": PASSWORD, "code": wrong});
    while ada.post("/auth/step-up", &proof).await.status == 400 {
        guesses += 1;
        assert!(guesses < 50, "nor by a session");
    }
    ada.post("/auth/step-up", &proof).await.refused(429, "rate_limited");
}

async fn what_could_harm_an_account_takes_a_step_up(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let mail = |address: &str| json!({"email": address, "bio": "It is me."});
    ada.patch("/users/me", &mail("ada@example.org")).await.expect(200);
    server.execute(STALE).await;
    let refused = ada.patch("/users/me", &mail("b@example.org")).await;
    refused.refused(403, "step_up_required");
    ada.patch("/users/me", &mail("ada@example.org")).await.expect(200);
    let delete = json!({"messages": "keep"});
    let refused = ada.call(Method::DELETE, "/users/me", &delete).await;
    refused.refused(403, "step_up_required");
    // Another session of the same account proves nothing for this one.
    let elsewhere = ada.sign_in_again().await;
    let refused = ada.patch("/users/me", &mail("b@example.org")).await;
    refused.refused(403, "step_up_required");
    elsewhere.patch("/users/me", &mail("b@example.org")).await.expect(200);
    elsewhere.call(Method::DELETE, "/users/me", &delete).await.expect(204);
}

async fn what_could_harm_others_takes_a_step_up(engine: Engine) {
    let server = Server::start(engine).await;
    let root = Person::admin(&server, "Root").await;
    let user = format!("/admin/users/{}", Person::register(&server, "Grace").await.id);
    let password = json!({"password": ANOTHER});
    server.execute(STALE).await;
    for refused in [
        root.patch(&user, &json!({"role": "admin"})).await,
        root.patch(&user, &json!({"is_active": false})).await,
        root.patch(&user, &json!({"email": "grace@example.org"})).await,
        root.put(&format!("{user}/password"), &password).await,
        root.delete(&user).await,
    ] {
        refused.refused(403, "step_up_required");
    }
    // An address that stays needs none.
    root.patch(&user, &json!({"bio": "x", "email": "", "is_active": true})).await.expect(200);
    let step_up = "/auth/step-up";
    let wrong = root.post(step_up, &json!({"password": ANOTHER})).await;
    wrong.refused_field(400, "password", "wrong_password");
    root.patch(&user, &json!({"role": "admin"})).await.refused(403, "step_up_required");
    root.post(step_up, &json!({"password": PASSWORD})).await.expect(204);
    root.patch(&user, &json!({"role": "admin"})).await.expect(200);
    root.patch(&user, &json!({"email": "grace@example.org"})).await.expect(200);
    root.put(&format!("{user}/password"), &password).await.expect(204);
    root.patch(&user, &json!({"is_active": false})).await.expect(200);
    root.delete(&user).await.expect(204);
}

async fn people_of_a_stale_session_delete_their_account_by_password(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let (_, codes) = turn_on(&grace).await;
    server.execute(STALE).await;
    let delete = json!({"messages": "keep", "password": PASSWORD});
    ada.call(Method::DELETE, "/users/me", &delete).await.expect(204);
    // With a second factor the password is not enough.
    let refused = grace.call(Method::DELETE, "/users/me", &delete).await;
    refused.refused(403, "step_up_required");
    let change = json!({"old_password": PASSWORD, "new_password": ANOTHER});
    grace.put("/auth/password", &change).await.refused(403, "step_up_required");
    let missing = grace.post("/auth/step-up", &json!({"password": PASSWORD})).await;
    missing.refused_field(400, "code", "second_factor_required");
    let proof = json!({"password": PASSWORD, "code": codes[3]});
    grace.post("/auth/step-up", &proof).await.expect(204);
    grace.call(Method::DELETE, "/users/me", &delete).await.expect(204);
}

async fn admins_need_one_where_it_is_asked_for(engine: Engine) {
    let server = Server::start_with(engine, &[("CONFAB_SECOND_FACTOR", "admins")]).await;
    let root = Person::admin(&server, "Root").await;
    let ada = Person::register(&server, "Ada").await;
    ada.get("/admin/users").await.refused(403, "admin_only");
    root.get("/admin/users").await.refused(403, "second_factor_needed");
    let chat = json!({"title": "A project", "members": [ada.id], "owner": ada.id});
    root.put("/projects/1/chat", &chat).await.refused(403, "second_factor_needed");
    root.get("/users/me").await.expect(200);
    turn_on(&root).await;
    root.get("/admin/users").await.expect(200);
    ada.get("/users/me").await.expect(200);
    log_in(&ada.api, "Ada", None).await.expect(200);
}

async fn the_command_line_turns_it_off(engine: Engine) {
    let server = Server::start(engine).await;
    let root = Person::admin(&server, "Root").await;
    let ada = Person::register(&server, "Ada").await;
    turn_on(&ada).await;
    let run = async |name: &str| {
        let output = server.run(&["user", "turn-off-second-factor", name], "").await;
        (output.status.success(), String::from_utf8_lossy(&output.stderr).trim().to_owned())
    };
    assert!(run("Ada").await.0);
    log_in(&ada.api, "Ada", None).await.expect(200);
    let (again, why) = run("Ada").await;
    assert!(!again && why.contains("This account has no second factor."), "{why}");
    let (nobody, why) = run("Nobody").await;
    assert!(!nobody && why.contains("There is no such user."), "{why}");
    let mut lines = root.all("/admin/audit?kind=change").await;
    lines.retain(|line| line["action"] == "user.second_factor");
    let [line] = lines.as_slice() else { panic!("one line: {lines:?}") };
    assert_eq!((&line["actor_id"], &line["target_id"]), (&Value::Null, &json!(ada.id)));
}
