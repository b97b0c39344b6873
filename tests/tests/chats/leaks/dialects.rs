//! Every address of every dialect, and how a bystander might learn of a whisper by it. The pages in
//! `docs/dialects/` list the addresses; one without a row here fails the test.

use super::routes::How::{self, Both, Harmless, Look, Try};
use std::collections::BTreeSet;
use std::fs;

/// Method, path as documented, how it is tried.
pub(crate) const ROUTES: &[(&str, &str, How)] = &[
    ("POST", "/auth/users", Harmless),
    ("GET", "/auth/users", Look(&["/auth/users/"])),
    ("GET", "/auth/users/me", Look(&["/auth/users/me/"])),
    ("GET", "/auth/users/{id}", Try(&[("/auth/users/{ada}/", "")])),
    ("POST", "/token-auth/jwt/create", Harmless),
    ("POST", "/token-auth/jwt/refresh", Harmless),
    ("POST", "/token-auth/jwt/verify", Harmless),
    ("GET", "/api/v1/profile", Look(&["/api/v1/profile/"])),
    ("GET", "/api/v1/profile/{id}", Look(&["/api/v1/profile/{ada}", "/api/v1/profile/{ben}"])),
    ("PUT", "/api/v1/profile/{id}", Harmless),
    ("PATCH", "/api/v1/profile/{id}", Harmless),
    ("GET", "/api/v1/dialog", Look(&["/api/v1/dialog/", "/api/v1/dialog/?user_id={ada}"])),
    ("GET", "/api/v1/dialog/messages", Look(&["/api/v1/dialog/messages/?dialog={room}"])),
    ("POST", "/api/auth/register", Harmless),
    ("POST", "/api/auth/login", Harmless),
    ("POST", "/api/auth/logout", Harmless),
    ("POST", "/api/auth/token/refresh", Harmless),
    ("POST", "/api/auth/change-password", Harmless),
    ("GET", "/api/auth/me", Look(&["/api/auth/me/"])),
    ("GET", "/api/auth/profile", Look(&["/api/auth/profile/"])),
    ("PUT", "/api/auth/profile", Harmless),
    ("PATCH", "/api/auth/profile", Harmless),
    ("GET", "/api/auth/search", Look(&["/api/auth/search/?q=a"])),
    ("GET", "/api/auth/users", Look(&["/api/auth/users/"])),
    // Who is connected differs from moment to moment; `users` shows the same of people.
    ("GET", "/api/chat/online-users", Harmless),
    ("GET", "/api/chat/rooms", Look(&["/api/chat/rooms/"])),
    ("POST", "/api/chat/rooms", Harmless),
    (
        "GET",
        "/api/chat/rooms/{id}",
        Both(&["/api/chat/rooms/{room}/"], &[("/api/chat/rooms/{whispers}/", "")]),
    ),
    ("PUT", "/api/chat/rooms/{id}", Try(&[("/api/chat/rooms/{whispers}", r#"{"name": "x"}"#)])),
    ("PATCH", "/api/chat/rooms/{id}", Try(&[("/api/chat/rooms/{whispers}", r#"{"name": "x"}"#)])),
    ("DELETE", "/api/chat/rooms/{id}", Try(&[("/api/chat/rooms/{whispers}", "")])),
    // Looking at a room's history moves the read marker there.
    ("GET", "/api/chat/rooms/{id}/history", Try(&[("/api/chat/rooms/{whispers}/history/", "")])),
    (
        "GET",
        "/api/chat/rooms/{id}/participants",
        Both(
            &["/api/chat/rooms/{room}/participants/"],
            &[("/api/chat/rooms/{whispers}/participants/", "")],
        ),
    ),
    (
        "GET",
        "/api/chat/messages",
        Both(&["/api/chat/messages/?room={room}"], &[("/api/chat/messages/?room={whispers}", "")]),
    ),
    (
        "POST",
        "/api/chat/messages",
        Try(&[("/api/chat/messages/", r#"{"room": {whispers}, "content": "Me too"}"#)]),
    ),
    ("POST", "/api/chat/create-direct-chat", Harmless),
    ("POST", "/api/users", Harmless),
    ("POST", "/api/login", Harmless),
    ("POST", "/api/logout", Harmless),
    ("GET", "/api/users", Look(&["/api/users/"])),
    ("GET", "/api/users/me", Look(&["/api/users/me/"])),
    ("GET", "/api/users/all", Look(&["/api/users/all/"])),
    ("GET", "/api/users/{id}", Look(&["/api/users/{ada}/"])),
    ("PATCH", "/api/users/{id}", Harmless),
    ("PUT", "/api/users/{id}", Harmless),
    ("DELETE", "/api/users/{id}", Harmless),
    ("GET", "/api/users/{id}/profile", Look(&["/api/users/{ada}/profile/"])),
    ("GET", "/api/chats", Look(&["/api/chats/"])),
    ("POST", "/api/chats", Harmless),
    ("POST", "/api/chats/get_or_create", Harmless),
    ("GET", "/api/chats/{id}", Both(&["/api/chats/{room}/"], &[("/api/chats/{whispers}/", "")])),
    ("POST", "/api/chats/{id}", Try(&[("/api/chats/{whispers}/", "")])),
    ("PATCH", "/api/chats/{id}", Try(&[("/api/chats/{whispers}/", r#"{"title": "x"}"#)])),
    ("PUT", "/api/chats/{id}", Try(&[("/api/chats/{whispers}/", r#"{"members": [{eve}]}"#)])),
    ("DELETE", "/api/chats/{id}", Try(&[("/api/chats/{whispers}/", "")])),
    (
        "GET",
        "/api/chats/{id}/get_messages",
        Both(
            &["/api/chats/{room}/get_messages/"],
            &[
                ("/api/chats/{whispers}/get_messages/", ""),
                ("/api/chats/{room}/get_messages/?before={whispered}", ""),
            ],
        ),
    ),
    ("POST", "/api/messages", Try(&[("/api/messages/", r#"{"chat": {whispers}, "text": "x"}"#)])),
    ("GET", "/api/messages/{id}", Try(&[("/api/messages/{whispered}/", "")])),
    ("PATCH", "/api/messages/{id}", Try(&[("/api/messages/{whispered}/", r#"{"text": "x"}"#)])),
    (
        "PUT",
        "/api/messages/{id}",
        Try(&[("/api/messages/{whispered}/", r#"{"chat": {room}, "text": "x"}"#)]),
    ),
    ("DELETE", "/api/messages/{id}", Try(&[("/api/messages/{whispered}/", "")])),
    ("GET", "/media/avatars/chat_default.svg", Harmless),
    ("GET", "/api/chat", Look(&["/api/chat"])),
    ("GET", "/api/chat/{id}", Both(&["/api/chat/{room}"], &[("/api/chat/{whispers}", "")])),
    ("DELETE", "/api/chat/delete/{id}", Try(&[("/api/chat/delete/{whispers}", "")])),
    (
        "DELETE",
        "/api/chat/messages/delete/{id}",
        Try(&[("/api/chat/messages/delete/{whispered}", "")]),
    ),
];

/// Each socket: its path as documented, where it is, and what is asked there, all of which must be
/// refused.
pub(crate) const SOCKETS: &[(&str, &str, &[&str])] = &[
    (
        "/ws/main",
        "/ws/main/",
        &[
            r#"{"event": "dialog.message.send", "data": {"id": {whispers}, "text": "x"}}"#,
            r#"{"event": "group.message.send", "data": {"id": {whispers}, "text": "x"}}"#,
            r#"{"event": "dialog.message.update", "data": {"id": {whispered}, "text": "x"}}"#,
            r#"{"event": "group.message.update", "data": {"id": {whispered}, "text": "x"}}"#,
            r#"{"event": "dialog.message.delete", "data": {"id": {whispered}}}"#,
            r#"{"event": "group.message.delete", "data": {"id": {whispered}}}"#,
            r#"{"event": "group.message.star", "data": {"message_id": {whispered}, "star": true}}"#,
            r#"{"event": "dialog.get", "data": {"id": {whispers}}}"#,
            r#"{"event": "group.get", "data": {"id": {whispers}}}"#,
            r#"{"event": "group.delete", "data": {"id": {whispers}}}"#,
        ],
    ),
    (
        "/ws/chats",
        "/ws/chats/",
        &[
            r#"{"type": "new_message", "content": {"chat_type": "room", "chat_id": {whispers}, "message": "x", "reply_to": null}}"#,
            r#"{"type": "new_message", "content": {"chat_type": "room", "chat_id": {room}, "message": "x", "reply_to": {whispered}}}"#,
            r#"{"type": "new_message", "content": {"chat_type": "direct", "chat_id": "{ada}_{ben}", "message": "x", "reply_to": null}}"#,
            r#"{"type": "user_typing", "content": {"chat_type": "group", "chat_id": {whispers}}}"#,
            r#"{"type": "message_read", "content": {"chat_type": "room", "chat_id": {room}, "message_id": {whispered}}}"#,
            r#"{"type": "delete_message", "content": {"chat_type": "room", "chat_id": {room}, "message_id": {whispered}}}"#,
        ],
    ),
    ("/ws/chat/{id}", "/ws/chat/{room}/", &[r#"{"type": "mark_read", "message_id": {whispered}}"#]),
    ("/ws/rooms/{room}", "/ws/rooms/salon/", &[r#"{"type": "delete", "id": {whispered}}"#]),
];

/// Sockets that a cookie opens and that answer nothing: in the room, and for news.
pub(crate) const WITH_COOKIE: [(&str, &str); 2] =
    [("/ws/chat/{id}", "/ws/chat/{room}/"), ("/ws/notifications", "/ws/notifications/")];

/// Fails unless each address that the pages list has a row.
pub(crate) fn every_address_has_a_row() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/dialects");
    let mut documented = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("docs/dialects") {
        let page = fs::read_to_string(entry.expect("an entry").path()).expect("a page");
        let cells = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        documented.extend(cells.filter(|cell| cell.contains(" /")).map(str::to_owned));
    }
    let rows = ROUTES.iter().map(|(method, path, _)| format!("{method} {path}"));
    let with_cookie = WITH_COOKIE.iter().map(|(path, _)| *path);
    let sockets = SOCKETS.iter().map(|(path, ..)| *path).chain(with_cookie);
    let sockets = sockets.map(|path| format!("WS {path}"));
    let rows: BTreeSet<_> = rows.chain(sockets).collect();
    assert_eq!(rows, documented, "each address needs a row in tests/tests/chats/leaks/dialects.rs");
}
