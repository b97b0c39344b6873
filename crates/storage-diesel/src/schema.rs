//! The tables, as `migrations/` creates them in both databases.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    users (id) {
        id -> BigInt,
        name -> Text,
        name_folded -> Nullable<Text>,
        password_hash -> Text,
        role -> Text,
        active -> Bool,
        created_at -> Instant,
        last_seen_at -> Nullable<Instant>,
        first_name -> Text,
        last_name -> Text,
        bio -> Text,
        email -> Text,
        searched -> Text,
        role_set_at -> Nullable<Instant>,
        deleted_at -> Nullable<Instant>,
        deletion -> Nullable<Text>,
        login_email -> Nullable<Text>,
        lookalike_lower -> Nullable<Text>,
        lookalike_upper -> Nullable<Text>,
        stored_bytes -> BigInt,
        external_issuer -> Nullable<Text>,
        external_id -> Nullable<Text>,
        data -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::BigInt;
    stored_changes (id) {
        id -> BigInt,
        owner_id -> BigInt,
        bytes -> BigInt,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::BigInt;
    blocks (blocker_id, blocked_id) {
        blocker_id -> BigInt,
        blocked_id -> BigInt,
        since -> Instant,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    audit_log (id) {
        id -> BigInt,
        at -> Instant,
        actor_id -> Nullable<BigInt>,
        action -> Text,
        target_id -> BigInt,
        detail -> Text,
        sign_in -> Bool,
        address -> Nullable<Text>,
        protocol -> Nullable<Text>,
        device -> Nullable<Text>,
        count -> BigInt,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    sessions (id) {
        id -> BigInt,
        user_id -> BigInt,
        seed -> Binary,
        generation -> BigInt,
        device -> Text,
        created_at -> Instant,
        refreshed_at -> Instant,
        expires_at -> Instant,
        key_hash -> Nullable<Binary>,
        protocol -> Text,
        renews_repeatedly -> Bool,
        proved_at -> Nullable<Instant>,
        host_session -> Nullable<Text>,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::BigInt;
    ended_sessions (session_id) {
        session_id -> BigInt,
        user_id -> BigInt,
        ended_at -> Instant,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Binary};
    tickets (hash) {
        hash -> Binary,
        session_id -> BigInt,
        expires_at -> Instant,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    push_subscriptions (session_id) {
        session_id -> BigInt,
        user_id -> BigInt,
        endpoint -> Text,
        p256dh -> Binary,
        auth -> Binary,
        content -> Text,
        expires_at -> Nullable<Instant>,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Nullable, Text};
    chats (id) {
        id -> BigInt,
        kind -> Text,
        title -> Nullable<Text>,
        description -> Text,
        key -> Nullable<Text>,
        project_id -> Nullable<BigInt>,
        parent_id -> Nullable<BigInt>,
        created_at -> Instant,
        version -> BigInt,
        external_issuer -> Nullable<Text>,
        external_id -> Nullable<Text>,
        data -> Nullable<Text>,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Bool, Text};
    chat_heads (chat_id) {
        chat_id -> BigInt,
        last_seq -> BigInt,
        version -> BigInt,
        active_at -> Instant,
        member_count -> BigInt,
        slow_mode -> BigInt,
        closed -> Bool,
        open -> Bool,
        deleted -> Bool,
        permissions -> Text,
        hushed -> Bool,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    members (chat_id, user_id) {
        chat_id -> BigInt,
        user_id -> BigInt,
        role -> Text,
        joined_at -> Instant,
        left_at -> Nullable<Instant>,
        read_seq -> BigInt,
        shown_seq -> BigInt,
        version -> BigInt,
        muted_until -> Nullable<Instant>,
        pinned -> Bool,
        archived -> Bool,
        last_sent_at -> Nullable<Instant>,
        left_freely -> Bool,
        mentions_only -> Bool,
        hidden_seq -> BigInt,
        hidden_id -> BigInt,
        silenced_by -> Nullable<BigInt>,
        silenced_reason -> Nullable<Text>,
        silenced_at -> Nullable<Instant>,
        silenced_until -> Nullable<Instant>,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Nullable, Text};
    bans (chat_id, user_id) {
        chat_id -> BigInt,
        user_id -> BigInt,
        banned_by -> BigInt,
        reason -> Nullable<Text>,
        banned_at -> Instant,
        until -> Nullable<Instant>,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Nullable, Text};
    messages (id) {
        id -> BigInt,
        chat_id -> BigInt,
        seq -> BigInt,
        version -> BigInt,
        created_version -> BigInt,
        author_id -> BigInt,
        client_id -> Nullable<Text>,
        reply_to -> Nullable<BigInt>,
        text -> Text,
        created_at -> Instant,
        edited_at -> Nullable<Instant>,
        deleted_at -> Nullable<Instant>,
        extras -> BigInt,
        pinned_at -> Nullable<Instant>,
        author_role -> Nullable<Text>,
        kind -> Nullable<Text>,
        data -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Text};
    reactions (message_id, emoji, user_id) {
        message_id -> BigInt,
        emoji -> Text,
        user_id -> BigInt,
        place -> BigInt,
        version -> BigInt,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Text};
    message_edits (message_id, version) {
        message_id -> BigInt,
        version -> BigInt,
        text -> Text,
        written_at -> Instant,
    }
}

table! {
    use diesel::sql_types::BigInt;
    stars (user_id, message_id) {
        user_id -> BigInt,
        message_id -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Text};
    mentions (message_id, user_id) {
        message_id -> BigInt,
        user_id -> BigInt,
        chat_id -> BigInt,
        seq -> BigInt,
        author_id -> BigInt,
        ranges -> Text,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Nullable, Text};
    loose_files (file_key) {
        file_key -> Text,
        owner_id -> Nullable<BigInt>,
        due_at -> Instant,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Nullable, Text};
    attachments (id) {
        id -> BigInt,
        owner_id -> BigInt,
        file_key -> Text,
        name -> Text,
        mime -> Text,
        size -> BigInt,
        width -> Nullable<BigInt>,
        height -> Nullable<BigInt>,
        preview -> Nullable<Text>,
        created_at -> Instant,
        message_id -> Nullable<BigInt>,
        place -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Text};
    avatars (user_id) {
        user_id -> BigInt,
        file_key -> Text,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    invites (id) {
        id -> BigInt,
        hash -> Binary,
        created_by -> Nullable<BigInt>,
        created_at -> Instant,
        expires_at -> Instant,
        uses -> BigInt,
        used -> BigInt,
        note -> Text,
    }
}

table! {
    use diesel::sql_types::BigInt;
    service_accounts (user_id) {
        user_id -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Text};
    service_keys (session_id) {
        session_id -> BigInt,
        hash -> Binary,
        scopes -> Text,
        issuer -> Text,
        rate -> BigInt,
    }
}

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    host_accounts (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        user_id -> BigInt,
        said_name -> Nullable<Text>,
        said_email -> Nullable<Text>,
        said_admin -> Nullable<Bool>,
        said_picture -> Nullable<Text>,
        picture_due -> Nullable<Instant>,
        picture_tries -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable};
    second_factors (user_id) {
        user_id -> BigInt,
        seed -> Binary,
        is_on -> Bool,
        last_step -> Nullable<BigInt>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary};
    recovery_codes (user_id, hash) {
        user_id -> BigInt,
        hash -> Binary,
    }
}

table! {
    use diesel::sql_types::Text;
    agreements (name) {
        name -> Text,
        value -> Text,
    }
}

/// Declares which tables may be joined in a query. The query builder needs each such pair; declaring all
/// pairs would cost half a minute of compile time.
macro_rules! asked_for_together {
    ($($table:ident: $($other:ident),+;)+) => {
        $($(allow_tables_to_appear_in_same_query!($table, $other);)+)+
    };
}

asked_for_together! {
    users: bans, blocks, chat_heads, chats, host_accounts, members, mentions, messages,
        push_subscriptions, second_factors, service_accounts, service_keys, sessions;
    chats: bans, chat_heads, members, messages, stars;
    chat_heads: bans, members, messages;
    members: bans, blocks, mentions, messages, push_subscriptions, sessions, stars;
    messages: attachments, mentions, message_edits, reactions, stars;
    sessions: blocks, push_subscriptions, second_factors, service_accounts, service_keys;
    push_subscriptions: blocks;
    service_keys: service_accounts;
}
