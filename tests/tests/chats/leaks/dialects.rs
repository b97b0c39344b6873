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
    // With this token both are answered by `events`.
    ("GET", "/auth/users/{id}", Look(&["/auth/users/{ada}/"])),
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
    ("GET", "/api/auth/user", Look(&["/api/auth/user/"])),
    ("PUT", "/api/auth/profile", Harmless),
    ("PATCH", "/api/auth/profile", Harmless),
    ("POST", "/api/auth/upload-avatar", Harmless),
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
    ("POST", "/api/chat/rooms/{id}/join", Try(&[("/api/chat/rooms/{whispers}/join/", "")])),
    ("POST", "/api/chat/rooms/{id}/leave", Try(&[("/api/chat/rooms/{whispers}/leave/", "")])),
    (
        "POST",
        "/api/chat/rooms/{id}/mark_read",
        Try(&[("/api/chat/rooms/{whispers}/mark_read/", "")]),
    ),
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
        Look(&["/api/chat/messages/?room={room}", "/api/chat/messages/?room={whispers}"]),
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
    ("POST", "/api/user/registration", Harmless),
    ("PATCH", "/api/user/make_admin/{id}", Harmless),
    ("PATCH", "/api/user/block_unblock/{id}", Harmless),
    ("POST", "/api/auth", Harmless),
    ("POST", "/api/auth/refresh", Harmless),
    // A token is another one each time.
    ("GET", "/api/auth/socket", Harmless),
    ("GET", "/api/auth/site_role", Look(&["/api/auth/site_role"])),
    ("PATCH", "/api/auth/activate/{token}", Harmless),
    ("GET", "/api/chat", Look(&["/api/chat", "/api/chat?size=10&page=last"])),
    ("GET", "/media/avatars/chat_default.svg", Harmless),
    ("GET", "/api/chat/{id}", Both(&["/api/chat/{room}"], &[("/api/chat/{whispers}", "")])),
    ("DELETE", "/api/chat/delete/{id}", Try(&[("/api/chat/delete/{whispers}", "")])),
    (
        "DELETE",
        "/api/chat/messages/delete/{id}",
        Try(&[("/api/chat/messages/delete/{whispered}", "")]),
    ),
    ("GET", "/auth/users/current", Look(&["/auth/users/current/"])),
    ("PUT", "/auth/users/{id}", Harmless),
    ("PATCH", "/auth/users/{id}", Harmless),
    ("POST", "/auth/logout", Harmless),
    ("POST", "/api/token", Harmless),
    ("POST", "/api/token/refresh", Harmless),
    ("POST", "/api/token/verify", Harmless),
    ("GET", "/chats/directs", Look(&["/chats/directs/"])),
    // It makes the chat.
    ("GET", "/chats/directs/{id}", Harmless),
    (
        "GET",
        "/chats/directs/{id}/messages",
        Try(&[
            ("/chats/directs/{ada}_{ben}/messages/", ""),
            ("/chats/directs/{whispers}/messages/", ""),
        ]),
    ),
    ("GET", "/chats/directs/{id}/files", Try(&[("/chats/directs/{ada}_{ben}/files/", "")])),
    ("GET", "/chats/projects", Look(&["/chats/projects/"])),
    // These go by the numbers of projects, and whispers are in none.
    ("GET", "/chats/projects/{id}", Look(&["/chats/projects/{room}/"])),
    ("GET", "/chats/projects/{id}/messages", Look(&["/chats/projects/{room}/messages/"])),
    ("GET", "/chats/projects/{id}/files", Look(&["/chats/projects/{room}/files/"])),
    ("GET", "/chats/has-unreads", Look(&["/chats/has-unreads/"])),
    ("POST", "/files", Harmless),
    ("DELETE", "/files", Try(&[("/files/?link=/api/v1/media/{file}?link=00", "")])),
];

/// Sockets that know direct chats and those of projects only, so nothing is heard there of a room.
pub(crate) const WITHOUT_ROOMS: &[&str] = &["/ws/chat/", "/ws/chats/"];

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
        "/ws/chat",
        "/ws/chat/",
        &[
            r#"{"type": "new_message", "content": {"chat_type": "project", "chat_id": {whispers}, "text": "x", "reply_to": null}}"#,
            r#"{"type": "new_message", "content": {"chat_type": "direct", "chat_id": "{ada}_{ben}", "text": "x", "reply_to": null}}"#,
            r#"{"type": "user_typing", "content": {"chat_type": "project", "chat_id": {whispers}}}"#,
            r#"{"type": "message_read", "content": {"chat_type": "project", "chat_id": {whispers}, "message_id": {whispered}}}"#,
            r#"{"type": "edit_message", "content": {"chat_type": "direct", "chat_id": "{ada}_{ben}", "message_id": {whispered}, "text": "x"}}"#,
            r#"{"type": "delete_message", "content": {"chat_type": "direct", "chat_id": "{eve}_{eve}", "message_id": {whispered}}}"#,
        ],
    ),
    ("/ws/chats", "/ws/chats/", &[]),
    ("/ws/chat/{id}", "/ws/chat/{room}/", &[]),
    (
        "/api/chat/{room}",
        "/api/chat/salon/",
        &[r#"{"action": "delete_message", "data": {"id": {whispered}}, "request_id": 1}"#],
    ),
];

/// Sockets that nothing is told on, nor answered.
const SILENT: &[&str] = &["/ws/chat"];

/// Sockets that a cookie opens and that answer nothing: in the room, and for news.
pub(crate) const WITH_COOKIE: [(&str, &str); 2] =
    [("/ws/chat/{id}", "/ws/chat/{room}/"), ("/ws/notifications", "/ws/notifications/")];

/// Fails unless each address that the pages list has a row.
pub(crate) fn every_address_has_a_row() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/dialects");
    let mut documented = BTreeSet::new();
    let pages =
        fs::read_dir(folder).expect("docs/dialects").map(|entry| entry.expect("an entry").path());
    // This one is about addresses of several dialects.
    for page in pages.filter(|page| !page.ends_with("telling-apart.md")) {
        let page = fs::read_to_string(page).expect("a page");
        let cells = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        documented.extend(cells.filter(|cell| cell.contains(" /")).map(str::to_owned));
    }
    let rows = ROUTES.iter().map(|(method, path, _)| format!("{method} {path}"));
    let with_cookie = WITH_COOKIE.iter().map(|(path, _)| *path);
    let sockets = SOCKETS.iter().map(|(path, ..)| *path).chain(with_cookie);
    let sockets = sockets.chain(SILENT.iter().copied());
    let sockets = sockets.map(|path| format!("WS {path}"));
    let rows: BTreeSet<_> = rows.chain(sockets).collect();
    assert_eq!(rows, documented, "each address needs a row in tests/tests/chats/leaks/dialects.rs");
}
