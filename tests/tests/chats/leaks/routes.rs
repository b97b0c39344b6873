//! Every documented operation, and how a bystander might learn of a whisper by it. A new operation
//! without a row here fails the test.
//!
//! In paths and bodies `{room}` and `{public}` are a chat that the bystander is in and a message
//! there, `{whispers}`, `{whispered}` and `{file}` what they must not learn of, `{ada}` and `{ben}`
//! the two who whisper.

/// How an operation is tried.
pub(crate) enum How {
    /// Its answers are compared from before and after the whispering, and searched.
    Look(&'static [&'static str]),
    /// It is tried on the whispers and must answer 404, as if they were not there.
    Try(&'static [(&'static str, &'static str)]),
    /// Both.
    Both(&'static [&'static str], &'static [(&'static str, &'static str)]),
    /// It takes and shows nothing of any chat.
    Harmless,
}

impl How {
    /// What is looked at.
    pub(crate) fn looks(&self) -> &'static [&'static str] {
        match self {
            Look(looks) | Both(looks, _) => looks,
            Try(_) | Harmless => &[],
        }
    }

    /// What is tried, each with its body.
    pub(crate) fn tries(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Try(tries) | Both(_, tries) => tries,
            Look(_) | Harmless => &[],
        }
    }
}

use How::{Both, Harmless, Look, Try};

/// Method, path as documented, how it is tried.
pub(crate) const ROUTES: &[(&str, &str, How)] = &[
    ("POST", "/auth/register", Harmless),
    ("POST", "/set-up", Harmless),
    ("POST", "/auth/login", Harmless),
    ("POST", "/auth/exchange", Harmless),
    ("GET", "/auth/ways", Harmless),
    ("GET", "/auth/oidc/{provider}", Harmless),
    ("POST", "/auth/oidc/{provider}", Harmless),
    ("GET", "/auth/oidc/{provider}/log-out", Harmless),
    ("POST", "/auth/backchannel-logout", Harmless),
    ("GET", "/limits", Harmless),
    ("POST", "/users/me/second-factor", Harmless),
    ("POST", "/users/me/second-factor/confirm", Harmless),
    ("DELETE", "/users/me/second-factor", Harmless),
    ("POST", "/users/me/second-factor/recovery-codes", Harmless),
    ("POST", "/auth/step-up", Harmless),
    ("POST", "/auth/refresh", Harmless),
    ("POST", "/auth/logout", Harmless),
    ("GET", "/auth/sessions", Harmless),
    ("DELETE", "/auth/sessions/{session_id}", Harmless),
    ("PUT", "/auth/password", Harmless),
    ("POST", "/ws-tickets", Harmless),
    ("GET", "/push", Look(&["/push"])),
    ("PUT", "/push/subscription", Harmless),
    ("POST", "/push/renewals", Harmless),
    ("DELETE", "/push/subscription", Harmless),
    ("GET", "/users", Look(&["/users?limit=200", "/users?q=a"])),
    ("POST", "/users", Harmless),
    ("PUT", "/users/{user_id}", Harmless),
    ("PUT", "/chats/{chat_id}", Harmless),
    ("PATCH", "/chats/{chat_id}/members", Harmless),
    ("GET", "/users/me", Look(&["/users/me"])),
    ("GET", "/users/{user_id}", Look(&["/users/{ada}", "/users/{ben}"])),
    ("PATCH", "/users/me", Harmless),
    ("DELETE", "/users/me", Harmless),
    ("GET", "/users/me/blocks", Look(&["/users/me/blocks"])),
    ("GET", "/users/me/export", Look(&["/users/me/export"])),
    ("PUT", "/users/{user_id}/block", Harmless),
    ("DELETE", "/users/{user_id}/block", Harmless),
    ("GET", "/admin/users", Look(&["/admin/users?limit=200"])),
    ("GET", "/admin/users/{user_id}", Look(&["/admin/users/{ada}"])),
    ("PATCH", "/admin/users/{user_id}", Harmless),
    ("PUT", "/admin/users/{user_id}/password", Harmless),
    ("DELETE", "/admin/users/{user_id}/sessions", Harmless),
    ("DELETE", "/admin/users/{user_id}", Harmless),
    ("GET", "/admin/chats", Look(&["/admin/chats?limit=200"])),
    ("DELETE", "/admin/chats/{chat_id}", Try(&[("/admin/chats/{whispers}", "")])),
    ("DELETE", "/admin/messages/{message_id}", Try(&[("/admin/messages/{whispered}", "")])),
    ("GET", "/admin/audit", Look(&["/admin/audit"])),
    ("GET", "/admin/invites", Look(&["/admin/invites"])),
    ("POST", "/admin/invites", Harmless),
    ("DELETE", "/admin/invites/{invite_id}", Harmless),
    ("GET", "/chats", Look(&["/chats?limit=500", "/chats?archived=false", "/chats?archived=true"])),
    ("POST", "/chats", Harmless),
    ("PUT", "/chats/direct/{user_id}", Harmless),
    ("GET", "/chats/{chat_id}", Both(&["/chats/{room}"], &[("/chats/{whispers}", "")])),
    (
        "PATCH",
        "/chats/{chat_id}",
        Try(&[("/chats/{whispers}", r#"{"title": "x"}"#), ("/chats/{whispers}", "{}")]),
    ),
    ("DELETE", "/chats/{chat_id}", Try(&[("/chats/{whispers}", "")])),
    (
        "GET",
        "/chats/{chat_id}/changes",
        Both(
            &["/chats/{room}/changes?since=0", "/chats/{room}/changes?since=1&limit=200"],
            &[("/chats/{whispers}/changes?since=0", "")],
        ),
    ),
    (
        "PATCH",
        "/chats/{chat_id}/preferences",
        Try(&[("/chats/{whispers}/preferences", r#"{"pinned": true}"#)]),
    ),
    (
        "GET",
        "/chats/{chat_id}/members",
        Both(&["/chats/{room}/members"], &[("/chats/{whispers}/members", "")]),
    ),
    (
        "PUT",
        "/chats/{chat_id}/members/{user_id}",
        Try(&[("/chats/{whispers}/members/{ada}", ""), ("/chats/{whispers}/members/{eve}", "")]),
    ),
    (
        "DELETE",
        "/chats/{chat_id}/members/{user_id}",
        Try(&[("/chats/{whispers}/members/{ada}", ""), ("/chats/{whispers}/members/{eve}", "")]),
    ),
    ("PUT", "/chats/{chat_id}/read", Try(&[("/chats/{whispers}/read", r#"{"seq": 1}"#)])),
    ("GET", "/chats/{chat_id}/bans", Try(&[("/chats/{whispers}/bans", "")])),
    ("PUT", "/chats/{chat_id}/bans/{user_id}", Try(&[("/chats/{whispers}/bans/{ada}", "")])),
    ("DELETE", "/chats/{chat_id}/bans/{user_id}", Try(&[("/chats/{whispers}/bans/{ada}", "")])),
    (
        "PUT",
        "/chats/{chat_id}/silences/{user_id}",
        Try(&[("/chats/{whispers}/silences/{ada}", "")]),
    ),
    (
        "DELETE",
        "/chats/{chat_id}/silences/{user_id}",
        Try(&[("/chats/{whispers}/silences/{ada}", "")]),
    ),
    (
        "PUT",
        "/chats/{chat_id}/whispers/{user_id}",
        Try(&[("/chats/{whispers}/whispers/{ada}", ""), ("/chats/{whispers}/whispers/{eve}", "")]),
    ),
    (
        "GET",
        "/chats/{chat_id}/messages",
        Both(
            &[
                "/chats/{room}/messages?limit=200",
                "/chats/{room}/messages?after=0",
                "/chats/{room}/messages?before=99",
                "/chats/{room}/messages?around=1",
            ],
            &[("/chats/{whispers}/messages", ""), ("/chats/{whispers}/messages?after=0", "")],
        ),
    ),
    (
        "POST",
        "/chats/{chat_id}/messages",
        Try(&[("/chats/{whispers}/messages", r#"{"text": "Me too"}"#)]),
    ),
    (
        "GET",
        "/chats/{chat_id}/messages/{message_id}",
        Both(
            &["/chats/{room}/messages/{public}"],
            &[
                ("/chats/{whispers}/messages/{whispered}", ""),
                ("/chats/{room}/messages/{whispered}", ""),
            ],
        ),
    ),
    (
        "PATCH",
        "/chats/{chat_id}/messages/{message_id}",
        Try(&[
            ("/chats/{whispers}/messages/{whispered}", r#"{"text": "x"}"#),
            ("/chats/{room}/messages/{whispered}", r#"{"text": "x"}"#),
        ]),
    ),
    (
        "DELETE",
        "/chats/{chat_id}/messages/{message_id}",
        Try(&[
            ("/chats/{whispers}/messages/{whispered}", ""),
            ("/chats/{room}/messages/{whispered}", ""),
        ]),
    ),
    (
        "PUT",
        "/messages/{message_id}/reactions/{emoji}",
        Try(&[("/messages/{whispered}/reactions/%F0%9F%91%8D", "")]),
    ),
    (
        "DELETE",
        "/messages/{message_id}/reactions/{emoji}",
        Try(&[("/messages/{whispered}/reactions/%F0%9F%91%8D", "")]),
    ),
    (
        "GET",
        "/chats/{chat_id}/messages/{message_id}/edits",
        Try(&[
            ("/chats/{whispers}/messages/{whispered}/edits", ""),
            ("/chats/{room}/messages/{whispered}/edits", ""),
        ]),
    ),
    (
        "GET",
        "/chats/{chat_id}/pins",
        Both(&["/chats/{room}/pins"], &[("/chats/{whispers}/pins", "")]),
    ),
    (
        "PUT",
        "/chats/{chat_id}/pins/{message_id}",
        Try(&[("/chats/{whispers}/pins/{whispered}", ""), ("/chats/{room}/pins/{whispered}", "")]),
    ),
    (
        "DELETE",
        "/chats/{chat_id}/pins/{message_id}",
        Try(&[("/chats/{whispers}/pins/{whispered}", "")]),
    ),
    ("PUT", "/messages/{message_id}/star", Try(&[("/messages/{whispered}/star", "")])),
    ("DELETE", "/messages/{message_id}/star", Try(&[("/messages/{whispered}/star", "")])),
    ("GET", "/messages/starred", Look(&["/messages/starred"])),
    (
        "GET",
        "/messages/search",
        Look(&[
            "/messages/search?q=zebra",
            "/messages/search?q=hear",
            "/messages/search?q=from:{ada}%20zebra",
            "/messages/search?q=in:{room}%20zebra",
        ]),
    ),
    ("GET", "/rooms", Look(&["/rooms?limit=200"])),
    ("PUT", "/rooms/{name}", Harmless),
    ("GET", "/projects/{project_id}/chat", Look(&["/projects/1/chat"])),
    ("PUT", "/projects/{project_id}/chat", Harmless),
    ("DELETE", "/projects/{project_id}/chat", Harmless),
    ("POST", "/attachments", Harmless),
    ("DELETE", "/attachments/{attachment_id}", Try(&[("/attachments/{file}", "")])),
    ("GET", "/media-key", Harmless),
    ("GET", "/media/{attachment_id}", Try(&[("/media/{file}", "")])),
    ("GET", "/media/{attachment_id}/thumbnail", Try(&[("/media/{file}/thumbnail", "")])),
    ("PUT", "/users/me/avatar", Harmless),
    ("DELETE", "/users/me/avatar", Harmless),
    ("GET", "/users/{user_id}/avatar", Harmless),
];
