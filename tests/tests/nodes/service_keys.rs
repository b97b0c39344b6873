//! A key that is revoked on one node is good on none.

use tests::{Nodes, Person, ServiceKeyClient, Value};

#[tokio::test]
async fn a_revoked_key_is_cut_off_on_every_node() {
    let nodes = Nodes::start(2).await;
    let ada = Person::register(&nodes[0], "Ada").await;
    let here = ServiceKeyClient::add(&nodes[0], "Shop", "people:read,act_as").await;
    let there = ServiceKeyClient { api: tests::Api::of(&nodes[1]).await, ..here.clone() };
    for backend in [&here, &there] {
        assert_eq!(backend.get_as(&ada, "/users/me").await.expect(200)["id"], ada.id);
    }
    let revoked = nodes[0].run(&["key", "revoke", "Shop"], "").await;
    assert!(revoked.status.success());
    for backend in [&there, &here] {
        backend.get_as(&ada, "/users/me").await.refused(401, "key_invalid");
    }

    // The same if its account is disabled on the other node.
    let root = Person::admin(&nodes[0], "Root").await;
    let again = ServiceKeyClient::add(&nodes[0], "Shop", "people:read").await;
    let there = ServiceKeyClient { api: there.api, ..again.clone() };
    let id = there.get("/users/me").await.expect(200)["id"].clone();
    let disable = tests::json!({"is_active": false});
    root.patch(&format!("/admin/users/{id}"), &disable).await.expect(200);
    there.call(tests::Method::GET, "/users/me", &Value::Null).await.refused(401, "key_invalid");
}

#[tokio::test]
async fn what_one_node_carried_out_another_answers() {
    let nodes = Nodes::start(2).await;
    let here = ServiceKeyClient::add(&nodes[0], "Shop", "chats:read,chats:write").await;
    let there = ServiceKeyClient { api: tests::Api::of(&nodes[1]).await, ..here.clone() };
    let group = tests::json!({"title": "An order", "members": []});
    let make = async |backend: &ServiceKeyClient, key: &str| {
        let request = backend.api.request(tests::Method::POST, "/chats").bearer_auth(&backend.key);
        backend.api.answer_to(request.header("idempotency-key", key).json(&group)).await
    };
    let made = make(&here, "order-7").await.expect(201);
    let again = make(&there, "order-7").await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.expect(201), made);
    // At once on both, one carries it out.
    for round in 0..10 {
        let key = format!("order-8-{round}");
        let both = futures_util::future::join(make(&here, &key), make(&there, &key)).await;
        let done = [both.0, both.1].map(|answer| answer.status);
        assert!(done.contains(&201) && done.iter().all(|status| [201, 409].contains(status)));
    }
    let all = here.get("/chats?limit=500").await.expect(200);
    assert_eq!(all["items"].as_array().map(Vec::len), Some(11));
}

#[tokio::test]
async fn a_key_from_a_command_that_knows_no_redis_is_good_on_every_node() {
    let nodes = Nodes::start(2).await;
    let add = ["key", "add", "Shop", "--scopes", "people:read", "--issuer", "shop"];
    let mut command = nodes[1].command(&add);
    let added = command.env_remove("REDIS_URL").output().await.expect("it runs");
    let key = String::from_utf8(added.stdout).expect("UTF-8").trim().to_owned();
    for node in &nodes.servers {
        let backend = ServiceKeyClient { api: tests::Api::of(node).await, key: key.clone() };
        backend.get("/users/me").await.expect(200);
    }
}
