//! Signing in with an OpenID provider.

use reqwest::redirect::Policy;
use tests::{
    Api, Engine, IdentityProvider, Metrics, PASSWORD, Person, PictureHost, Server, Value, json,
    on_both,
};

on_both!(
    a_browser_is_sent_to_the_provider,
    a_person_signs_in_with_a_provider,
    what_is_brought_back_to_another_browser_or_attempt_is_refused,
    a_token_that_is_not_good_is_refused,
    a_code_counts_once,
    what_a_provider_says_makes_admins,
    who_proved_it_there_is_proved_here,
    logging_out_ends_both_sessions,
    claims_have_the_names_that_settings_give_them,
    tokens_of_a_provider_are_not_exchanged,
    a_provider_that_is_away_is_told_by_the_page,
    without_passwords_only_providers_sign_in,
    settings_that_contradict_themselves_are_named,
);

async fn started(engine: Engine, more: &[(&str, &str)]) -> (IdentityProvider, Server) {
    let provider = IdentityProvider::start().await;
    let settings = [provider.settings(), more.to_vec()].concat();
    let server = Server::start_with(engine, &settings).await;
    (provider, server)
}

async fn refused_because(server: &Server, root: &Person) -> Value {
    server.vacuum_and_checkpoint().await;
    let lines = root.all("/admin/audit?kind=sign_in").await;
    lines.iter().find(|line| line["action"] == "session.refused").cloned().unwrap_or_default()
}

async fn a_browser_is_sent_to_the_provider(engine: Engine) {
    let (_provider, server) = started(engine, &[]).await;
    let api = Api::of(&server).await;
    let ways = api.answer_to(api.request(tests::Method::GET, "/auth/ways")).await.expect(200);
    let offered = json!([{"name": "oidc", "label": "Acme"}]);
    assert_eq!(ways, json!({"passwords": true, "providers": offered}));
    let begun = IdentityProvider::begin(&server, "").await;
    let asked = |name| begun.asked(name);
    assert_eq!(begun.address.path(), "/authorize");
    assert_eq!((asked("response_type"), asked("client_id")), ("code".into(), "confab".into()));
    assert_eq!(asked("redirect_uri"), "https://example.org/chat/");
    assert_eq!(asked("scope"), "openid profile email");
    assert_eq!((asked("code_challenge_method"), asked("prompt")), ("S256".into(), String::new()));
    let rest = "; Path=/chat/api/v1/auth/oidc; Max-Age=600; HttpOnly; SameSite=Lax; Secure";
    assert!(begun.set_cookie.ends_with(rest), "{}", begun.set_cookie);
    for secret in [asked("nonce"), asked("state"), asked("code_challenge")] {
        assert!(secret.len() > 40 && !begun.set_cookie.contains(&secret), "{secret}");
    }
}

async fn a_person_signs_in_with_a_provider(engine: Engine) {
    let (provider, server) = started(engine, &[("CONFAB_METRICS_LISTEN", "127.0.0.1:0")]).await;
    let api = Api::of(&server).await;
    let begun = IdentityProvider::begin(&server, "").await;
    let asked = |name| begun.asked(name);
    let code = provider.code(&begun, &json!({"email": "ada@example.org"}));
    let given = json!({"state": asked("state"), "code": code, "iss": provider.issuer()});
    let answer = IdentityProvider::finish(&api, Some(begun.cookie()), &given).await.expect(200);
    // The name is what the provider says when it is asked; the token did not have it.
    assert_eq!(answer["user"]["username"], "Ada");
    let ada = Person::signed_in(api, &answer);
    let (_socket, ready) = ada.socket_and_ready().await;
    assert_eq!(ready["user_id"], ada.id);
    assert_eq!(ada.get("/users/me").await.expect(200)["email"], "ada@example.org");
    let again = provider.signed_in(&server, "", &json!({})).await.expect(200);
    assert_eq!(again["user"], answer["user"]);
    let counted = Metrics::of(&server).await.get("confab_logins_total{outcome=\"ok\"}");
    assert!((counted - 2.0).abs() < f64::EPSILON, "{counted}");
    let root = Person::admin(&server, "Root").await;
    let mut lines = root.all("/admin/audit?kind=sign_in").await;
    lines.retain(|line| line["target_id"] == ada.id);
    let told: Vec<_> = lines.iter().rev().map(|line| line["action"].clone()).collect();
    assert_eq!(told, ["user.registered", "session.opened", "session.opened"]);
}

async fn what_is_brought_back_to_another_browser_or_attempt_is_refused(engine: Engine) {
    let (provider, server) = started(engine, &[]).await;
    let (api, root) = (Api::of(&server).await, Person::admin(&server, "Root").await);
    let (begun, other) =
        (IdentityProvider::begin(&server, "").await, IdentityProvider::begin(&server, "").await);
    let (state, code) = (begun.asked("state"), provider.code(&begun, &json!({})));
    let good = json!({"state": state, "code": code});
    let forged = format!("{}0", begun.cookie());
    let older = begun.cookie().replacen("oidc.1", "oidc.2", 1);
    assert_ne!(older, begun.cookie());
    for cookie in
        [None, Some(other.cookie()), Some(&*forged), Some(&*older), Some("confab-sign-in=")]
    {
        let answer = IdentityProvider::finish(&api, cookie, &good).await;
        answer.refused(403, "sign_in_not_begun");
    }
    for bad in [
        json!({"state": "", "code": code}),
        json!({"state": other.asked("state"), "code": code}),
        json!({"state": state, "code": code, "iss": "https://other.example"}),
    ] {
        let answer = IdentityProvider::finish(&api, Some(begun.cookie()), &bad).await;
        answer.refused(403, "sign_in_not_begun");
    }
    assert_eq!(refused_because(&server, &root).await["detail"], "sign_in_not_begun");
    for (error, code) in [("access_denied", "provider_denied"), ("server_error", "provider_failed")]
    {
        let denied = json!({"state": state, "error": error});
        IdentityProvider::finish(&api, Some(begun.cookie()), &denied).await.refused(403, code);
    }
    for neither in [json!({"state": state}), json!({"state": state, "code": code, "error": "x"})] {
        let answer = IdentityProvider::finish(&api, Some(begun.cookie()), &neither).await;
        answer.refused(400, "invalid");
    }
    // Nothing of that took the code, nor the attempt.
    IdentityProvider::finish(&api, Some(begun.cookie()), &good).await.expect(200);
}

async fn a_token_that_is_not_good_is_refused(engine: Engine) {
    let (provider, server) = started(engine, &[]).await;
    let api = Api::of(&server).await;
    for (changes, code) in [
        (json!({"nonce": "another"}), "provider_nonce_wrong"),
        (json!({"nonce": null}), "provider_nonce_wrong"),
        (json!({"aud": "bank"}), "host_audience_wrong"),
        (json!({"aud": ["confab", "bank"], "azp": "bank"}), "host_audience_wrong"),
        (json!({"iss": "https://other.example"}), "host_issuer_unknown"),
        (json!({"exp": 1_000_000_000}), "host_token_expired"),
        (json!({"exp": null}), "host_token_without_expiry"),
        (json!({"iat": 9_000_000_000_u64}), "host_token_not_yet_valid"),
        (json!({"sub": null}), "host_subject_invalid"),
    ] {
        let answer = provider.signed_in(&server, "", &changes).await;
        answer.refused(401, code);
    }
    let begun = IdentityProvider::begin(&server, "").await;
    let finish = async |token: Option<String>, person: Value| {
        let code = provider.code_with(&begun, token, person);
        let given = json!({"state": begun.asked("state"), "code": code});
        IdentityProvider::finish(&api, Some(begun.cookie()), &given).await
    };
    let good = provider.token(&begun, &json!({}));
    let payload = good.split('.').nth(1).expect("a payload");
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
    let own = json!({"sub": "17"});
    finish(Some(unsigned), own.clone()).await.refused(401, "host_algorithm_refused");
    finish(Some(format!("{good}x")), own.clone()).await.refused(401, "host_token_invalid");
    // Who is asked for is somebody else.
    finish(Some(good), json!({"sub": "18"})).await.refused(401, "host_subject_invalid");
    let log_out = provider.log_out_token(&json!({"nonce": begun.asked("nonce")}));
    finish(Some(log_out), own).await.refused(401, "host_token_for_log_out");
    let root = Person::admin(&server, "Root").await;
    let listed = root.get("/admin/users").await.expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "nobody was made: {listed}");
}

async fn a_code_counts_once(engine: Engine) {
    let (provider, server) = started(engine, &[]).await;
    let api = Api::of(&server).await;
    let begun = IdentityProvider::begin(&server, "").await;
    let given = json!({"state": begun.asked("state"), "code": provider.code(&begun, &json!({}))});
    IdentityProvider::finish(&api, Some(begun.cookie()), &given).await.expect(200);
    let again = IdentityProvider::finish(&api, Some(begun.cookie()), &given).await;
    again.refused(401, "provider_code_refused");
    // A code of another attempt has another verifier.
    let other = IdentityProvider::begin(&server, "").await;
    let stolen = json!({"state": begun.asked("state"), "code": provider.code(&other, &json!({}))});
    let answer = IdentityProvider::finish(&api, Some(begun.cookie()), &stolen).await;
    answer.refused(401, "provider_code_refused");
    // On a server that does not know the secret, the provider refuses the client.
    let beside = server.start_beside_with(&[("CONFAB_OIDC_CLIENT_SECRET", "wrong")]).await;
    provider.signed_in(&beside, "", &json!({})).await.refused(403, "provider_failed");
}

async fn what_a_provider_says_makes_admins(engine: Engine) {
    let (provider, server) = started(engine, &[("CONFAB_PASSWORDS", "off")]).await;
    let admin = json!({"roles": ["chat-admin"]});
    let answer = provider.signed_in(&server, "", &admin).await.expect(200);
    assert_eq!(answer["user"]["role"], "admin");
    let ada = Person::signed_in(Api::of(&server).await, &answer);
    ada.get("/admin/users").await.expect(200);
    let answer = provider.signed_in(&server, "", &json!({"roles": []})).await.expect(200);
    assert_eq!(answer["user"]["role"], "user");
    let made = server.run(&["user", "set-role", "Ada", "admin"], "").await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let answer = provider.signed_in(&server, "", &json!({"roles": []})).await.expect(200);
    assert_eq!(answer["user"]["role"], "admin", "the operator's admin stays one");
}

async fn who_proved_it_there_is_proved_here(engine: Engine) {
    let (provider, server) = started(engine, &[]).await;
    let again = IdentityProvider::begin(&server, "?again=true").await;
    assert_eq!((again.asked("prompt"), again.asked("max_age")), ("login".into(), "0".into()));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.expect("after 1970").as_secs();
    let mail = json!({"email": "a@example.org"});
    for (claims, is_proved) in [
        (json!({"auth_time": now}), true),
        // The provider knew who it was, and asked nobody.
        (json!({"auth_time": now - 3_600}), false),
        (json!({}), false),
        // A time to come is now.
        (json!({"auth_time": now + 86_400}), true),
    ] {
        let answer = provider.signed_in(&server, "?again=true", &claims).await.expect(200);
        let ada = Person::signed_in(Api::of(&server).await, &answer);
        let changed = ada.patch("/users/me", &mail).await;
        if is_proved {
            changed.expect(200);
            ada.patch("/users/me", &json!({"email": ""})).await.expect(200);
        } else {
            changed.refused(403, "step_up_required");
        }
    }
}

async fn logging_out_ends_both_sessions(engine: Engine) {
    let (provider, server) = started(engine, &[]).await;
    let client = reqwest::Client::builder().redirect(Policy::none()).build().expect("a client");
    let url = server.url("/api/v1/auth/oidc/oidc/log-out");
    let answer = client.get(url).send().await.expect("an answer");
    let address = answer.headers()["location"].to_str().expect("a text").to_owned();
    let back = "https%3A%2F%2Fexample.org%2Fchat%2F";
    let expected = format!(
        "{}/end?tenant=1&client_id=confab&post_logout_redirect_uri={back}",
        provider.issuer()
    );
    assert_eq!((answer.status().as_u16(), address), (303, expected));
    let signed_in = async |sid: &str| {
        let answer = provider.signed_in(&server, "", &json!({"sid": sid})).await.expect(200);
        Person::signed_in(Api::of(&server).await, &answer)
    };
    let (ada, elsewhere) = (signed_in("theirs").await, signed_in("another").await);
    let tell = async |token: String| {
        let form = format!("logout_token={token}");
        let url = server.url("/api/v1/auth/backchannel-logout");
        let request = client.post(url).header("content-type", "application/x-www-form-urlencoded");
        request.body(form).send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(tell(provider.log_out_token(&json!({"aud": "bank"}))).await, 400);
    ada.get("/users/me").await.expect(200);
    assert_eq!(tell(provider.log_out_token(&json!({"sid": "theirs"}))).await, 200);
    ada.get("/users/me").await.refused(401, "token_invalid");
    elsewhere.get("/users/me").await.expect(200);
    assert_eq!(tell(provider.log_out_token(&json!({}))).await, 200);
    elsewhere.get("/users/me").await.refused(401, "token_invalid");
}

async fn claims_have_the_names_that_settings_give_them(engine: Engine) {
    let host = PictureHost::start().await;
    let settings = [
        ("CONFAB_OIDC_SUBJECT_CLAIM", "uid"),
        ("CONFAB_OIDC_NAME_CLAIM", "profile.nick"),
        ("CONFAB_OIDC_EMAIL_CLAIM", "mail"),
        ("CONFAB_OIDC_PICTURE_CLAIM", "photo"),
        ("CONFAB_OIDC_ROLE_CLAIM", "groups"),
        ("CONFAB_HOST_PICTURES_LOOPBACK", "on"),
    ];
    let (provider, server) = started(engine, &settings).await;
    let said = json!({"uid": "u-9", "profile": {"nick": "Ada L"}, "mail": "ada@example.org",
        "photo": host.at("/ada.png"), "groups": ["chat-admin"], "preferred_username": "Nobody",
        "email": "nobody@example.org", "picture": host.at("/nobody.png"), "roles": []});
    let answer = provider.signed_in(&server, "", &said).await.expect(200);
    let ada = Person::signed_in(Api::of(&server).await, &answer).get("/users/me").await.expect(200);
    assert_eq!(
        [&ada["external_id"], &ada["username"], &ada["email"], &ada["role"]],
        ["u-9", "Ada L", "ada@example.org", "admin"]
    );
    server.until("the picture is asked for", async |_| host.asked("/ada.png") > 0).await;
    assert_eq!(host.asked("/nobody.png"), 0);
}

/// They were made for the page, and whoever finds one must not sign in with it.
async fn tokens_of_a_provider_are_not_exchanged(engine: Engine) {
    let (provider, server) = started(engine, &[]).await;
    let api = Api::of(&server).await;
    let begun = IdentityProvider::begin(&server, "").await;
    let token = json!({"token": provider.token(&begun, &json!({}))});
    api.post("/auth/exchange", &token).await.refused(401, "host_issuer_unknown");
}

async fn a_provider_that_is_away_is_told_by_the_page(engine: Engine) {
    let provider = IdentityProvider::start().await;
    let mut settings = provider.settings();
    settings.push(("CONFAB_OIDC_ISSUER", "http://127.0.0.1:1"));
    let server = Server::start_with(engine, &settings).await;
    for rest in ["", "/log-out"] {
        let begun = IdentityProvider::begin(&server, rest).await;
        let told = "https://example.org/chat/#/sign-in/provider_unavailable";
        assert_eq!((begun.address.as_str(), &*begun.set_cookie), (told, ""));
    }
    let api = Api::of(&server).await;
    let get = async |path: &str| api.answer_to(api.request(tests::Method::GET, path)).await;
    get("/auth/oidc/other").await.refused(404, "provider_unknown");
    get("/auth/oidc/other/log-out").await.refused(404, "provider_unknown");
    let given = json!({"state": "", "code": ""});
    api.post("/auth/oidc/other", &given).await.refused(404, "provider_unknown");
    let without = Server::start(engine).await;
    let api = Api::of(&without).await;
    let answer = api.answer_to(api.request(tests::Method::GET, "/auth/oidc/oidc")).await;
    answer.refused(404, "provider_unknown");
}

async fn without_passwords_only_providers_sign_in(engine: Engine) {
    let (provider, server) = started(engine, &[("CONFAB_PASSWORDS", "off")]).await;
    let api = Api::of(&server).await;
    let ways = api.answer_to(api.request(tests::Method::GET, "/auth/ways")).await.expect(200);
    assert_eq!(ways["passwords"], false);
    let admin = json!({"roles": ["chat-admin"], "auth_time": 9_000_000_000_u64});
    let answer = provider.signed_in(&server, "", &admin).await.expect(200);
    let ada = Person::signed_in(api.clone(), &answer);
    let off = (403, "passwords_off");
    let user = json!({"username": "Ben", "password": PASSWORD});
    api.post("/auth/register", &user).await.refused(off.0, off.1);
    api.post("/auth/login", &user).await.refused(off.0, off.1);
    let set_up = json!({"code": "0", "username": "Ben", "password": PASSWORD});
    api.post("/set-up", &set_up).await.refused(off.0, off.1);
    let change = json!({"old_password": PASSWORD, "new_password": "another pass"});
    ada.put("/auth/password", &change).await.refused(off.0, off.1);
    let proof = json!({"password": PASSWORD});
    ada.post("/auth/step-up", &proof).await.refused(off.0, off.1);
    ada.post("/users/me/second-factor", &proof).await.refused(off.0, off.1);
    let code = json!({"code": "123456"});
    ada.post("/users/me/second-factor/confirm", &code).await.refused(off.0, off.1);
    let of_ben = json!({"password": "another pass"});
    ada.put("/admin/users/1000000/password", &of_ben).await.refused(off.0, off.1);
    assert!(!server.log().contains("/set-up/"), "no link makes an admin with a password");
    // Dialects refuse in their own words.
    let client = reqwest::Client::new();
    for (path, body) in [
        ("/api/auth/login", json!({"email": "ada@example.org", "password": PASSWORD})),
        ("/api/auth/login", json!({"username": "Ada", "password": PASSWORD})),
    ] {
        let answer = client.post(server.url(path)).json(&body).send().await.expect("an answer");
        assert!(answer.status().is_client_error(), "{path} {body}: {}", answer.status());
    }
    ada.get("/users/me").await.expect(200);
}

async fn settings_that_contradict_themselves_are_named(engine: Engine) {
    let provider = IdentityProvider::start().await;
    for (name, value, said) in [
        ("CONFAB_PUBLIC_URL", "http://example.org", "CONFAB_PUBLIC_URL: "),
        ("CONFAB_OIDC_CLIENT_ID", "", "CONFAB_OIDC_CLIENT_ID: nothing is not"),
        ("CONFAB_OIDC_ISSUER", "", "CONFAB_OIDC_ISSUER: nothing is not"),
        ("CONFAB_OIDC_ISSUER", "http://id.example.org", "must be an https address"),
        ("CONFAB_OIDC_SCOPES", "profile", "CONFAB_OIDC_SCOPES: \"profile\" is not"),
        ("CONFAB_OIDC_LABEL", " ", "CONFAB_OIDC_LABEL: "),
        ("CONFAB_OIDC_NAME_CLAIM", " ", "CONFAB_OIDC_NAME_CLAIM: "),
        ("CONFAB_OIDC_ALGORITHMS", "none", "not \"none\""),
        ("CONFAB_OIDC_ALGORITHMS", "HS256", "HS256 takes `secret`"),
    ] {
        let mut settings = provider.settings();
        settings.push((name, value));
        refuses_to_start(engine, &settings, said).await;
    }
    let alone = [("CONFAB_PASSWORDS", "off")];
    refuses_to_start(engine, &alone, "CONFAB_PASSWORDS: \"off\" is not possible").await;
    let mut settings = provider.settings();
    settings.retain(|(name, _)| *name != "CONFAB_PUBLIC_URL");
    refuses_to_start(engine, &settings, "CONFAB_PUBLIC_URL: nothing is not").await;
    let mut settings = provider.settings();
    settings.extend([("CONFAB_PASSWORDS", "off"), ("CONFAB_SECOND_FACTOR", "admins")]);
    refuses_to_start(engine, &settings, "CONFAB_SECOND_FACTOR: \"admins\" is not").await;
}

async fn refuses_to_start(engine: Engine, settings: &[(&str, &str)], said: &str) {
    let server = Server::prepare(engine, settings).await;
    let output = server.run(&["serve"], "").await;
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && why.contains(said), "{said}: {why}");
    assert!(!why.contains("hush"), "no secret is told: {why}");
}
