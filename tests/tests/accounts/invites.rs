//! Accounts that are made by invitation.

use tests::{Answer, Api, Engine, PASSWORD, Person, Server, Value, json, on_both};

on_both!(
    who_is_invited_makes_an_account,
    what_is_revoked_or_over_lets_nobody_in,
    an_invitation_has_bounds,
    of_two_who_race_for_the_last_use_one_gets_in,
    dialects_are_closed_to_those_who_are_invited,
    the_command_line_invites,
);

const INVITE: [(&str, &str); 1] = [("CONFAB_REGISTRATION", "invite")];

/// A password that is good enough for every dialect.
const STRONG: &str = "Correct-horse-77";

async fn register(api: &Api, name: &str, code: &Value) -> Answer {
    let body = json!({"username": name, "password": PASSWORD, "invite": code});
    api.post("/auth/register", &body).await
}

async fn who_is_invited_makes_an_account(engine: Engine) {
    let server = Server::start_with(engine, &INVITE).await;
    let root = Person::admin(&server, "Root").await;
    let api = &root.api;
    let wanted = json!({"uses": 2, "days": 3, "note": " for the choir "});
    let made = root.post("/admin/invites", &wanted).await.expect(201);
    let code = made["code"].clone();
    assert_eq!((&made["uses"], &made["used"]), (&json!(2), &json!(0)));
    assert_eq!((&made["note"], &made["created_by"]), (&json!("for the choir"), &json!(root.id)));
    for nothing in [Value::Null, json!(""), json!("  ")] {
        register(api, "Ada", &nothing).await.refused(403, "invite_required");
    }
    register(api, "Ada", &json!("0123456789abcdef")).await.refused(403, "invite_invalid");
    let ada = Person::signed_in(api.clone(), &register(api, "Ada", &code).await.expect(201));
    register(api, "ada", &code).await.refused_field(409, "username", "name_taken");
    register(api, "Grace", &code).await.expect(201);
    register(api, "Linus", &code).await.refused(403, "invite_used_up");

    let listed = root.get("/admin/invites").await.expect(200);
    assert_eq!(listed["items"][0]["used"], 2);
    assert!(listed["items"][0].get("code").is_none(), "it is told once: {listed}");
    let line = &root.all("/admin/audit?kind=sign_in").await;
    let registered =
        line.iter().find(|l| l["action"] == "user.registered" && l["target_id"] == ada.id);
    assert_eq!(registered.expect("a line")["detail"], format!("invite {}", made["id"]));
}

async fn what_is_revoked_or_over_lets_nobody_in(engine: Engine) {
    let server = Server::start_with(engine, &INVITE).await;
    let root = Person::admin(&server, "Root").await;
    let api = &root.api;
    let second = root.post("/admin/invites", &json!({})).await.expect(201);
    assert_eq!((&second["uses"], &second["note"]), (&json!(1), &json!("")));
    root.delete(&format!("/admin/invites/{}", second["id"])).await.expect(204);
    register(api, "Linus", &second["code"]).await.refused(403, "invite_invalid");
    let path = format!("/admin/invites/{}", second["id"]);
    root.delete(&path).await.refused(404, "invite_not_found");
    let third = root.post("/admin/invites", &json!({})).await.expect(201);
    server.execute("UPDATE invites SET expires_at = created_at WHERE used = 0").await;
    register(api, "Linus", &third["code"]).await.refused(403, "invite_expired");
}

async fn an_invitation_has_bounds(engine: Engine) {
    let server = Server::start(engine).await;
    let root = Person::admin(&server, "Root").await;
    let ada = Person::register(&server, "Ada").await;
    for (wanted, field) in [(json!({"uses": 0}), "uses"), (json!({"days": 400}), "days")] {
        root.post("/admin/invites", &wanted).await.refused_field(400, field, "out_of_range");
    }
    let long = json!({"note": "x".repeat(101)});
    root.post("/admin/invites", &long).await.refused_field(400, "note", "too_long");
    ada.post("/admin/invites", &json!({})).await.refused(403, "admin_only");
    ada.get("/admin/invites").await.refused(403, "admin_only");
}

async fn of_two_who_race_for_the_last_use_one_gets_in(engine: Engine) {
    let server = Server::start_with(engine, &INVITE).await;
    let root = Person::admin(&server, "Root").await;
    let made = root.post("/admin/invites", &json!({"uses": 1})).await.expect(201);
    let names: Vec<_> = (0..8).map(|nth| format!("Rival {nth}")).collect();
    let rivals = names.iter().map(|name| register(&root.api, name, &made["code"]));
    let mut answers = futures_util::future::join_all(rivals).await;
    answers.retain(|answer| answer.status != 201);
    assert_eq!(answers.len(), 7);
    for answer in answers {
        answer.refused(403, "invite_used_up");
    }
    let listed = root.get("/admin/users?q=rival").await.expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
}

async fn dialects_are_closed_to_those_who_are_invited(engine: Engine) {
    let server = Server::start_with(engine, &INVITE).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let event = json!({"email": "a@example.org", "password": STRONG, "first_name": "Анна",
        "last_name": "Петрова", "birthday": "1990-01-01"});
    let profile = json!({"name": "Ada", "surname": "Lovelace", "age": 30, "house": 1, "street": "a",
        "city": "b", "region": "c", "country": "d", "gender": "e"});
    for (path, body) in [
        ("/auth/users", json!({"username": "ada", "password": STRONG, "email": ""})),
        ("/auth/users", event),
        ("/api/users", json!({"username": "ada", "password": STRONG})),
        (
            "/api/auth/register",
            json!({"username": "ada", "password": STRONG, "password_confirm": STRONG}),
        ),
        (
            "/api/user/registration",
            json!({"email": "a@example.org", "password": STRONG, "profile": profile}),
        ),
    ] {
        let answer = client.post(server.url(path)).json(&body).send().await.expect("an answer");
        let (status, said) = (answer.status().as_u16(), answer.text().await.expect("a body"));
        assert_eq!(status, 403, "{path}: {said}");
    }
}

async fn the_command_line_invites(engine: Engine) {
    let server = Server::start_with(engine, &INVITE).await;
    let run = async |arguments: &[&str]| {
        let output = server.run(&[&["invite"][..], arguments].concat(), "").await;
        let text = |bytes| String::from_utf8_lossy(bytes).trim().to_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    let (made, link, _) = run(&["add", "--uses", "2", "--days", "1", "--note", "choir"]).await;
    let code = link.strip_prefix("/#/invite/").expect("a link");
    assert!(made);
    let api = Api::of(&server).await;
    register(&api, "Ada", &json!(code)).await.expect(201);
    let (_, listed, _) = run(&["list"]).await;
    let parts: Vec<_> = listed.split('\t').collect();
    assert_eq!((parts[1], parts[2], parts[4]), ("1", "2", "choir"), "{listed}");
    assert!(!listed.contains(code), "its code is told once");
    assert!(run(&["revoke", parts[0]]).await.0);
    register(&api, "Grace", &json!(code)).await.refused(403, "invite_invalid");
    let (again, _, why) = run(&["revoke", parts[0]]).await;
    assert!(!again && why.contains("There is no such invitation."), "{why}");
    let (made, _, why) = run(&["add", "--uses", "0"]).await;
    assert!(!made && why.contains("1 to 10000 accounts"), "{why}");
}
