//! Pictures that hosts name for their people.

use image::codecs::png::PngEncoder;
use image::{Rgb, RgbImage};
use tests::{
    Engine, Method, Person, PictureHost, Server, ServiceKeyClient, Value, behind_hosts,
    behind_hosts_with, json, on_both,
};
use tokio::net::TcpListener;

on_both!(
    what_a_token_names_becomes_the_avatar,
    who_chose_a_picture_keeps_it_until_another_is_named,
    nobody_is_kept_out_for_a_picture,
    a_backend_names_pictures,
    a_backend_names_no_address_inside,
);

const NEAR: (&str, &str) = ("CONFAB_HOST_PICTURES_LOOPBACK", "on");

/// A picture of one colour, by which it is told from others.
fn picture(colour: u8) -> Vec<u8> {
    let mut png = Vec::new();
    let image = RgbImage::from_pixel(8, 8, Rgb([colour; 3]));
    image.write_with_encoder(PngEncoder::new(&mut png)).expect("a picture");
    png
}

/// The type and the bytes of somebody's avatar.
async fn avatar(server: &Server, id: &Value) -> (String, Vec<u8>) {
    let url = server.url(&format!("/api/v1/users/{id}/avatar"));
    let answer = reqwest::get(url).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().expect("a text").to_owned();
    (kind, answer.bytes().await.expect("a body").to_vec())
}

/// Waits until somebody's avatar is a picture.
async fn chosen(server: &Server, id: &Value) -> Vec<u8> {
    let is_chosen = async |server: &Server| avatar(server, id).await.0 != "image/svg+xml";
    server.until("a picture", is_chosen).await;
    avatar(server, id).await.1
}

/// Waits for another avatar than that.
async fn other_than(server: &Server, id: &Value, before: &[u8]) -> Vec<u8> {
    let is_other = async |server: &Server| avatar(server, id).await.1 != before;
    server.until("another picture", is_other).await;
    let (kind, bytes) = avatar(server, id).await;
    assert_ne!(kind, "image/svg+xml", "it is no default");
    bytes
}

/// Somebody whose host names that picture.
async fn exchanged(server: &Server, subject: &str, picture: &Value) -> Person {
    let about = json!({"iss": "shop", "sub": subject, "picture": picture});
    Person::exchanged(server, &about).await
}

/// Waits until whatever was named before has been fetched: what is named later is fetched later.
async fn settled(server: &Server, host: &PictureHost, subject: &str) {
    let path = format!("/{subject}/last.png");
    let last = exchanged(server, subject, &json!(host.put(&path, picture(250)))).await;
    chosen(server, &json!(last.id)).await;
}

async fn what_a_token_names_becomes_the_avatar(engine: Engine) {
    let (server, host) = (behind_hosts_with(engine, &[NEAR]).await, PictureHost::start().await);
    let first = json!(host.put("/first.png", picture(10)));
    let ada = exchanged(&server, "17", &first).await;
    let id = json!(ada.id);
    let shown = chosen(&server, &id).await;
    // The same, and none, leave it.
    for same in [&first, &Value::Null] {
        exchanged(&server, "17", same).await;
    }
    settled(&server, &host, "18").await;
    assert_eq!(avatar(&server, &id).await.1, shown);
    assert_eq!(host.asked("/first.png"), 1);

    let second = json!(host.put("/second.png", picture(200)));
    exchanged(&server, "17", &second).await;
    let other = other_than(&server, &id, &shown).await;
    assert_ne!(other, picture(200), "it is made anew");
    // When its address is said again, it has changed, too.
    exchanged(&server, "17", &first).await;
    assert_eq!(other_than(&server, &id, &other).await, shown);
}

async fn who_chose_a_picture_keeps_it_until_another_is_named(engine: Engine) {
    let (server, host) = (behind_hosts_with(engine, &[NEAR]).await, PictureHost::start().await);
    let named = json!(host.put("/named.png", picture(10)));
    let ada = exchanged(&server, "17", &named).await;
    let id = json!(ada.id);
    let of_host = chosen(&server, &id).await;
    let put = ada.api.request(Method::PUT, "/users/me/avatar").bearer_auth(&ada.access);
    let put = put.header("content-type", "image/png").body(picture(100));
    ada.api.answer_to(put).await.expect(204);
    let (_, chosen) = avatar(&server, &id).await;
    assert_ne!(chosen, of_host);
    exchanged(&server, "17", &named).await;
    settled(&server, &host, "18").await;
    assert_eq!(avatar(&server, &id).await.1, chosen);
    assert_eq!(host.asked("/named.png"), 1);
    exchanged(&server, "17", &json!(host.put("/other.png", picture(200)))).await;
    other_than(&server, &id, &chosen).await;

    // Who has chosen before the host names a picture for the first time, too.
    let ben = exchanged(&server, "19", &Value::Null).await;
    let put = ben.api.request(Method::PUT, "/users/me/avatar").bearer_auth(&ben.access);
    let put = put.header("content-type", "image/png").body(picture(60));
    ben.api.answer_to(put).await.expect(204);
    let (_, chosen) = avatar(&server, &json!(ben.id)).await;
    exchanged(&server, "19", &named).await;
    settled(&server, &host, "20").await;
    assert_eq!(avatar(&server, &json!(ben.id)).await.1, chosen);
}

async fn nobody_is_kept_out_for_a_picture(engine: Engine) {
    let (server, host) = (behind_hosts_with(engine, &[NEAR]).await, PictureHost::start().await);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let away = format!("http://{}/17.png", listener.local_addr().expect("an address"));
    drop(listener);
    let no_picture = host.put("/17.html", b"<html>Not here</html>".to_vec());
    let named = [
        json!(away),
        json!(no_picture),
        json!(host.at("/missing.png")),
        json!("ftp://shop.example.org/17.png"),
        json!("17.png"),
        json!(17),
        json!(format!("https://shop.example.org/{}", "x".repeat(4_000))),
    ];
    let mut people = Vec::new();
    for (nth, named) in named.iter().enumerate() {
        people.push(exchanged(&server, &format!("1{nth}"), named).await);
    }
    settled(&server, &host, "18").await;
    let is_asked =
        async |_: &Server| host.asked("/17.html") == 1 && host.asked("/missing.png") == 1;
    server.until("both are asked for", is_asked).await;
    for person in people {
        person.get("/users/me").await.expect(200);
        assert_eq!(avatar(&server, &json!(person.id)).await.0, "image/svg+xml");
    }
}

async fn a_backend_names_pictures(engine: Engine) {
    let (server, host) = (Server::start_with(engine, &[NEAR]).await, PictureHost::start().await);
    let shop = ServiceKeyClient::add(&server, "Shop", "people:write").await;
    let first = host.put("/first.png", picture(10));
    let body = json!({"username": "Ada", "picture": first});
    let made = shop.call(Method::PUT, "/users/ext:17", &body).await.expect(201);
    let shown = chosen(&server, &made["id"]).await;
    let lines: Vec<_> = (0..20)
        .map(|nth| {
            let picture = host.put(&format!("/{nth}.png"), picture(100 + nth));
            json!({"external_id": format!("n{nth}"), "picture": picture}).to_string()
        })
        .chain([json!({"external_id": "17", "picture": host.put("/second.png", picture(90))})
            .to_string()])
        .chain([json!({"external_id": "18", "picture": "nowhere"}).to_string()])
        .collect();
    let request = shop.api.request(Method::POST, "/users").bearer_auth(&shop.key);
    let request = request.header("content-type", "application/x-ndjson").body(lines.join("\n"));
    let answer = request.send().await.expect("an answer").text().await.expect("a body");
    let answers: Vec<Value> =
        answer.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), 22);
    assert!(answers[..20].iter().all(|answer| answer["outcome"] == "added"));
    assert_eq!(answers[20]["outcome"], "changed");
    let error = &answers[21]["error"]["errors"][0];
    assert_eq!(
        (&error["field"], &error["code"]),
        (&json!("picture"), &json!("not_a_picture_address"))
    );
    other_than(&server, &made["id"], &shown).await;
    for answer in &answers[..20] {
        chosen(&server, &answer["id"]).await;
    }
}

async fn a_backend_names_no_address_inside(engine: Engine) {
    let server = behind_hosts(engine).await;
    let shop = ServiceKeyClient::add(&server, "Shop", "people:write").await;
    let long = format!("https://shop.example.org/{}", "x".repeat(2_048));
    for (picture, code) in [
        ("", "not_a_picture_address"),
        ("17.png", "not_a_picture_address"),
        ("http://shop.example.org/17.png", "not_a_picture_address"),
        ("data:image/png;base64,eA", "not_a_picture_address"),
        ("https://ada:hush@shop.example.org/17.png", "not_a_picture_address"),
        ("http://127.0.0.1/17.png", "not_a_picture_address"),
        ("https://127.0.0.1/17.png", "address_not_public"),
        ("https://169.254.169.254/latest/meta-data", "address_not_public"),
        ("https://localhost/17.png", "address_not_public"),
        ("https://[fd00::1]/17.png", "address_not_public"),
        (&long, "too_long"),
    ] {
        let body = json!({"username": "Ada", "picture": picture});
        let refused = shop.call(Method::PUT, "/users/ext:17", &body).await;
        refused.refused_field(400, "picture", code);
    }
    // Everything that is wrong is told at once, and nobody was made.
    let body = json!({"email": "nowhere", "picture": "17.png"});
    let refused = shop.call(Method::PUT, "/users/ext:17", &body).await.refused(400, "invalid");
    let fields: Vec<_> = refused["errors"].as_array().expect("a list").iter().collect();
    assert_eq!([&fields[0]["field"], &fields[1]["field"]], ["email", "picture"]);
    let body = json!({"username": "Ada", "picture": null});
    shop.call(Method::PUT, "/users/ext:17", &body).await.expect(201);
}

#[tokio::test]
async fn of_two_nodes_one_fetches_a_picture() {
    let server = Server::start_with(Engine::Postgres, &[NEAR]).await;
    let beside = server.start_beside().await;
    let host = PictureHost::start().await;
    let shop = ServiceKeyClient::add(&server, "Shop", "people:write").await;
    let lines: Vec<_> = (0..30)
        .map(|nth| {
            let picture = host.put(&format!("/{nth}.png"), picture(nth));
            json!({"external_id": format!("n{nth}"), "picture": picture}).to_string()
        })
        .collect();
    let request = shop.api.request(Method::POST, "/users").bearer_auth(&shop.key);
    let request = request.header("content-type", "application/x-ndjson").body(lines.join("\n"));
    let answer = request.send().await.expect("an answer").text().await.expect("a body");
    assert_eq!(answer.lines().count(), 30);
    let all = || (0..30).map(|nth| host.asked(&format!("/{nth}.png"))).collect::<Vec<_>>();
    server.until("every picture is fetched", async |_| all().iter().all(|asked| *asked > 0)).await;
    // What is named later is fetched later.
    let last = json!({"picture": host.put("/last.png", picture(250))});
    shop.call(Method::PUT, "/users/ext:last", &last).await.expect(201);
    beside.until("the last picture is fetched", async |_| host.asked("/last.png") > 0).await;
    assert_eq!(all(), [1; 30]);
}
