//! Uploads, pictures that try to hurt, who may look at what, and avatars.
#![expect(
    clippy::cognitive_complexity,
    reason = "a scenario is a straight line, of which each assertion counts as a branch"
)]

use futures_util::future::{join, join_all};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageEncoder, Rgb, RgbImage};
use reqwest::Response;
use std::fs;
use std::pin::pin;
use std::time::Duration;
use tests::{Answer, Engine, Method, Person, Server, Value, json, on_both};

on_both!(
    a_picture_is_made_anew,
    what_is_no_picture_is_a_download,
    what_cannot_be_taken_is_refused,
    many_large_pictures_take_little_memory,
    a_key_ends_with_its_session,
    uploads_are_their_owners,
    an_avatar_is_chosen_and_taken_away,
    what_cannot_be_stored_is_not_acknowledged,
);

const FORM: &str = "multipart/form-data; boundary=edge";

/// A form with one file.
fn form(field: &str, name: &str, mime: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
         Content-Type: {mime}\r\n\r\n"
    );
    [head.as_bytes(), bytes, b"\r\n--edge--\r\n"].concat()
}

async fn post(person: &Person, body: Vec<u8>, mime: &str) -> Answer {
    let request = person.api.request(Method::POST, "/attachments").bearer_auth(&person.access);
    person.api.answer_to(request.header("content-type", mime).body(body)).await
}

async fn upload(person: &Person, name: &str, mime: &str, bytes: &[u8]) -> Answer {
    post(person, form("file", name, mime, bytes), FORM).await
}

/// Asks for a file as a browser does.
async fn fetch(server: &Server, path: &str, token: Option<&str>, header: (&str, &str)) -> Response {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mut request = http.get(server.url(path)).header(header.0, header.1);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.expect("an answer")
}

const NOTHING: (&str, &str) = ("x-nothing", "");

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().expect("a text"))
}

fn photo(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([(x % 256) as u8, (y % 256) as u8, 7])).into()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    photo(width, height).write_with_encoder(PngEncoder::new(&mut bytes)).expect("a picture");
    bytes
}

/// A photo that lies on its side, says where it was taken, and has a script behind its end.
fn jpeg() -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend(b"GPS 52.5163 N 13.3777 E");
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new(&mut bytes);
    encoder.set_exif_metadata(exif).expect("metadata");
    photo(640, 320).write_with_encoder(encoder).expect("a picture");
    bytes.extend(b"<script>evil()</script>");
    bytes
}

/// A small PNG that claims to have so many pixels.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(4, 4);
    bytes[16..24].copy_from_slice(&[width.to_be_bytes(), height.to_be_bytes()].concat());
    let crc = bytes[12..29].iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    });
    bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
    bytes
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|part| part == word.as_bytes())
}

async fn a_picture_is_made_anew(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let file = upload(&ada, "../holiday.jpg", "image/jpeg", &jpeg()).await.expect(201);
    let id = file["id"].as_i64().expect("an id");
    let expected = json!({
        "id": id, "kind": "image", "name": "holiday.jpg", "mime": "image/jpeg",
        "size": file["size"], "width": 320, "height": 640, "preview": file["preview"],
        "url": format!("/api/v1/media/{id}"),
        "thumbnail_url": format!("/api/v1/media/{id}/thumbnail"),
    });
    assert_eq!(file, expected);
    let preview = file["preview"].as_str().expect("a text");
    assert!(preview.starts_with("data:image/webp;base64,") && preview.len() < 1_000, "{preview}");
    for (path, size) in [("url", (320, 640)), ("thumbnail_url", (240, 480))] {
        let path = file[path].as_str().expect("a path");
        let answer = fetch(&server, path, Some(&ada.access), NOTHING).await;
        assert_eq!(
            (answer.status().as_u16(), header(&answer, "content-type")),
            (200, "image/jpeg")
        );
        assert_eq!(header(&answer, "content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        let tag = header(&answer, "etag").to_owned();
        let bytes = answer.bytes().await.expect("bytes");
        assert!(!contains(&bytes, "52.5163") && !contains(&bytes, "evil"), "{path}");
        let seen = image::load_from_memory(&bytes).expect("a picture");
        assert_eq!((seen.width(), seen.height()), size);
        let again = fetch(&server, path, Some(&ada.access), ("if-none-match", &tag)).await;
        assert_eq!(again.status(), 304);
    }
}

async fn what_is_no_picture_is_a_download(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>evil()</script></svg>";
    for (name, mime, told) in [
        ("a.svg", "image/svg+xml", "application/octet-stream"),
        ("a.html", "text/html", "application/octet-stream"),
        ("a \u{fc}.txt", "text/plain", "text/plain"),
        ("a.heic", "image/heic", "application/octet-stream"),
        ("a.avif", "image/avif", "application/octet-stream"),
    ] {
        let file = upload(&ada, name, mime, svg).await.expect(201);
        assert_eq!((&file["kind"], &file["mime"]), (&json!("file"), &json!(told)));
        assert_eq!((&file["width"], &file["preview"]), (&Value::Null, &Value::Null));
        assert_eq!((&file["name"], &file["size"]), (&json!(name), &json!(svg.len())));
        let path = file["url"].as_str().expect("a path");
        let answer = fetch(&server, path, Some(&ada.access), NOTHING).await;
        assert_eq!(header(&answer, "content-type"), told);
        assert_eq!(header(&answer, "content-security-policy"), "default-src 'none'; sandbox");
        assert!(header(&answer, "content-disposition").starts_with("attachment; filename=\"a"));
        assert_eq!(answer.bytes().await.expect("bytes"), &svg[..]);
        let part = fetch(&server, path, Some(&ada.access), ("range", "bytes=1-3")).await;
        assert_eq!((part.status().as_u16(), header(&part, "content-length")), (206, "3"));
        assert_eq!(part.bytes().await.expect("bytes"), "svg");
        let beyond = fetch(&server, path, Some(&ada.access), ("range", "bytes=999-")).await;
        assert_eq!(beyond.status(), 416);
        ada.get(&format!("/media/{}/thumbnail", file["id"])).await.refused(404, "media_not_found");
    }
}

async fn what_cannot_be_taken_is_refused(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let before = server.own_memory();
    for (width, height) in [(20_000, 20_000), (60_000, 60_000), (1_000_000, 1), (4_899, 5_000)] {
        let refused = upload(&ada, "bomb.png", "image/png", &bomb(width, height)).await;
        let code = if width == 4_899 { (400, "image_broken") } else { (413, "image_too_large") };
        refused.refused(code.0, code.1);
    }
    let whole = png(300, 300);
    let damaged: [(&str, &[u8]); 5] = [
        ("image/png", &whole[..whole.len() / 2]),
        ("image/png", b"%PDF-1.7"),
        ("image/gif", b"GIF89a\x01\0\x01\0\0\0\0<script>evil()</script>"),
        ("text/plain", b"GIF89a\x01\0\x01\0\0\0\0<script>evil()</script>"),
        ("image/jpeg", b"\xff\xd8\xff\xe0<html>"),
    ];
    for (mime, bytes) in damaged {
        upload(&ada, "a", mime, bytes).await.refused(400, "image_broken");
    }
    upload(&ada, "a", "text/plain", b"").await.refused(400, "file_empty");
    let large = vec![b'x'; 25 * 1024 * 1024 + 1];
    upload(&ada, "a", "text/plain", &large).await.refused(413, "file_too_large");
    let large = [&b"\xff\xd8\xff"[..], &vec![0; 16 * 1024 * 1024]].concat();
    upload(&ada, "a", "image/jpeg", &large).await.refused(413, "file_too_large");
    post(&ada, b"{}".to_vec(), "application/json").await.refused(415, "not_multipart");
    post(&ada, form("photo", "a", "image/png", &whole), FORM)
        .await
        .refused_field(400, "file", "missing");
    post(&ada, Vec::new(), FORM).await.refused(400, "body_broken");
    let mut cut = form("file", "a", "text/plain", b"half a fi");
    cut.truncate(cut.len() - 14);
    post(&ada, cut, FORM).await.refused(400, "body_broken");
    let grown = server.own_memory().saturating_sub(before) / 1_000_000;
    assert!(grown < 100, "{grown} MB more than before");
    assert!(stored_files(&server).is_empty(), "{:?}", stored_files(&server));
    // All that was refused is no upload that waits: fifty may.
    for n in 0..50 {
        upload(&ada, &format!("{n}.txt"), "text/plain", b"x").await.expect(201);
    }
    upload(&ada, "51.txt", "text/plain", b"x").await.refused(409, "too_many_uploads");
}

async fn many_large_pictures_take_little_memory(engine: Engine) {
    // First of all: it takes so long that a connection would be closed meanwhile.
    let (mut large, progressive) = (Vec::new(), progressive());
    photo(5_000, 4_900).write_with_encoder(JpegEncoder::new(&mut large)).expect("a picture");
    large.resize(16 * 1024 * 1024, 0);
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    // As many at once as below: what that takes is not the pictures'.
    let small = png(20, 20);
    for one in join_all((0..4).map(|_| upload(&ada, "small.png", "image/png", &small))).await {
        one.expect(201);
    }
    let before = server.memory_of_all();
    let uploads = async {
        let large = (0..2).map(|_| upload(&ada, "a.jpg", "image/jpeg", &large));
        let bombs = (0..2).map(|_| upload(&ada, "b.jpg", "image/jpeg", &progressive));
        join(join_all(large), join_all(bombs)).await
    };
    let mut uploads = pin!(uploads);
    let (mut peak, mut often) = (0, tokio::time::interval(Duration::from_millis(5)));
    often.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (large, bombs) = loop {
        tokio::select! {
            done = &mut uploads => break done,
            _ = often.tick() => peak = peak.max(server.memory_of_all()),
        }
    };
    for one in large {
        let file = one.expect(201);
        assert_eq!((&file["width"], &file["height"]), (&json!(5_000), &json!(4_900)));
    }
    for one in bombs {
        one.refused(413, "image_too_large");
    }
    let grown = peak.saturating_sub(before) / 1_000_000;
    // One picture at a time, by a process that may take 93.5 MB, beside what the server reads meanwhile. Two at
    // once would take 147 MB for their pixels alone.
    assert!((50..130).contains(&grown), "{grown} MB more than before");
}

/// A JPEG whose size would fit, if it were not for what a progressive one takes beside its pixels.
fn progressive() -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xdb\0\x43\0".to_vec();
    bytes.extend([1; 64]);
    bytes.extend(b"\xff\xc2\0\x11\x08\x13\x50\x13\x50\x03\x01\x11\0\x02\x11\0\x03\x11\0");
    bytes.extend(b"\xff\xc4\0\x14\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    bytes.extend(b"\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\0\0");
    bytes.extend([0; 200_000]);
    bytes.extend(b"\xff\xd9");
    bytes
}

/// The files in the media folder.
fn stored_files(server: &Server) -> Vec<String> {
    let folders = fs::read_dir(server.data_folder().join("media")).expect("the folder");
    let files = folders.flat_map(|folder| fs::read_dir(folder.expect("one").path()).expect("one"));
    files.map(|file| file.expect("one").file_name().to_string_lossy().into_owned()).collect()
}

async fn a_key_ends_with_its_session(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let file = upload(&ada, "a.png", "image/png", &png(20, 20)).await.expect(201);
    let path = file["url"].as_str().expect("a path");
    let elsewhere = ada.sign_in_again().await;
    let query = async |who: &Person| {
        let key = who.get("/media-key").await.expect(200);
        key["query"].as_str().expect("a text").to_owned()
    };
    let (mine, again, others) =
        (query(&elsewhere).await, query(&elsewhere).await, query(&grace).await);
    assert_eq!(mine, again, "an address stays the same for a while");
    let status = async |query: &str| {
        fetch(&server, &format!("{path}?{query}"), None, NOTHING).await.status().as_u16()
    };
    assert_eq!(status(&mine).await, 200);
    assert_eq!(status(&others).await, 404, "it opens what its owner may see");
    assert_eq!(status("").await, 401);
    let end = mine.rfind('.').expect("dots");
    for forged in [&mine[..mine.len() - 1], &format!("{}.{}", &mine[..end], "0".repeat(64)), "key="]
    {
        assert_eq!(status(forged).await, 401, "{forged}");
    }
    let longer = mine.replacen('.', ".9", 1);
    assert_eq!(status(&longer).await, 401);
    let only_media = fetch(&server, &format!("/api/v1/users/me?{mine}"), None, NOTHING).await;
    assert_eq!(only_media.status(), 401);
    elsewhere.post("/auth/logout", &Value::Null).await.expect(204);
    assert_eq!(status(&mine).await, 401);
    assert!(!server.log().contains(&mine[4..]), "keys are not logged");
}

async fn uploads_are_their_owners(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada", "Grace"]).await;
    let file = upload(&ada, "a.png", "image/png", &png(20, 20)).await.expect(201);
    let id = &file["id"];
    for path in [format!("/media/{id}"), format!("/media/{id}/thumbnail")] {
        grace.get(&path).await.refused(404, "media_not_found");
    }
    ada.get("/media/999999").await.refused(404, "media_not_found");
    ada.get("/media/x").await.refused_field(400, "attachment_id", "invalid_id");
    let path = format!("/attachments/{id}");
    grace.delete(&path).await.refused(404, "attachment_not_found");
    ada.delete("/attachments/999999").await.refused(404, "attachment_not_found");
    ada.delete(&path).await.expect(204);
    ada.delete(&path).await.refused(404, "attachment_not_found");
    ada.get(&format!("/media/{id}")).await.refused(404, "media_not_found");
}

async fn an_avatar_is_chosen_and_taken_away(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, grace] = Person::several(&server, ["Ada Lovelace", "Grace"]).await;
    let path = format!("/api/v1/users/{}/avatar", ada.id);
    let shown = async |query: &str| {
        let answer = fetch(&server, &format!("{path}{query}"), None, NOTHING).await;
        assert_eq!(answer.status(), 200);
        let mime = header(&answer, "content-type").to_owned();
        assert_eq!(header(&answer, "content-security-policy"), "default-src 'none'; sandbox");
        (mime, header(&answer, "etag").to_owned(), answer.bytes().await.expect("bytes"))
    };
    let default = shown("").await;
    assert_eq!(default.0, "image/svg+xml");
    assert!(contains(&default.2, ">AL</text>"));
    assert_eq!(shown("?size=small").await, default, "it is the same each time");

    let put = async |mime: &str, body: Vec<u8>| {
        let request = ada.api.request(Method::PUT, "/users/me/avatar").bearer_auth(&ada.access);
        ada.api.answer_to(request.header("content-type", mime).body(body)).await
    };
    put("image/png", png(900, 600)).await.expect(204);
    let chosen = shown("").await;
    assert_eq!(chosen.0, "image/jpeg");
    for (query, side) in [("", 512), ("?size=large", 512), ("?size=small", 128)] {
        let (_, tag, bytes) = shown(query).await;
        let seen = image::load_from_memory(&bytes).expect("a picture");
        assert_eq!((seen.width(), seen.height()), (side, side));
        let again = fetch(&server, &format!("{path}{query}"), None, ("if-none-match", &tag)).await;
        assert_eq!(again.status(), 304);
    }
    for (mime, body, code) in [
        ("image/svg+xml", b"<svg/>".to_vec(), (400, "not_an_image")),
        ("image/png", png(50, 50)[..60].to_vec(), (400, "not_an_image")),
        ("image/png", bomb(30_000, 30_000), (413, "image_too_large")),
        ("image/png", Vec::new(), (400, "file_empty")),
    ] {
        put(mime, body).await.refused(code.0, code.1);
        assert_eq!(shown("").await, chosen, "the one before stays");
    }
    put(FORM, form("file", "me.jpg", "image/jpeg", &jpeg())).await.expect(204);
    assert_ne!(shown("").await.1, chosen.1);
    ada.delete("/users/me/avatar").await.expect(204);
    ada.delete("/users/me/avatar").await.expect(204);
    assert_eq!(shown("").await, default);
    grace.get("/users/999999/avatar").await.refused(404, "user_not_found");
    grace.get(&format!("/users/{}/avatar?size=huge", ada.id)).await.refused(400, "invalid");
}

async fn what_cannot_be_stored_is_not_acknowledged(engine: Engine) {
    let server = Server::start(engine).await;
    let ada = Person::register(&server, "Ada").await;
    let folder = server.data_folder().join("media");
    fs::remove_dir_all(&folder).expect("the folder goes");
    fs::write(&folder, "a file is in its place").expect("a file");
    for bytes in [&b"text"[..], &png(9, 9), &vec![b'x'; 2_000_000]] {
        upload(&ada, "a", "", bytes).await.refused(503, "unavailable");
    }
    let request = ada.api.request(Method::PUT, "/users/me/avatar").bearer_auth(&ada.access);
    ada.api.answer_to(request.body(png(9, 9))).await.refused(503, "unavailable");
    fs::remove_file(&folder).expect("the file goes");
    fs::create_dir(&folder).expect("the folder is back");
    upload(&ada, "a", "", b"text").await.expect(201);
    assert_eq!(stored_files(&server).len(), 1);
}
