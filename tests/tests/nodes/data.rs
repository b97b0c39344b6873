//! What hosts keep reaches the sockets of other nodes.

use tests::{Api, Method, Nodes, Person, ServiceKeyClient, json};

#[tokio::test]
async fn data_and_kinds_arrive_on_the_other_node() {
    let nodes = Nodes::start(2).await;
    let ada = Person::register(&nodes[0], "Ada").await;
    let ada = nodes.person_at(&ada, 1).await;
    let shop = ServiceKeyClient::add(&nodes[0], "Shop", "chats:write,messages:write").await;
    let shop = ServiceKeyClient { api: Api::of(&nodes[0]).await, ..shop };
    let mut far = ada.socket().await;
    let group = json!({"title": "Order 7", "members": [ada.id], "data": {"order": 7}});
    let chat = shop.call(Method::POST, "/chats", &group).await.expect(201);
    assert_eq!(far.push_of("chat.created").await["data"]["data"], chat["data"]);
    let path = format!("/chats/{}", chat["id"]);
    let patch = json!({"data": {"state": "paid"}});
    let patched = shop.call(Method::PATCH, &path, &patch).await.expect(200);
    assert_eq!(far.push_of("chat.updated").await["data"]["data"], patched["data"]);

    let messages = format!("{path}/messages");
    for new in [
        json!({"kind": "app", "text": "Order 7", "data": {"a": [1, {"b": "\u{0}"}]}}),
        json!({"kind": "system", "text": "Paid"}),
        json!({"kind": "system", "text": "Shipped", "counts_as_unread": true}),
    ] {
        let sent = shop.call(Method::POST, &messages, &new).await.expect(201);
        assert_eq!(far.push_of("message.created").await["data"], sent);
        let path = format!("{messages}/{}", sent["id"]);
        let patched = shop.call(Method::PATCH, &path, &patch).await.expect(200);
        assert_eq!(far.push_of("message.updated").await["data"], patched);
    }
}
