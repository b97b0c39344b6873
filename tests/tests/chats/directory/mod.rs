//! Who finds whom, where the server hides people: nobody tells a person who is hidden from one who is not there.

mod names;
mod routes;
mod sockets;

use crate::leaks::ask;
use tests::{
    Engine, Method, Person, Server, ServiceKeyClient, Value, behind_hosts, json, on_both, within,
};

on_both!(
    lists_show_whom_one_finds,
    profiles_are_of_whom_one_finds,
    contact_takes_a_chat_in_common,
    rooms_are_shown_to_who_is_in_them,
    admins_and_roles_find_what_the_setting_says,
    a_key_is_above_it_unless_it_acts_as_somebody,
    pictures_need_a_viewer,
);

const SETTINGS: [&str; 2] = ["shared", "nobody"];

/// Nobody and nothing has this number.
pub(crate) const UNKNOWN: i64 = 999_999_999;

/// Eve, who shares a chat with Ben, did so with Cleo, and never met Dora, whom Cleo knows. All are of the shop.
pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) eve: Person,
    pub(crate) ben: Person,
    pub(crate) cleo: Person,
    pub(crate) dora: Person,
    /// Eve's group with Ben, which Cleo has left.
    pub(crate) group: i64,
    /// A room that Dora is in, with a message, and an open group of hers.
    pub(crate) salon: i64,
    pub(crate) said: i64,
    pub(crate) open_group: i64,
}

/// Everything is made while everybody finds everybody; then the server is started with the setting.
pub(crate) async fn scene(engine: Engine, setting: &str) -> Scene {
    let mut server = behind_hosts(engine).await;
    let mut people = Vec::new();
    for id in ["eve", "ben", "cleo", "dora"] {
        people.push(Person::of_host(&server, "shop", id).await);
    }
    let [eve, ben, cleo, dora]: [Person; 4] = people.try_into().ok().expect("four");
    let group = eve.group("Group", &[&ben, &cleo]).await;
    cleo.send(group, "I was here").await;
    cleo.delete(&format!("/chats/{group}/members/{}", cleo.id)).await.expect(204);
    cleo.direct(&dora).await;
    eve.put("/rooms/lobby", &Value::Null).await.expect(201);
    let salon = dora.put("/rooms/salon", &Value::Null).await.expect(201);
    let salon = salon["id"].as_i64().expect("an id");
    let said = dora.send(salon, "among us").await["id"].as_i64().expect("an id");
    let bio = json!({"first_name": "Dora", "bio": "hidden-words"});
    dora.patch("/users/me", &bio).await.expect(200);
    let room = r#"{"name": "Dora's", "chat_type": "group"}"#;
    let (status, made) = ask(&dora, "POST", "/api/chat/rooms/", room).await;
    assert_eq!(status, 201, "{made}");
    let open_group = made["id"].as_i64().expect("an id");
    server.set("CONFAB_DIRECTORY", setting);
    server.restart().await;
    let mut scene = Scene { server, eve, ben, cleo, dora, group, salon, said, open_group };
    for person in [&mut scene.eve, &mut scene.ben, &mut scene.cleo, &mut scene.dora] {
        person.moved_to(&scene.server).await;
    }
    scene
}

/// What the shop calls somebody, as a reference.
pub(crate) fn external(person: &Person) -> String {
    format!("ext:{}", person.name.trim_start_matches("Person "))
}

/// Asks at an address outside the native API, with the scheme that `events` and `minichat` take.
pub(crate) async fn by_bearer(
    person: &Person,
    method: &str,
    path: &str,
    body: &str,
) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("http://{}{path}", person.api.address());
    let request = client.request(method.parse().expect("a method"), url);
    let request = request.bearer_auth(&person.access).body(body.to_owned());
    let answer = within(path, request.send()).await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

/// A text without a word that was asked for: where it stands by itself.
pub(crate) fn without(text: &str, word: &str) -> String {
    let (mut rest, mut told) = (text, String::new());
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let is_inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let stands_alone = !is_inside(before.chars().last()) && !is_inside(after.chars().next());
        told += before;
        told += if stands_alone { "{tried}" } else { word };
        rest = after;
    }
    told + rest
}

fn ids(list: &Value) -> Vec<i64> {
    let items = list["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_i64().expect("an id")).collect()
}

async fn lists_show_whom_one_finds(engine: Engine) {
    for setting in SETTINGS {
        let Scene { server: _server, eve, ben, dora, .. } = scene(engine, setting).await;
        let expected = if setting == "shared" { vec![eve.id, ben.id] } else { vec![] };
        let all = eve.get("/users").await.expect(200);
        assert_eq!((ids(&all), &all["next"]), (expected.clone(), &Value::Null), "{setting}");
        for (typed, found) in [("ben", expected.len().min(1)), ("dora", 0), ("cleo", 0)] {
            let found_now = ids(&eve.get(&format!("/users?q={typed}")).await.expect(200));
            assert_eq!(found_now.len(), found, "{setting}: {typed}");
        }
        assert_eq!(eve.get("/users/me").await.expect(200)["finds"], setting);
        // In dialects as well. Who is hidden is in no list of theirs.
        for (path, under, oneself) in [
            ("/auth/users/", "results", true),
            ("/api/v1/profile/", "", true),
            ("/api/auth/users/", "users", false),
            ("/api/users/all/", "", true),
        ] {
            let (status, list) = match path {
                "/auth/users/" | "/api/auth/users/" => by_bearer(&eve, "GET", path, "").await,
                _ => ask(&eve, "GET", path, "").await,
            };
            let rows = if under.is_empty() { &list } else { &list[under] };
            let rows = rows.as_array().unwrap_or_else(|| panic!("{path}: {status} {list}")).len();
            let shown = expected.len().saturating_sub(usize::from(!oneself));
            assert_eq!((status, rows), (200, shown), "{setting} {path}: {list}");
        }
        for typed in ["ben", "dora"] {
            let search = format!("/api/auth/search/?q={typed}");
            let (_, found) = by_bearer(&eve, "GET", &search, "").await;
            let shown = usize::from(setting == "shared" && typed == "ben");
            assert_eq!(found["users"].as_array().map(Vec::len), Some(shown), "{setting}: {found}");
        }
        let (_, online) = ask(&eve, "GET", "/api/chat/online-users/", "").await;
        assert!(!online.to_string().contains(&dora.name), "{online}");
    }
}

async fn profiles_are_of_whom_one_finds(engine: Engine) {
    for setting in SETTINGS {
        let Scene { server: _server, eve, ben, cleo, dora, .. } = scene(engine, setting).await;
        for (person, online) in [(&eve, true), (&ben, true), (&cleo, false)] {
            for id in [person.id.to_string(), external(person)] {
                let user = eve.get(&format!("/users/{id}")).await.expect(200);
                assert_eq!(user["id"], person.id);
                assert_eq!(user["online"].is_boolean(), online, "presence takes a chat in common");
            }
        }
        for id in [dora.id.to_string(), external(&dora), UNKNOWN.to_string()] {
            eve.get(&format!("/users/{id}")).await.refused(404, "user_not_found");
        }
        assert_eq!(dora.get("/users/me").await.expect(200)["bio"], "hidden-words");
    }
}

async fn contact_takes_a_chat_in_common(engine: Engine) {
    for setting in SETTINGS {
        let Scene { server: _server, eve, ben, cleo, dora, group, .. } =
            scene(engine, setting).await;
        for hidden in [&cleo, &dora] {
            let direct = format!("/chats/direct/{}", hidden.id);
            eve.put(&direct, &Value::Null).await.refused(404, "user_not_found");
            let chat = json!({"title": "x", "members": [ben.id, hidden.id]});
            eve.post("/chats", &chat).await.refused_field(400, "members", "user_not_found");
            let member = format!("/chats/{group}/members/{}", hidden.id);
            let role = json!({"role": "member"});
            eve.put(&member, &role).await.refused(404, "user_not_found");
        }
        let direct = eve.direct(&ben).await;
        eve.send(direct, "Hello").await;
        eve.direct(&eve).await;
        let chat = eve.group("Another", &[&ben]).await;
        // Whom Ben finds, Ben brings in, and then Eve finds them.
        let shared = ben.group("Of Ben", &[&eve]).await;
        assert_ne!(shared, chat);
        eve.put(&format!("/users/{}/block", cleo.id), &Value::Null).await.expect(204);
        let blocks = eve.get("/users/me/blocks").await.expect(200);
        assert_eq!(blocks["items"][0]["user"]["id"], cleo.id);
        eve.delete(&format!("/users/{}/block", cleo.id)).await.expect(204);
    }
}

async fn rooms_are_shown_to_who_is_in_them(engine: Engine) {
    for setting in SETTINGS {
        let Scene { server, eve, dora, salon, open_group, .. } = scene(engine, setting).await;
        let lobby = eve.get("/rooms").await.expect(200);
        let names = |list: &Value| {
            list["items"]
                .as_array()
                .map(|rooms| rooms.iter().map(|r| r["name"].clone()).collect::<Vec<_>>())
        };
        assert_eq!(names(&lobby), Some(vec![json!("lobby")]));
        eve.put("/rooms/lobby", &Value::Null).await.expect(200);
        for name in ["salon", "nowhere"] {
            eve.put(&format!("/rooms/{name}"), &Value::Null).await.refused(404, "chat_not_found");
        }
        for id in [salon, open_group, UNKNOWN] {
            let (status, told) =
                ask(&eve, "POST", &format!("/api/chat/rooms/{id}/join/"), "").await;
            assert_eq!(status, 404, "{told}");
        }
        assert_eq!(names(&dora.get("/rooms").await.expect(200)), Some(vec![json!("salon")]));
        let admin = Person::admin(&server, "Root").await;
        assert_eq!(ids(&admin.get("/rooms").await.expect(200)).len(), 2);
        admin.put("/rooms/new-one", &Value::Null).await.expect(201);
    }
}

async fn admins_and_roles_find_what_the_setting_says(engine: Engine) {
    let Scene { mut server, mut eve, dora, .. } = scene(engine, "nobody,seller=everybody").await;
    let mut admin = Person::admin(&server, "Root").await;
    let (of_dora, of_eve) = (format!("/users/{}", dora.id), format!("/admin/users/{}", eve.id));
    assert_eq!(admin.get("/users/me").await.expect(200)["finds"], "everybody");
    admin.get(&of_dora).await.expect(200);
    eve.get(&of_dora).await.refused(404, "user_not_found");
    admin.patch(&of_eve, &json!({"role": "seller"})).await.expect(200);
    eve.get(&of_dora).await.expect(200);
    assert_eq!(eve.get("/users/me").await.expect(200)["finds"], "everybody");
    server.set("CONFAB_DIRECTORY", "shared,admin=nobody");
    server.restart().await;
    for person in [&mut eve, &mut admin] {
        person.moved_to(&server).await;
    }
    admin.get(&of_dora).await.refused(404, "user_not_found");
    admin.get(&format!("/admin/users/{}", dora.id)).await.expect(200);
    let (status, rooms) = ask(&admin, "GET", "/api/chat/", "").await;
    assert_eq!((status, &rooms["total_items"]), (200, &json!(0)), "{rooms}");
    eve.get(&of_dora).await.refused(404, "user_not_found");
    assert_eq!(eve.get("/users/me").await.expect(200)["finds"], "shared");
    // Of two settings that are not good nothing starts.
    for (bad, why) in
        [("all", "is not everybody, shared or nobody"), ("shared,guest=nobody", "guest")]
    {
        server.set("CONFAB_DIRECTORY", bad);
        let refused = server.run(&["serve"], "").await;
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && told.contains("CONFAB_DIRECTORY"), "{told}");
        assert!(told.contains(why), "{told}");
    }
}

async fn a_key_is_above_it_unless_it_acts_as_somebody(engine: Engine) {
    for setting in SETTINGS {
        let Scene { server, eve, ben, dora, .. } = scene(engine, setting).await;
        let scopes = "people:read,chats:write,act_as";
        let backend = ServiceKeyClient::add(&server, "Shop", scopes).await;
        let of_dora = format!("/users/{}", external(&dora));
        assert_eq!(backend.get(&of_dora).await.expect(200)["id"], dora.id);
        assert!(ids(&backend.get("/users?limit=200").await.expect(200)).contains(&dora.id));
        let own = json!({"title": "Order", "members": [external(&dora)]});
        backend.call(Method::POST, "/chats", &own).await.expect(201);
        backend.get_as(&eve, &of_dora).await.refused(404, "user_not_found");
        assert_eq!(backend.get_as(&ben, "/users?q=dora").await.expect(200)["items"], json!([]));
        let direct = format!("/chats/direct/{}", external(&dora));
        let as_eve = [external(&eve)];
        let as_eve: Vec<_> = as_eve.iter().map(String::as_str).collect();
        let refused = backend.call_as(&as_eve, Method::PUT, &direct, &Value::Null).await;
        refused.refused(404, "user_not_found");
    }
}

/// The status, the kind and the bytes of a picture.
async fn picture(person: &Person, path: &str, token: Option<&str>) -> (u16, String, Vec<u8>) {
    let mut request = person.api.request(Method::GET, path);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = within(path, request.send()).await.expect("an answer");
    let header =
        |name| answer.headers().get(name).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let kind = format!("{} {}", header("content-type"), header("cache-control"));
    (answer.status().as_u16(), kind, answer.bytes().await.expect("a body").to_vec())
}

async fn pictures_need_a_viewer(engine: Engine) {
    for setting in SETTINGS {
        let Scene { server: _server, eve, ben, dora, .. } = scene(engine, setting).await;
        // The colour is the id's: these two have one.
        let alike = dora.id + 360;
        let path = |id: &str| format!("/users/{id}/avatar");
        let nameless = picture(&eve, &path(&alike.to_string()), None).await;
        assert_eq!((nameless.0, &*nameless.1), (200, "image/svg+xml private, no-cache"));
        assert_eq!(picture(&eve, &path(&dora.id.to_string()), None).await, nameless);
        assert!(String::from_utf8_lossy(&nameless.2).contains(">?<"));
        let not_valid = picture(&eve, &path(&dora.id.to_string()), Some("not.a.token")).await;
        assert_eq!(not_valid, nameless);
        assert_eq!(picture(&eve, &path(&external(&dora)), None).await.0, 200);
        let (status, _, shown) = picture(&eve, &path(&ben.id.to_string()), Some(&eve.access)).await;
        assert!(status == 200 && String::from_utf8_lossy(&shown).contains(">PB<"), "Person ben");
        let key = eve.get("/media-key").await.expect(200);
        let by_key =
            format!("{}?{}", path(&ben.id.to_string()), key["query"].as_str().expect("a key"));
        assert_eq!(picture(&eve, &by_key, None).await.2, shown);
        for id in [dora.id.to_string(), external(&dora), UNKNOWN.to_string(), "ext:nobody".into()] {
            eve.get(&path(&id)).await.refused(404, "user_not_found");
        }
    }
}
