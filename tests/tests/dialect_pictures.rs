//! Pictures in the forms of the flowchat dialect.

use image::RgbImage;
use image::codecs::png::PngEncoder;
use tests::{Engine, Person, Server, Value, Wire, fits, json, on_both, within};

on_both!(a_picture_is_sent_in_a_form, a_picture_of_oneself_is_sent_in_a_form);

/// A form with texts and a file.
fn form(texts: &[(&str, &str)], field: &str, bytes: &[u8]) -> Vec<u8> {
    let mut form = Vec::new();
    for (name, text) in texts {
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        form.extend([head.as_bytes(), text.as_bytes(), b"\r\n"].concat());
    }
    let head = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"a.png\"\r\n\
         Content-Type: image/png\r\n\r\n"
    );
    form.extend([head.as_bytes(), bytes, b"\r\n--edge--\r\n"].concat());
    form
}

async fn call(
    server: &Server,
    who: &Person,
    (method, path): (&str, &str),
    body: Vec<u8>,
) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.request(method.parse().expect("a method"), server.url(path));
    let request = request.bearer_auth(&who.access);
    let request = request.header("content-type", "multipart/form-data; boundary=edge").body(body);
    let answer = within(path, request.send()).await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

fn png() -> Vec<u8> {
    let mut png = Vec::new();
    RgbImage::new(8, 8).write_with_encoder(PngEncoder::new(&mut png)).expect("a picture");
    png
}

async fn a_picture_is_sent_in_a_form(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, eve] = Person::several(&server, ["Ada", "Ben", "Eve"]).await;
    let chat = ada.direct(&ben).await;
    let token = format!("Bearer {}", ben.access);
    let opened = Wire::open(server.address(), "/ws/flowchat/", Some(&token)).await;
    let mut socket = opened.unwrap_or_else(|refused| panic!("{refused:?}"));
    let path = format!("/api/chats/{chat}/send_message/");
    let body = form(&[("text", "Look")], "image", &png());
    let (status, sent) = call(&server, &ada, ("POST", &path), body.clone()).await;
    let wanted = json!({
        "author": {"avatar": "<text>", "id": ada.id, "username": "Ada"}, "chat": chat,
        "created_at": "<time>", "edited_at": null, "id": "<number>", "is_read": false,
        "text": "Look", "image": "<text>",
    });
    assert_eq!((status, fits(&wanted, &sent)), (201, Ok(())), "{sent}");
    let heard = socket.until("a picture", |frame| frame["type"] == "new_message").await;
    assert_eq!(fits(&wanted, &heard["message"]), Ok(()), "{heard}");
    let address = heard["message"]["image"].as_str().expect("an address");
    assert_ne!(sent["image"], address, "each viewer has an address of their own");
    let shown = reqwest::get(server.url(address)).await.expect("an answer");
    assert_eq!(
        (shown.status().as_u16(), &shown.headers()["content-type"]),
        (200, &"image/png".parse().expect("a header"))
    );
    let bare = address.split('?').next().expect("a path");
    assert_eq!(reqwest::get(server.url(bare)).await.expect("an answer").status(), 401);

    let (status, _) = call(&server, &eve, ("POST", &path), body).await;
    assert_eq!(status, 404);
    let (status, refused) =
        call(&server, &ada, ("POST", &path), form(&[], "image", b"no picture")).await;
    assert_eq!(status, 400, "{refused}");
}

async fn a_picture_of_oneself_is_sent_in_a_form(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, eve] = Person::several(&server, ["Ada", "Eve"]).await;
    let profile = format!("/api/users/{}/", ada.id);
    let body = form(&[("first_name", "Augusta")], "avatar", &png());
    let (status, changed) = call(&server, &ada, ("PATCH", &profile), body.clone()).await;
    assert_eq!((status, &changed["first_name"]), (200, &json!("Augusta")), "{changed}");
    let avatar = changed["avatar"].as_str().expect("an address");
    let shown = reqwest::get(server.url(avatar)).await.expect("an answer");
    assert_ne!(shown.headers()["content-type"], "image/svg+xml", "it is the one that was sent");
    let root = Person::admin(&server, "Root").await;
    for other in [&eve, &root] {
        assert_eq!(call(&server, other, ("PATCH", &profile), body.clone()).await.0, 403);
    }
    let same = reqwest::get(server.url(avatar)).await.expect("an answer");
    assert_eq!(same.bytes().await.expect("a body"), shown.bytes().await.expect("a body"));
}
