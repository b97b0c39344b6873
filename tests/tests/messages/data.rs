//! What hosts keep with messages, messages of apps, and system messages.

use tests::{Answer, Engine, Method, Person, Server, ServiceKeyClient, Value, json, on_both};

on_both!(
    data_goes_wherever_its_message_goes,
    words_of_data_are_found_by_whoever_asks,
    any_message_may_have_data,
    data_is_patched_by_merge,
    what_is_no_data_is_refused_by_name,
    who_may_not_change_data_does_not,
    a_key_keeps_up_the_cards_of_its_chats,
    who_comes_back_learns_of_data,
    system_messages_are_sent_by_keys,
    quiet_system_messages_count_nowhere,
);

const SCOPES: &str = "people:read,chats:write,messages:write,act_as";

async fn two(server: &Server) -> (Person, Person, i64) {
    let [ada, grace] = Person::several(server, ["Ada", "Grace"]).await;
    let chat = ada.direct(&grace).await;
    (ada, grace, chat)
}

/// A key that is in a group with two people, and the group.
async fn shop(server: &Server) -> (ServiceKeyClient, [Person; 2], i64) {
    let shop = ServiceKeyClient::add(server, "Shop", SCOPES).await;
    let people = Person::several(server, ["Ada", "Grace"]).await;
    let members = people.each_ref().map(|person| person.id);
    let group = json!({"title": "Order 7", "members": members});
    let chat = shop.call(Method::POST, "/chats", &group).await.expect(201);
    (shop, people, chat["id"].as_i64().expect("an id"))
}

fn card(data: &Value) -> Value {
    json!({"kind": "app", "text": "Order 7: 2 kettles", "data": data})
}

async fn post(person: &Person, chat: i64, body: &Value) -> Answer {
    person.post(&format!("/chats/{chat}/messages"), body).await
}

async fn patch(person: &Person, message: &Value, body: &Value) -> Answer {
    person.patch(&path_of(message), body).await
}

fn path_of(message: &Value) -> String {
    format!("/chats/{}/messages/{}", message["chat_id"], message["id"])
}

async fn data_goes_wherever_its_message_goes(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let mut of_grace = grace.socket().await;
    let data = json!({"order": {"id": 7, "lines": ["kettle", "lid"]}, "paid": false, "\u{0}": "é"});
    let sent = post(&ada, chat, &card(&data)).await.expect(201);
    assert_eq!((&sent["kind"], &sent["data"]), (&json!("app"), &data));
    assert_eq!(sent["counts_as_unread"], true);
    assert_eq!(of_grace.push_of("message.created").await["data"], sent);
    assert_eq!(grace.history(chat).await, std::slice::from_ref(&sent));
    assert_eq!(grace.chat(chat).await["last_message"], sent);
    assert_eq!(grace.chat(chat).await["unread_count"], 1);
    assert_eq!(grace.get(&path_of(&sent)).await.expect(200), sent);
    let found = grace.get("/messages/search?q=kettles").await.expect(200);
    assert_eq!(found["items"], json!([sent]));
    let found = grace.get("/messages/search?q=lid").await.expect(200);
    assert_eq!(found["items"], json!([]), "data is not searched");
    let changes = grace.get(&format!("/chats/{chat}/changes?since=1")).await.expect(200);
    assert_eq!(changes["messages"], json!([sent]));
}

async fn words_of_data_are_found_by_whoever_asks(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let data = json!({"order": {"id": 7, "lines": ["kettle", "lid"]}});
    let sent = post(&ada, chat, &card(&data)).await.expect(201);
    for asks in ["q=data:lid", "data=lid", "q=kettles&data=li", "q=kettles+data:%22lid%22"] {
        let found = grace.get(&format!("/messages/search?{asks}")).await.expect(200);
        assert_eq!(found["items"], json!([sent]), "unless that is asked for: {asks}");
    }
    let found = grace.get("/messages/search?data=kettles").await.expect(200);
    assert_eq!(found["items"], json!([]), "the text is not data");
    let refused = |query| grace.get(query);
    refused("/messages/search?data=%3F").await.refused_field(400, "data", "empty");
    let twice = refused("/messages/search?q=data:lid&data=lid").await;
    twice.refused_field(400, "data", "conflicting_parameters");
}

async fn any_message_may_have_data(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let mut of_grace = grace.socket().await;
    let sent = post(&ada, chat, &card(&json!({"order": 7}))).await.expect(201);
    // Beside any text, by the socket as well, and quoted.
    let request = json!({"type": "send", "chat": chat, "text": "Thanks", "data": {"a": null},
        "reply_to": sent["id"]});
    let thanks = of_grace.ask(request).await["message"].clone();
    assert_eq!((&thanks["kind"], &thanks["data"]), (&json!("text"), &json!({})));
    let page = ada.get(&format!("/chats/{chat}/messages?limit=1")).await.expect(200);
    assert_eq!(page["quoted"], json!([sent]));
    let plain = ada.send(chat, "plain").await;
    assert_eq!((&plain["kind"], &plain["data"]), (&json!("text"), &Value::Null));
    // In a whisper, too.
    let group = ada.group("Shop", &[&grace]).await;
    let whisper = json!({"text": "psst", "to": grace.id, "data": {"a": 1}});
    let whisper = post(&ada, group, &whisper).await.expect(201);
    assert_eq!(grace.get(&path_of(&whisper)).await.expect(200)["data"], json!({"a": 1}));
    // And it goes with its message.
    let tombstone = ada.delete(&path_of(&sent)).await.expect(200);
    assert_eq!((&tombstone["kind"], &tombstone["data"]), (&json!("app"), &Value::Null));
    assert_eq!(of_grace.push_of("message.deleted").await["data"], tombstone);
}

async fn data_is_patched_by_merge(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let mut of_grace = grace.socket().await;
    let sent = post(&ada, chat, &card(&json!({"order": {"id": 7}, "note": "x"}))).await.expect(201);
    let change = json!({"data": {"order": {"state": "paid"}, "note": null}});
    let patched = patch(&ada, &sent, &change).await.expect(200);
    assert_eq!(patched["data"], json!({"order": {"id": 7, "state": "paid"}}));
    assert_eq!((&patched["version"], &patched["edited_at"]), (&json!(3), &Value::Null));
    assert_eq!(patched["text"], sent["text"]);
    let pushed = of_grace.push_of("message.updated").await;
    assert_eq!((&pushed["data"], &pushed["version"]), (&patched, &json!(3)));
    // The same again is no change.
    assert_eq!(patch(&ada, &sent, &change).await.expect(200), patched);
    assert_eq!(patch(&ada, &sent, &json!({})).await.expect(200), patched);
    let mut socket = ada.socket().await;
    let request = json!({"type": "edit", "chat": chat, "message": sent["id"], "text": "Order 8",
        "data": {"order": {"id": 8}}});
    let both = socket.ask(request).await["message"].clone();
    assert_eq!((&both["version"], &both["text"]), (&json!(4), &json!("Order 8")));
    assert_eq!(both["data"], json!({"order": {"id": 8, "state": "paid"}}));
    assert_eq!(of_grace.push_of("message.edited").await["data"], both);
    // null takes it away, where no app needs it.
    patch(&ada, &sent, &json!({"data": null})).await.refused_field(400, "data", "data_missing");
    let plain = post(&ada, chat, &json!({"text": "plain", "data": {"a": 1}})).await.expect(201);
    assert_eq!(patch(&ada, &plain, &json!({"data": null})).await.expect(200)["data"], Value::Null);
}

async fn what_is_no_data_is_refused_by_name(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, _, chat) = two(&server).await;
    let of = |bytes: usize| json!({"a": "x".repeat(bytes - r#"{"a":""}"#.len())});
    let deep = |levels: usize| (1..levels).fold(json!({}), |inside, _| json!({"a": inside}));
    let mut socket = ada.socket().await;
    for (data, code) in [
        (json!([]), "data_not_an_object"),
        (json!("{}"), "data_not_an_object"),
        (json!(7), "data_not_an_object"),
        (json!(false), "data_not_an_object"),
        (of(4_097), "data_too_long"),
        (deep(17), "data_too_deep"),
    ] {
        post(&ada, chat, &card(&data)).await.refused_field(400, "data", code);
        let request = json!({"type": "send", "chat": chat, "text": "x", "data": data});
        let refused = socket.refused(request, "invalid").await;
        assert_eq!(refused["errors"][0]["code"], code);
    }
    let bare = json!({"kind": "app", "text": "Order 7"});
    post(&ada, chat, &bare).await.refused_field(400, "data", "data_missing");
    let wordless = json!({"kind": "app", "text": "", "data": {}});
    post(&ada, chat, &wordless).await.refused_field(400, "text", "empty");
    let unknown = json!({"kind": "card", "text": "x"});
    post(&ada, chat, &unknown).await.refused_field(400, "kind", "wrong_type");
    let counted = json!({"text": "x", "counts_as_unread": false});
    let refused = post(&ada, chat, &counted).await;
    refused.refused_field(400, "counts_as_unread", "conflicting_parameters");
    assert_eq!(ada.history(chat).await, Vec::<Value>::new());
    post(&ada, chat, &card(&deep(16))).await.expect(201);
    let longest = post(&ada, chat, &card(&of(4_096))).await.expect(201);
    let more = patch(&ada, &longest, &json!({"data": {"b": 1}})).await;
    more.refused_field(400, "data", "data_too_long");
    assert_eq!(ada.chat(chat).await["version"], 3, "refusals use up no number");
}

async fn who_may_not_change_data_does_not(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let sent = post(&ada, chat, &card(&json!({"a": 1}))).await.expect(201);
    let change = json!({"data": {"a": 2}});
    patch(&grace, &sent, &change).await.refused(403, "not_allowed");
    let eve = Person::register(&server, "Eve").await;
    patch(&eve, &sent, &change).await.refused(404, "message_not_found");
    ada.delete(&path_of(&sent)).await.expect(200);
    patch(&ada, &sent, &change).await.refused(409, "message_deleted");
}

async fn a_key_keeps_up_the_cards_of_its_chats(engine: Engine) {
    let server = Server::start(engine).await;
    let (shop, [ada, grace], chat) = shop(&server).await;
    let mut of_grace = grace.socket().await;
    let (messages, new) = (format!("/chats/{chat}/messages"), card(&json!({"a": 1})));
    let sent = shop.post_as(&ada, &messages, &new).await.expect(201);
    assert_eq!(sent["author_id"], ada.id);
    let (path, change) = (path_of(&sent), json!({"data": {"state": "shipped"}}));
    let patched = shop.call(Method::PATCH, &path, &change).await.expect(200);
    assert_eq!(patched["data"], json!({"a": 1, "state": "shipped"}));
    assert_eq!(of_grace.push_of("message.updated").await["data"], patched);
    // Neither the text, nor as somebody else, nor without the scope, nor where it is not.
    let text = json!({"text": "Mine"});
    shop.call(Method::PATCH, &path, &text).await.refused(403, "not_allowed");
    let as_grace = [&*grace.id.to_string()];
    let acted = shop.call_as(&as_grace, Method::PATCH, &path, &change).await;
    acted.refused(403, "not_allowed");
    let reader = ServiceKeyClient::add(&server, "Reader", "messages:read").await;
    reader.call(Method::PATCH, &path, &change).await.refused(403, "scope_missing");
    let apart = ada.group("Apart", &[&grace]).await;
    let apart = post(&ada, apart, &card(&json!({}))).await.expect(201);
    let stranger = shop.call(Method::PATCH, &path_of(&apart), &change).await;
    stranger.refused(403, "scope_missing");
    let whisper = json!({"text": "psst", "to": grace.id, "data": {}});
    let whisper = post(&ada, chat, &whisper).await.expect(201);
    let blind = shop.call(Method::PATCH, &path_of(&whisper), &change).await;
    blind.refused(403, "scope_missing");
}

async fn who_comes_back_learns_of_data(engine: Engine) {
    let server = Server::start(engine).await;
    let (ada, grace, chat) = two(&server).await;
    let sent = post(&ada, chat, &card(&json!({"a": 1}))).await.expect(201);
    let since = sent["version"].clone();
    for n in 2..5 {
        patch(&ada, &sent, &json!({"data": {"a": n}})).await.expect(200);
    }
    let now = grace.get(&path_of(&sent)).await.expect(200);
    assert_eq!((&now["data"], &now["version"]), (&json!({"a": 4}), &json!(5)));
    let changes = grace.get(&format!("/chats/{chat}/changes?since={since}")).await.expect(200);
    assert_eq!((&changes["messages"], &changes["version"]), (&json!([now]), &json!(5)));
    let mut socket = grace.socket().await;
    let resume = json!({"type": "resume", "chats": {chat.to_string(): since}});
    let resumed = socket.ask(resume).await;
    assert_eq!(resumed["chats"][chat.to_string()]["messages"], json!([now]));
    // In what one takes along as well.
    let request = ada.api.request(Method::GET, "/users/me/export").bearer_auth(&ada.access);
    let own = request.send().await.expect("an answer").text().await.expect("a body");
    let line = |line: &str| serde_json::from_str::<Value>(line).expect("JSON");
    assert!(own.lines().any(|text| line(text)["data"] == now), "{own}");
}

async fn system_messages_are_sent_by_keys(engine: Engine) {
    let server = Server::start(engine).await;
    let (shop, [ada, grace], chat) = shop(&server).await;
    let mut of_grace = grace.socket().await;
    let path = format!("/chats/{chat}/messages");
    let shipped = json!({"kind": "system", "text": "Order shipped", "data": {"order": 7}});
    let sent = shop.call(Method::POST, &path, &shipped).await.expect(201);
    assert_eq!((&sent["kind"], &sent["counts_as_unread"]), (&json!("system"), &json!(false)));
    assert_eq!((&sent["data"], &sent["text"]), (&json!({"order": 7}), &json!("Order shipped")));
    assert_eq!(of_grace.push_of("message.created").await["data"], sent);
    assert_eq!(grace.history(chat).await, [sent]);
    post(&ada, chat, &shipped).await.refused(403, "key_needed");
    shop.post_as(&ada, &path, &shipped).await.refused(403, "key_needed");
    let request = json!({"type": "send", "chat": chat, "kind": "system", "text": "x"});
    of_grace.refused(request, "key_needed").await;
    let reader = ServiceKeyClient::add(&server, "Reader", "messages:read").await;
    reader.call(Method::POST, &path, &shipped).await.refused(403, "scope_missing");
    // A repeated request sends once.
    let once = json!({"kind": "system", "text": "Arrived", "client_id": "order-7-arrived"});
    let first = shop.call(Method::POST, &path, &once).await.expect(201);
    assert_eq!(shop.call(Method::POST, &path, &once).await.expect(200), first);
}

async fn quiet_system_messages_count_nowhere(engine: Engine) {
    let server = Server::start(engine).await;
    let (shop, [ada, grace], chat) = shop(&server).await;
    let path = format!("/chats/{chat}/messages");
    let text = format!("Shipped to @{}", ada.name);
    for (counts, unread) in [(false, 0), (true, 1), (false, 1)] {
        let body = json!({"kind": "system", "text": text, "counts_as_unread": counts});
        let sent = shop.call(Method::POST, &path, &body).await.expect(201);
        assert_eq!(sent["counts_as_unread"], counts);
        let view = ada.chat(chat).await;
        let counted = (&view["unread_count"], &view["mention_count"]);
        assert_eq!(counted, (&json!(unread), &json!(unread)));
        assert_eq!(view["last_message"], sent);
    }
    // Whoever reads on is past them all.
    let read = json!({"seq": 3});
    grace.put(&format!("/chats/{chat}/read"), &read).await.expect(200);
    assert_eq!(grace.chat(chat).await["unread_count"], 0);
}
