//! Groups of a host, which its backend fills by a service key.

use tests::{Answer, Engine, Method, Person, ServiceKeyClient, Value, behind_hosts, json, on_both};

on_both!(
    a_backend_makes_a_group_and_keeps_it_in_step,
    data_goes_with_a_group,
    members_are_let_in_and_taken_out_at_once,
    whoever_is_in_or_out_is_told,
    only_a_key_as_itself_fills_groups,
    what_is_wrong_with_a_group_is_named,
);

async fn put(shop: &ServiceKeyClient, id: &str, body: &Value) -> Answer {
    shop.call(Method::PUT, &format!("/chats/ext:{id}"), body).await
}

async fn change(shop: &ServiceKeyClient, id: &str, body: &Value) -> Answer {
    shop.call(Method::PATCH, &format!("/chats/ext:{id}/members"), body).await
}

/// The members of a chat as somebody in it sees them: their external ids and roles.
async fn roles(member: &Person, chat: &str) -> Vec<(String, String)> {
    let members = member.all(&format!("/chats/{chat}/members")).await;
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    members.iter().map(|m| (text(&m["external_id"]), text(&m["role"]))).collect()
}

fn expected(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(id, role)| ((*id).to_owned(), (*role).to_owned())).collect()
}

async fn a_backend_makes_a_group_and_keeps_it_in_step(engine: Engine) {
    let server = behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "chats:write,people:read").await;
    let ada = Person::of_host(&server, "shop", "17").await;
    let ben = Person::of_host(&server, "shop", "18").await;
    let order = json!({
        "title": "Order 7",
        "members": [{"user_id": "ext:17", "role": "owner"}, {"user_id": ben.id}],
    });
    let made = put(&shop, "order%2F7", &order).await.expect(201);
    assert_eq!((&made["kind"], &made["title"]), (&json!("group"), &json!("Order 7")));
    assert_eq!((&made["external_id"], &made["version"]), (&json!("order/7"), &json!(1)));
    let chat = "ext:order%2F7";
    assert_eq!(roles(&ada, chat).await, expected(&[("17", "owner"), ("18", "member")]));
    assert_eq!(put(&shop, "order%2F7", &order).await.expect(200), made, "nothing differs");

    let members = json!([{"user_id": "ext:18", "role": "owner"}, {"user_id": "ext:17"}]);
    let other = json!({"title": "Order 7, sent", "members": members});
    let renamed = put(&shop, "order%2F7", &other).await.expect(200);
    assert_eq!((&renamed["title"], &renamed["version"]), (&json!("Order 7, sent"), &json!(2)));
    assert_eq!(roles(&ada, chat).await, expected(&[("17", "admin"), ("18", "owner")]));
    let alone = json!({"title": "Order 7, sent", "members": [{"user_id": "ext:17"}]});
    put(&shop, "order%2F7", &alone).await.expect(200);
    assert_eq!(roles(&ada, chat).await, expected(&[("17", "admin")]));
    ben.get(&format!("/chats/{chat}")).await.refused(404, "chat_not_found");

    let root = Person::admin(&server, "Root").await;
    let lines = root.all("/admin/audit?kind=change").await;
    let of_chat: Vec<_> = lines.iter().filter(|line| line["action"] == "chat.host").collect();
    let details: Vec<_> =
        of_chat.iter().map(|line| line["detail"].as_str().expect("a text")).collect();
    let sent = "\"Order 7, sent\", 1 members named";
    assert_eq!(
        details,
        [sent, "\"Order 7, sent\", 2 members named", "\"Order 7\", 2 members named"]
    );
    let key = shop.get("/users/me").await.expect(200)["id"].clone();
    let by_key = |line: &&Value| line["actor_id"] == key && line["target_kind"] == "chat";
    assert!(of_chat.iter().all(by_key), "{of_chat:?}");
}

async fn data_goes_with_a_group(engine: Engine) {
    let server = behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "chats:write,projects:write").await;
    let ada = Person::of_host(&server, "shop", "17").await;
    let members = json!([{"user_id": "ext:17"}]);
    let order = |data: Value| json!({"title": "Order 7", "members": members, "data": data});
    let made = put(&shop, "7", &order(json!({"state": "new", "sum": 7}))).await.expect(201);
    assert_eq!(made["data"], json!({"state": "new", "sum": 7}));
    let paid = put(&shop, "7", &order(json!({"state": "paid", "sum": null}))).await.expect(200);
    assert_eq!((&paid["data"], &paid["version"]), (&json!({"state": "paid"}), &json!(2)));
    let silent = json!({"title": "Order 7", "members": members});
    assert_eq!(put(&shop, "7", &silent).await.expect(200), paid, "it stays");
    assert_eq!(ada.get("/chats/ext:7").await.expect(200)["data"], json!({"state": "paid"}));
    let list = put(&shop, "7", &order(json!([]))).await;
    list.refused_field(400, "data", "data_not_an_object");
    let long = put(&shop, "7", &order(json!({"note": "x".repeat(4_090)}))).await;
    long.refused_field(400, "data", "data_too_long");
    assert_eq!(put(&shop, "7", &order(Value::Null)).await.expect(200)["data"], Value::Null);

    let project = json!({"title": "Bridge", "members": [ada.id], "data": {"span": 90}});
    let path = "/projects/7/chat";
    let built = shop.call(Method::PUT, path, &project).await.expect(201);
    assert_eq!(built["chat"]["data"], json!({"span": 90}));
    let root = Person::admin(&server, "Root").await;
    root.put(path, &project).await.refused(403, "key_needed");
}

async fn members_are_let_in_and_taken_out_at_once(engine: Engine) {
    let server = behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "chats:write").await;
    let ada = Person::of_host(&server, "shop", "17").await;
    let ben = Person::of_host(&server, "shop", "18").await;
    Person::of_host(&server, "shop", "19").await;
    let members = json!([{"user_id": "ext:17", "role": "owner"}, {"user_id": "ext:18"}]);
    put(&shop, "7", &json!({"title": "Order 7", "members": members})).await.expect(201);
    // They left by themselves, or are banned: the host's word is the last.
    ben.delete(&format!("/chats/ext:7/members/{}", ben.id)).await.expect(204);
    ada.put("/chats/ext:7/bans/ext:19", &json!({})).await.expect(204);
    let both = json!([{"user_id": "ext:18"}, {"user_id": "ext:19", "role": "admin"}]);
    let changed = change(&shop, "7", &json!({"members": both})).await.expect(200);
    assert_eq!(changed["external_id"], "7");
    let all = [("17", "owner"), ("18", "member"), ("19", "admin")];
    assert_eq!(roles(&ada, "ext:7").await, expected(&all));
    let bans = ada.all("/chats/ext:7/bans").await;
    assert_eq!(bans, Vec::<Value>::new());
    let swap =
        json!({"members": [{"user_id": "ext:18", "role": "admin"}], "remove": ["ext:19", ada.id]});
    change(&shop, "7", &swap).await.expect(200);
    assert_eq!(roles(&ben, "ext:7").await, expected(&[("18", "admin")]));
    change(&shop, "7", &swap).await.expect(200);
    change(&shop, "8", &swap).await.refused(404, "chat_not_found");
    change(&shop, "7", &json!({})).await.expect(200);
}

async fn whoever_is_in_or_out_is_told(engine: Engine) {
    let server = behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "chats:write").await;
    let ada = Person::of_host(&server, "shop", "17").await;
    let ben = Person::of_host(&server, "shop", "18").await;
    let (mut of_ada, mut of_ben) = (ada.socket().await, ben.socket().await);
    let members = json!([{"user_id": "ext:17"}, {"user_id": "ext:18"}]);
    put(&shop, "7", &json!({"title": "Order 7", "members": members})).await.expect(201);
    for socket in [&mut of_ada, &mut of_ben] {
        assert_eq!(socket.push_of("chat.created").await["data"]["external_id"], "7");
    }
    change(&shop, "7", &json!({"remove": ["ext:18"]})).await.expect(200);
    for socket in [&mut of_ada, &mut of_ben] {
        assert_eq!(socket.push_of("member.left").await["data"]["user_id"], ben.id);
    }
    let members = json!([{"user_id": "ext:17", "role": "admin"}]);
    put(&shop, "7", &json!({"title": "Sent", "members": members})).await.expect(200);
    assert_eq!(of_ada.push_of("chat.updated").await["data"]["title"], "Sent");
    assert_eq!(of_ada.push_of("member.updated").await["data"]["role"], "admin");
}

async fn only_a_key_as_itself_fills_groups(engine: Engine) {
    let server = behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "chats:write,act_as").await;
    let ada = Person::of_host(&server, "shop", "17").await;
    let root = Person::admin_of_host(&server, "shop", "1").await;
    let order = json!({"title": "Order 7", "members": [{"user_id": "ext:17"}]});
    for person in [&ada, &root] {
        person.put("/chats/ext:7", &order).await.refused(403, "key_needed");
        let members = person.patch("/chats/ext:7/members", &json!({})).await;
        members.refused(403, "key_needed");
    }
    let acted = shop.call_as(&["ext:17"], Method::PUT, "/chats/ext:7", &order).await;
    acted.refused(403, "key_needed");
    let reader = ServiceKeyClient::add(&server, "Reader", "chats:read").await;
    put(&reader, "7", &order).await.refused(403, "scope_missing");
    // Another host's ids are its own.
    put(&shop, "7", &order).await.expect(201);
    let forum = ServiceKeyClient::add_of(&server, "forum", "Forum", "chats:write").await;
    change(&forum, "7", &json!({})).await.refused(404, "chat_not_found");
    put(&forum, "7", &order).await.refused_field(400, "members", "user_not_found");
}

async fn what_is_wrong_with_a_group_is_named(engine: Engine) {
    let server = behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "chats:write").await;
    let ada = Person::of_host(&server, "shop", "17").await;
    let order = |members: Value| json!({"title": "Order 7", "members": members});
    put(&shop, "7", &json!({"title": " ", "members": []}))
        .await
        .refused_field(400, "title", "empty");
    put(&shop, "7", &json!({"title": "Order 7"})).await.refused(400, "invalid");
    let twice = json!([{"user_id": "ext:17"}, {"user_id": ada.id, "role": "admin"}]);
    put(&shop, "7", &order(twice)).await.refused_field(400, "members", "named_twice");
    Person::of_host(&server, "shop", "18").await;
    let owners =
        json!([{"user_id": "ext:17", "role": "owner"}, {"user_id": "ext:18", "role": "owner"}]);
    put(&shop, "7", &order(owners)).await.refused_field(400, "members", "two_owners");
    let unknown = json!([{"user_id": "ext:17"}, {"user_id": "ext:99"}, {"user_id": "ext:98", "role": "admin"}]);
    put(&shop, "7", &order(unknown)).await.refused_field(400, "members", "user_not_found");
    change(&shop, "7", &json!({})).await.refused(404, "chat_not_found");
    put(&shop, "7", &order(json!([{"user_id": "ext:17"}]))).await.expect(201);
    let both = json!({"members": [{"user_id": "ext:17"}], "remove": ["ext:17"]});
    change(&shop, "7", &both).await.refused_field(400, "members", "named_twice");
    change(&shop, "7", &json!({"remove": ["17"]})).await.refused(400, "invalid");
    let by_number = shop.call(Method::PUT, "/chats/1", &order(json!([]))).await;
    by_number.refused_field(400, "chat_id", "invalid_id");
    let members = ada.all("/chats/ext:7/members").await;
    assert_eq!(members.len(), 1, "no refusal has changed anything");
}
