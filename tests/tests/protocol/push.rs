//! Web Push: who is told of what, and what becomes of devices that are not there any more.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use domain::limits::{PUSH_DEVICES_PER_USER, PUSHES_AT_ONCE};
use std::time::{SystemTime, UNIX_EPOCH};
use tests::{Browser, Engine, PASSWORD, Person, PushService, Server, Value, json, on_both};
use tokio::net::TcpListener;

on_both!(
    who_is_away_is_told_once_and_no_more_than_they_allow,
    who_wants_to_hear_nothing_is_told_nothing,
    whispers_are_for_the_two,
    a_device_that_signs_out_is_told_nothing,
    what_is_gone_is_forgotten,
    a_browser_renews_what_it_dropped,
    what_fails_for_now_is_tried_again,
    nobody_is_followed_elsewhere,
    a_service_that_does_not_answer_keeps_nobody_waiting,
);

const NEAR: [(&str, &str); 1] = [("CONFAB_PUSH_LOOPBACK", "on")];

async fn subscribe(person: &Person, service: &PushService, content: &str) -> Browser {
    let browser = service.browser();
    let wanted = browser.subscription(content);
    let answer = person.put("/push/subscription", &wanted).await.expect(200);
    let expected = json!({"endpoint": browser.endpoint, "content": content, "expires_at": null});
    assert_eq!(answer, expected);
    browser
}

fn by(sender: &Person, message: &Value) -> Value {
    json!({"chat": message["chat_id"], "seq": message["seq"], "sender": sender.name})
}

/// Says something that is to be told to this browser, and expects nothing before it.
async fn only_marker(
    service: &mut PushService,
    (from, chat): (&Person, i64),
    browsers: &[&Browser],
) {
    let told = by(from, &from.send(chat, "marker").await);
    let mut expected: Vec<_> =
        browsers.iter().map(|b| (b.endpoint.clone(), told.clone())).collect();
    let mut found = Vec::new();
    for _ in &expected {
        let pushed = service.next().await;
        found.push((pushed.endpoint, pushed.told));
    }
    let key = |(endpoint, _): &(String, Value)| endpoint.clone();
    expected.sort_by_key(key);
    found.sort_by_key(key);
    assert_eq!(found, expected);
}

async fn who_is_away_is_told_once_and_no_more_than_they_allow(engine: Engine) {
    let contact = ("CONFAB_PUSH_CONTACT", "mailto:ops@example.org");
    let server = Server::start_with(engine, &[NEAR[0], contact]).await;
    let mut service = PushService::start().await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let laptop = grace.sign_in_again().await;
    let chat = ada.direct(&grace).await;
    let public_key = grace.get("/push").await.expect(200)["public_key"].clone();
    let discreet = subscribe(&grace, &service, "sender").await;
    let open = subscribe(&laptop, &service, "sender_and_text").await;
    let state = grace.get("/push").await.expect(200);
    assert_eq!(state["subscription"]["endpoint"], discreet.endpoint);

    let text = "Meet me at \"noon\" 🦊\nby the lake";
    let message = ada.send(chat, text).await;
    let mut expected = by(&ada, &message);
    let mut pushed = [service.next().await, service.next().await];
    pushed.sort_by_key(|pushed| pushed.endpoint.clone());
    assert_eq!(pushed[0].told, expected);
    expected["text"] = json!(text);
    assert_eq!(pushed[1].told, expected);
    assert_eq!([&pushed[0], &pushed[1]].map(|p| &p.endpoint), [&discreet.endpoint, &open.endpoint]);
    let topics = [&pushed[0], &pushed[1]].map(|pushed| {
        let header = |name: &str| pushed.headers[name].as_str();
        assert_eq!(header("content-encoding"), "aes128gcm");
        assert_eq!((header("ttl"), header("urgency")), ("86400", "normal"));
        let (claims, key) = pushed.signed();
        assert_eq!(json!(key), public_key);
        assert_eq!(claims["aud"], service.origin());
        assert_eq!(claims["sub"], "mailto:ops@example.org");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let life = claims["exp"].as_u64().expect("a time") - now;
        assert!((60..=24 * 3600).contains(&life), "{life}");
        header("topic").to_owned()
    });
    assert!(topics.iter().all(|topic| topic.len() <= 32), "{topics:?}");
    assert_ne!(topics[0], topics[1], "the service cannot tell that both are of one chat");
    // A retry of the same message is no second message; a long text is cut.
    let long = json!({"text": "x".repeat(8_192), "client_id": "once"});
    let path = format!("/chats/{chat}/messages");
    let said = ada.post(&path, &long).await.expect(201);
    ada.post(&path, &long).await.expect(200);
    let mut again = [service.next().await, service.next().await];
    again.sort_by_key(|pushed| pushed.endpoint.clone());
    assert_eq!(again[0].told, by(&ada, &said));
    assert_eq!(again[0].headers["topic"], topics[0], "it takes the place of the first");
    let cut = again[1].told["text"].as_str().expect("a text");
    assert_eq!(cut, format!("{}…", "x".repeat(400)));
    laptop.delete("/push/subscription").await.expect(204);
    only_marker(&mut service, (&ada, chat), &[&discreet]).await;
}

async fn who_wants_to_hear_nothing_is_told_nothing(engine: Engine) {
    let server = Server::start_with(engine, &NEAR).await;
    let mut service = PushService::start().await;
    let names = ["Ada", "Muted", "Archived", "Blocker", "Gone", "Reader"];
    let [ada, muted, archived, blocker, gone, reader] = Person::several(&server, names).await;
    let group = ada.group("All", &[&muted, &archived, &blocker, &gone, &reader]).await;
    let lin = Person::register(&server, "Lin").await;
    let mut browsers = Vec::new();
    for person in [&ada, &muted, &archived, &blocker, &gone, &reader] {
        browsers.push(subscribe(person, &service, "sender").await);
    }
    let preferences = format!("/chats/{group}/preferences");
    let until = json!({"muted_until": "2999-01-01T00:00:00Z"});
    muted.patch(&preferences, &until).await.expect(200);
    archived.patch(&preferences, &json!({"archived": true})).await.expect(200);
    blocker.put(&format!("/users/{}/block", ada.id), &Value::Null).await.expect(204);
    gone.delete(&format!("/chats/{group}/members/{}", gone.id)).await.expect(204);
    let first = ada.send(group, "hello").await;
    assert_eq!(service.next().await.told, by(&ada, &first), "to the one who is left");
    // All the others hear of something else, and of nothing before it.
    let other = lin.group("Others", &[&ada, &muted, &archived, &blocker, &gone, &reader]).await;
    only_marker(&mut service, (&lin, other), &browsers.iter().collect::<Vec<_>>()).await;

    // What is over is over.
    let past = json!({"muted_until": "2001-01-01T00:00:00Z"});
    muted.patch(&preferences, &past).await.expect(200);
    archived.patch(&preferences, &json!({"archived": false})).await.expect(200);
    blocker.delete(&format!("/users/{}/block", ada.id)).await.expect(204);
    let told = [&browsers[1], &browsers[2], &browsers[3], &browsers[5]];
    only_marker(&mut service, (&ada, group), &told).await;
    // Of mentions only, one of the two hears of this.
    muted.patch(&preferences, &json!({"mentions_only": true})).await.expect(200);
    only_marker(&mut service, (&ada, group), &told[1..]).await;
    let named = ada.send(group, "@Muted, are you there?").await;
    let mut heard = Vec::new();
    for _ in told {
        let pushed = service.next().await;
        assert_eq!(pushed.told, by(&ada, &named));
        heard.push(pushed.endpoint);
    }
    assert!(heard.contains(&browsers[1].endpoint), "{heard:?}");
    muted.patch(&preferences, &json!({"mentions_only": false})).await.expect(200);
    // Edits, reactions and what comes in by other ways are no news.
    let seq = first["id"].as_i64().expect("an id");
    ada.patch(&format!("/chats/{group}/messages/{seq}"), &json!({"text": "hi"})).await.expect(200);
    only_marker(&mut service, (&ada, group), &told).await;
}

/// One account has as many devices as it may at a service that takes connections and says nothing.
async fn a_service_that_does_not_answer_keeps_nobody_waiting(engine: Engine) {
    let server = Server::start_with(engine, &NEAR).await;
    let mut service = PushService::start().await;
    let [ada, grace, mallory] = Person::several(&server, ["Ada", "Grace", "Mallory"]).await;
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = silent.local_addr().expect("an address");
    for nth in 0..PUSH_DEVICES_PER_USER {
        let device = mallory.sign_in_again().await;
        let mut wanted = service.browser().subscription("sender");
        wanted["endpoint"] = json!(format!("http://{address}/{nth}"));
        device.put("/push/subscription", &wanted).await.expect(200);
    }
    let hers = subscribe(&grace, &service, "sender").await;
    let (slow, good) = (ada.direct(&mallory).await, ada.direct(&grace).await);
    // Four times each would take ten seconds: at most so many at once, they would take minutes.
    for _ in 0..4 * PUSHES_AT_ONCE / PUSH_DEVICES_PER_USER * 4 {
        ada.send(slow, "hello").await;
    }
    only_marker(&mut service, (&ada, good), &[&hers]).await;
}

async fn whispers_are_for_the_two(engine: Engine) {
    let server = Server::start_with(engine, &NEAR).await;
    let mut service = PushService::start().await;
    let [ada, ben, eve] = Person::several(&server, ["Ada", "Ben", "Eve"]).await;
    let room = ada.put("/rooms/library", &Value::Null).await;
    let room = room.body["id"].as_i64().expect("an id");
    for person in [&ben, &eve] {
        person.put("/rooms/library", &Value::Null).await;
    }
    let mut browsers = Vec::new();
    for person in [&ada, &ben, &eve] {
        browsers.push(subscribe(person, &service, "sender").await);
    }
    let whispers = ada.put(&format!("/chats/{room}/whispers/{}", ben.id), &Value::Null).await;
    let whispers = whispers.body["id"].as_i64().expect("an id");
    let whispered = ada.send(whispers, "between us").await;
    let heard = service.next().await;
    assert_eq!((heard.endpoint, heard.told), (browsers[1].endpoint.clone(), by(&ada, &whispered)));
    let all_but_the_author = [&browsers[1], &browsers[2]];
    only_marker(&mut service, (&ada, room), &all_but_the_author).await;
    // Nor does the other one of the two get their own words back.
    let answer = ben.send(whispers, "nobody heard").await;
    let heard = service.next().await;
    assert_eq!((heard.endpoint, heard.told), (browsers[0].endpoint.clone(), by(&ben, &answer)));
    only_marker(&mut service, (&ada, room), &all_but_the_author).await;
}

async fn a_device_that_signs_out_is_told_nothing(engine: Engine) {
    let server = Server::start_with(engine, &NEAR).await;
    let mut service = PushService::start().await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let admin = Person::admin(&server, "Ops").await;
    let chat = ada.direct(&grace).await;
    let [signs_out, is_ended, changes] =
        [grace.sign_in_again().await, grace.sign_in_again().await, grace.sign_in_again().await];
    let kept = subscribe(&changes, &service, "sender").await;
    for device in [&grace, &signs_out, &is_ended] {
        subscribe(device, &service, "sender").await;
    }
    signs_out.post("/auth/logout", &Value::Null).await.expect(204);
    changes.delete(&format!("/auth/sessions/{}", is_ended.session)).await.expect(204);
    let password = json!({"old_password": PASSWORD, "new_password": "kettle-tree-lamp-77"});
    changes.put("/auth/password", &password).await.expect(204);
    only_marker(&mut service, (&ada, chat), &[&kept]).await;

    let user = format!("/admin/users/{}", grace.id);
    admin.patch(&user, &json!({"is_active": false})).await.expect(200);
    admin.patch(&user, &json!({"is_active": true})).await.expect(200);
    let of_ada = subscribe(&ada, &service, "sender").await;
    ada.send(chat, "are you there?").await;
    let others = admin.direct(&ada).await;
    only_marker(&mut service, (&admin, others), &[&of_ada]).await;
}

async fn what_is_gone_is_forgotten(engine: Engine) {
    let server = Server::start_with(engine, &NEAR).await;
    let mut service = PushService::start().await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let tablet = grace.sign_in_again().await;
    let chat = ada.direct(&grace).await;
    let phone = subscribe(&grace, &service, "sender").await;
    let other = subscribe(&tablet, &service, "sender").await;
    let forgotten = async |device: &Person| {
        let is_so =
            async |_: &Server| device.get("/push").await.expect(200)["subscription"].is_null();
        server.until("the device to be forgotten", is_so).await;
    };
    service.will_answer(&phone, &["410 Gone"]);
    only_marker(&mut service, (&ada, chat), &[&phone, &other]).await;
    forgotten(&grace).await;
    service.will_answer(&other, &["404 Not Found"]);
    only_marker(&mut service, (&ada, chat), &[&other]).await;
    forgotten(&tablet).await;
    let again = subscribe(&grace, &service, "sender").await;
    only_marker(&mut service, (&ada, chat), &[&again]).await;
}

async fn what_fails_for_now_is_tried_again(engine: Engine) {
    let server = Server::start_with(engine, &NEAR).await;
    let mut service = PushService::start().await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let phone = subscribe(&grace, &service, "sender").await;
    let [busy, down] = ["429 Too Many Requests", "503 Service Unavailable"];
    let later = |status: &str| format!("{status}\r\nretry-after: 0");
    service.will_answer(&phone, &[&later(busy), &later(down), "201 Created"]);
    let told = by(&ada, &ada.send(chat, "hello").await);
    for attempt in 1..=3 {
        assert_eq!(service.next().await.told, told, "{attempt}");
    }
    only_marker(&mut service, (&ada, chat), &[&phone]).await;
    // What was read meanwhile, or would have to wait too long, is not tried again.
    service.will_answer(&phone, &[&format!("{busy}\r\nretry-after: 86400")]);
    let told = by(&ada, &ada.send(chat, "not today").await);
    assert_eq!(service.next().await.told, told);
    service.will_answer(&phone, &[&format!("{busy}\r\nretry-after: 1")]);
    let last = ada.send(chat, "read at once").await;
    assert_eq!(service.next().await.told, by(&ada, &last));
    grace.put(&format!("/chats/{chat}/read"), &json!({"seq": last["seq"]})).await.expect(200);
    // Three tries later than the one that must not come.
    let now = later(busy);
    service.will_answer(&phone, &[&now, &format!("{busy}\r\nretry-after: 2")]);
    let told = by(&ada, &ada.send(chat, "the end").await);
    for attempt in 1..=3 {
        assert_eq!(service.next().await.told, told, "{attempt}");
    }
}

async fn nobody_is_followed_elsewhere(engine: Engine) {
    let server = Server::start_with(engine, &NEAR).await;
    let mut service = PushService::start().await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let phone = subscribe(&grace, &service, "sender").await;
    let elsewhere = service.browser();
    let statuses = ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"];
    for status in statuses {
        service.will_answer(&phone, &[&format!("{status}\r\nlocation: {}", elsewhere.endpoint)]);
        only_marker(&mut service, (&ada, chat), &[&phone]).await;
    }
    only_marker(&mut service, (&ada, chat), &[&phone]).await;
    assert!(!grace.get("/push").await.expect(200)["subscription"].is_null());
}

async fn a_browser_renews_what_it_dropped(engine: Engine) {
    let server = Server::start_with(engine, &NEAR).await;
    let mut service = PushService::start().await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    let old = subscribe(&grace, &service, "sender_and_text").await;
    let new = service.browser();
    let renewed = grace.api.post("/push/renewals", &new.renewal(&old)).await.expect(200);
    let like_before = json!({
        "endpoint": new.endpoint, "content": "sender_and_text", "expires_at": null,
    });
    assert_eq!(renewed, like_before);
    assert_eq!(grace.get("/push").await.expect(200)["subscription"], renewed);
    let message = ada.send(chat, "Hello").await;
    let pushed = service.next().await;
    assert_eq!((&pushed.endpoint, &pushed.told["seq"]), (&new.endpoint, &message["seq"]));
    assert_eq!(pushed.told["text"], "Hello");
    // It is the session's still, and ends with it.
    grace.post("/auth/logout", &Value::Null).await.expect(204);
    let gone = grace.api.post("/push/renewals", &old.renewal(&new)).await;
    gone.refused(404, "subscription_not_found");
}
