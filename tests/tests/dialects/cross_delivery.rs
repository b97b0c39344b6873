//! What is done in one protocol, heard in every other that has a word for it.

use tests::{
    DialectSocket, Engine, JsonSocket, Nodes, Person, Server, Value, json, on_both, with_token,
};

on_both!(
    whatever_is_done_in_a_room_is_heard_in_every_protocol,
    whatever_is_done_between_two_is_heard_in_every_protocol,
    whoever_comes_is_seen_in_every_protocol
);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Native,
    Dialogs,
    Events,
    Rooms,
    MiniChat,
    FlowChat,
}
use Protocol::{Dialogs, Events, FlowChat, MiniChat, Native, Rooms};

const ALL: [Protocol; 6] = [Native, Dialogs, Events, Rooms, MiniChat, FlowChat];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Send,
    Edit,
    Type,
    Read,
    Delete,
}
use Deed::{Delete, Edit, Read, Send, Type};

/// What a deed is about.
struct About {
    room: i64,
    /// What `events`, which knows no rooms, calls it when it is between two: their ids.
    between: Option<String>,
    message: i64,
    seq: i64,
    text: String,
}

impl About {
    fn family(&self) -> &'static str {
        if self.between.is_some() { "dialog" } else { "group" }
    }
}

impl Protocol {
    fn path(self, room: i64) -> String {
        match self {
            Native => "/api/v1/ws".to_owned(),
            Dialogs => "/ws/main/".to_owned(),
            Events => "/ws/chats/".to_owned(),
            Rooms => "/api/chat/salon/".to_owned(),
            MiniChat | FlowChat => format!("/ws/chat/{room}/"),
        }
    }

    /// How it asks for a deed, if it has a word for it.
    fn ask(self, deed: Deed, about: &About) -> Option<Value> {
        let About { room, between, message, seq, text } = about;
        let event = |kind: &str, mut content: Value| {
            content["chat_type"] = json!("direct");
            content["chat_id"] = json!(between.as_ref()?);
            Some(json!({"type": kind, "content": content}))
        };
        let native = |mut request: Value| {
            request["id"] = json!("1");
            request["chat"] = json!(room);
            Some(request)
        };
        let group = |verb: &str, data: Value| {
            let family = about.family();
            Some(json!({"event": format!("{family}.message.{verb}"), "data": data}))
        };
        match (self, deed) {
            (Native, Send) => native(json!({"type": "send", "text": text})),
            (Native, Edit) => native(json!({"type": "edit", "message": message, "text": text})),
            (Native, Delete) => native(json!({"type": "delete", "message": message})),
            (Native, Read) => native(json!({"type": "read", "seq": seq})),
            (Native, Type) => native(json!({"type": "typing"})),
            (Dialogs, Send) => group("send", json!({"id": room, "text": text})),
            (Dialogs, Edit) => group("update", json!({"id": message, "text": text})),
            (Dialogs, Delete) => group("delete", json!({"id": message})),
            (Dialogs, Read) => Some(json!({
                "event": format!("{}.messages.setasread", about.family()),
                "data": {"list": [{"chat_id": room, "message_id": message}]},
            })),
            (Events, Send) => event("new_message", json!({"message": text, "reply_to": null})),
            (Events, Edit) => event("edit_message", json!({"message_id": message, "text": text})),
            (Events, Delete) => event("delete_message", json!({"message_id": message})),
            (Events, Read) => event("message_read", json!({"message_id": message})),
            (Events, Type) => event("user_typing", json!({})),
            (Rooms, Send) => Some(match between {
                None => json!({"action": "send_message", "data": {"text": text}}),
                Some(pair) => {
                    let to = pair.split_once('_').expect("two ids").1;
                    let data = json!({"text": text, "userId": to});
                    json!({"action": "send_private_message", "data": data})
                }
            }),
            (MiniChat, Send) => Some(json!({"type": "chat_message", "message": text})),
            (MiniChat, Read) => Some(json!({"type": "mark_read"})),
            (MiniChat, Type) => Some(json!({"type": "typing", "is_typing": true})),
            (FlowChat, Send) => Some(json!({"text": text})),
            (Dialogs, Type)
            | (MiniChat, Edit | Delete)
            | (Rooms | FlowChat, Edit | Read | Delete | Type) => None,
        }
    }

    /// Whether a frame tells of a deed.
    fn tells(self, deed: Deed, about: &About, frame: &Value) -> bool {
        let About { room, between, message, seq, text } = about;
        let family = about.family();
        let has = |pointer: &str, value: Value| frame.pointer(pointer) == Some(&value);
        let kind = |pointer: &str, word: &str| has(pointer, json!(word));
        match (self, deed) {
            (Native, Send) => kind("/type", "message.created") && has("/data/text", json!(text)),
            (Native, Edit) => kind("/type", "message.edited") && has("/data/text", json!(text)),
            (Native, Delete) => kind("/type", "message.deleted") && has("/data/id", json!(message)),
            (Native, Read) => kind("/type", "read") && has("/data/seq", json!(seq)),
            (Native, Type) => kind("/type", "typing") && has("/chat", json!(room)),
            (Dialogs, Send | Edit) => {
                let verb = if deed == Send { "send" } else { "update" };
                kind("/event", &format!("{family}.message.{verb}"))
                    && has("/data/text", json!(text))
            }
            (Dialogs, Delete) => {
                kind("/event", &format!("{family}.message.delete"))
                    && has("/data/message_id", json!(message))
            }
            (Events, Send | Edit) => {
                kind("/type", if deed == Send { "new_message" } else { "edit_message" })
                    && has("/content/message/text", json!(text))
            }
            (Events, Delete | Read) => {
                kind("/type", if deed == Delete { "delete_message" } else { "message_read" })
                    && has("/content/message_id", json!(message))
            }
            (Events, Type) => kind("/type", "user_typing"),
            (Rooms, Send) => {
                let mark = if between.is_some() { "Private: " } else { "" };
                has("/message", json!(format!("{mark}{text}")))
            }
            (MiniChat, Send) => kind("/type", "chat_message") && has("/message", json!(text)),
            (MiniChat, Type) => kind("/type", "typing_indicator") && has("/is_typing", json!(true)),
            (FlowChat, Send) => has("/text", json!(text)) && frame.get("type").is_none(),
            _ => false,
        }
    }

    fn has_word(self, deed: Deed, about: &About) -> bool {
        // Nobody is told there what others have read.
        let silent = [(Dialogs, Read), (MiniChat, Read)];
        self.ask(deed, about).is_some() && !silent.contains(&(self, deed))
    }

    /// Whether a frame tells that somebody came.
    fn tells_of(self, user: i64, frame: &Value) -> bool {
        let has = |pointer: &str, value: Value| frame.pointer(pointer) == Some(&value);
        match self {
            Native => {
                has("/type", json!("presence"))
                    && has("/data/user_id", json!(user))
                    && has("/data/online", json!(true))
            }
            Events => has("/type", json!("set_online")) && has("/content/user_id", json!(user)),
            Rooms => {
                let said = frame["message"].as_str().unwrap_or_default();
                said.starts_with(&format!("{user}_")) && said.ends_with(" connected to chat")
            }
            MiniChat => {
                has("/type", json!("user_status"))
                    && has("/user_id", json!(user))
                    && has("/is_online", json!(true))
            }
            Dialogs | FlowChat => false,
        }
    }
}

/// Opens the socket of a dialect where a cookie opens it.
async fn open_by_cookie(server: &Server, person: &Person, path: &str) -> JsonSocket {
    let cookie = DialectSocket::cookie(server.address(), &person.name).await.expect("a cookie");
    let opened = DialectSocket::open_with_cookie(server.address(), path, &cookie).await;
    opened.unwrap_or_else(|refused| panic!("{path}: {refused:?}"))
}

async fn open(server: &Server, person: &Person, protocol: Protocol, room: i64) -> JsonSocket {
    if protocol == FlowChat {
        // It is listening once it is open, and answers nothing.
        return open_by_cookie(server, person, &protocol.path(room)).await;
    }
    let token = format!("Bearer {}", person.access);
    let mut path = protocol.path(room);
    if protocol == Rooms {
        path = with_token(&path, person).await.expect("a token for a socket");
    }
    let opened = JsonSocket::open(server.address(), &path, Some(&token)).await;
    let mut wire = opened.unwrap_or_else(|refused| panic!("{protocol:?}: {refused:?}"));
    if protocol == Dialogs {
        let hello = json!({"event": "authenticate", "data": {"access_token": person.access}});
        wire.send(&hello.to_string()).await;
        wire.until("the answer to signing in", |frame| frame["status"] == "ok").await;
    }
    // Who is answered is listening.
    wire.send("?").await;
    let is_answer = |frame: &Value| frame.to_string().contains("error");
    wire.until("an answer", is_answer).await;
    wire
}

async fn open_all(server: &Server, person: &Person, room: i64) -> Vec<(Protocol, JsonSocket)> {
    let mut sockets = Vec::new();
    for protocol in ALL {
        sockets.push((protocol, open(server, person, protocol, room).await));
    }
    sockets
}

async fn room_of(people: &[&Person]) -> i64 {
    let mut room = Value::Null;
    for person in people {
        room = person.put("/rooms/salon", &Value::Null).await.body["id"].clone();
    }
    room.as_i64().expect("an id")
}

/// One does it in a protocol, and the other hears of it in each that has a word for it.
async fn heard_by_all(
    deed: Deed,
    (by, asker): &mut (Protocol, JsonSocket),
    listeners: &mut [(Protocol, JsonSocket)],
    about: &About,
) -> Value {
    let Some(request) = by.ask(deed, about) else { return Value::Null };
    asker.send(&request.to_string()).await;
    let mut native = Value::Null;
    for (protocol, listener) in listeners {
        if !protocol.has_word(deed, about) {
            continue;
        }
        let what = format!("{deed:?} in {by:?}, heard in {protocol:?}");
        let frame = listener.until(&what, |frame| protocol.tells(deed, about, frame)).await;
        if *protocol == Native {
            native = frame;
        }
    }
    native
}

async fn whatever_is_done_in_a_room_is_heard_in_every_protocol(engine: Engine) {
    let server = Server::start(engine).await;
    every_pair(&server, &server).await;
}

#[tokio::test]
async fn what_is_done_on_one_node_is_heard_in_every_protocol_on_another() {
    let nodes = Nodes::start(2).await;
    every_pair(&nodes[0], &nodes[1]).await;
}

/// One does everything in every protocol on her server, and the other hears of it on his; but for `events`,
/// which knows of no rooms.
async fn every_pair(her_server: &Server, his_server: &Server) {
    let [ada, ben] = Person::several(her_server, ["Ada", "Ben"]).await;
    let room = room_of(&[&ada, &ben]).await;
    let mut hers = open_all(her_server, &ada, room).await;
    let mut his = open_all(his_server, &ben, room).await;
    for sockets in [&mut hers, &mut his] {
        sockets.retain(|(protocol, _)| *protocol != Events);
    }
    each_does_all((room, None), &mut hers, &mut his).await;
}

async fn whatever_is_done_between_two_is_heard_in_every_protocol(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben] = Person::several(&server, ["Ada", "Ben"]).await;
    let chat = ada.direct(&ben).await;
    let mut hers = open_all(&server, &ada, chat).await;
    let mut his = open_all(&server, &ben, chat).await;
    let between = format!("{}_{}", ada.id, ben.id);
    each_does_all((chat, Some(between)), &mut hers, &mut his).await;
}

/// Every deed in every protocol of one of them.
async fn each_does_all(
    (room, between): (i64, Option<String>),
    hers: &mut [(Protocol, JsonSocket)],
    his: &mut [(Protocol, JsonSocket)],
) {
    for nth in 0..hers.len() {
        let by = hers[nth].0;
        let text = format!("said in {by:?}");
        let mut about = About { room, between: between.clone(), message: 0, seq: 0, text };
        let sent = heard_by_all(Send, &mut hers[nth], his, &about).await;
        about.message = sent["data"]["id"].as_i64().expect("an id");
        about.seq = sent["data"]["seq"].as_i64().expect("a seq");
        heard_by_all(Type, &mut hers[nth], his, &about).await;
        // Said again too soon it would not be passed on, unless one stopped.
        let stop = json!({"id": "2", "type": "typing", "chat": room, "typing": false});
        hers[0].1.send(&stop.to_string()).await;
        heard_by_all(Read, &mut his[nth], hers, &about).await;
        about.text = format!("edited in {by:?}");
        heard_by_all(Edit, &mut hers[nth], his, &about).await;
        heard_by_all(Delete, &mut hers[nth], his, &about).await;
    }
}

async fn whoever_comes_is_seen_in_every_protocol(engine: Engine) {
    let server = Server::start(engine).await;
    let [ada, ben, cleo, dora, emil, finn, gus] =
        Person::several(&server, ["Ada", "Ben", "Cleo", "Dora", "Emil", "Finn", "Gus"]).await;
    let room = room_of(&[&ada, &ben, &cleo, &dora, &emil, &finn, &gus]).await;
    let mut hers = open_all(&server, &ada, room).await;
    for (protocol, person) in ALL.into_iter().zip([&ben, &cleo, &dora, &emil, &finn, &gus]) {
        let socket = match protocol {
            FlowChat => open_by_cookie(&server, person, "/ws/notifications/").await,
            _ => open(&server, person, protocol, room).await,
        };
        // `rooms` tells who opens a room by it, and nothing else.
        let deaf = |listens| {
            matches!(listens, Dialogs | FlowChat) || (listens == Rooms && protocol != Rooms)
        };
        for (listens, listener) in hers.iter_mut().filter(|(listens, _)| !deaf(*listens)) {
            let what = format!("coming in {protocol:?}, seen in {listens:?}");
            listener.until(&what, |frame| listens.tells_of(person.id, frame)).await;
        }
        socket.close().await;
    }
}
