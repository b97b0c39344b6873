//! Finding who has written in which chats.

use super::Conn;
use crate::error::Failure;
use crate::rows;
use crate::schema::{chat_heads, chats, members, messages};
use diesel::dsl::{exists, not, select};
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use domain::chat::{ChatKind, ChatRole, Permissions, RoomOwnership, Writer};
use domain::ids::{ChatId, UserId};
use domain::user::AccountRole;

/// The rooms and direct chats that somebody is in and has written in.
pub(super) async fn chats(
    conn: &mut Conn,
    author: UserId,
    limit: usize,
) -> Result<Vec<ChatId>, Failure> {
    let mine = members::table
        .filter(members::user_id.eq(author.get()).and(members::left_at.is_null()))
        .select(members::chat_id);
    let kinds = [ChatKind::Room.as_str(), ChatKind::Direct.as_str()];
    let found = messages::table
        .inner_join(chats::table.on(chats::id.eq(messages::chat_id)))
        .filter(messages::author_id.eq(author.get()).and(messages::deleted_at.is_null()))
        .filter(chats::kind.eq_any(kinds).and(messages::chat_id.eq_any(mine)))
        .select(messages::chat_id)
        .distinct()
        .order(messages::chat_id)
        .limit(rows::number(limit))
        .load::<i64>(conn)
        .await?;
    Ok(found.into_iter().map(ChatId::stored).collect())
}

/// The authors of the newest messages of chats that the viewer may see, with their roles then.
pub(super) async fn of(
    conn: &mut Conn,
    wanted: Vec<ChatId>,
    viewer: UserId,
    newest: usize,
) -> Result<Vec<Writer>, Failure> {
    let wanted: Vec<_> = wanted.into_iter().map(ChatId::get).collect();
    let here = members::chat_id.eq(messages::chat_id).and(members::user_id.eq(viewer.get()));
    let mine = members::table.filter(here.and(members::left_at.is_null()));
    let seen = exists(mine.filter(members::hidden_seq.lt(messages::seq)));
    let open = chats::kind.eq(ChatKind::Room.as_str());
    // This is `rules::hides_past` in SQL. To LIKE an underscore is any character, which does no harm here.
    let hides_past = format!("%{}%", Permissions::word_that_hides_past());
    let shows_past = chat_heads::permissions.not_like(hides_past);
    let open = open.and(shows_past).and(not(exists(mine)));
    let newest = rows::number(newest);
    let rows = messages::table
        .inner_join(chats::table.on(chats::id.eq(messages::chat_id)))
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(messages::chat_id)))
        .filter(messages::chat_id.eq_any(wanted).and(messages::deleted_at.is_null()))
        .filter(messages::seq.gt(chat_heads::last_seq - newest))
        .filter(open.or(seen))
        .select((messages::chat_id, messages::author_id, messages::author_role))
        .distinct()
        .order((messages::chat_id, messages::author_id, messages::author_role))
        .load::<(i64, i64, Option<String>)>(conn)
        .await?;
    let writer = |(chat, author, role): (i64, i64, Option<String>)| Writer {
        chat: ChatId::stored(chat),
        author: UserId::stored(author),
        role: role.as_deref().and_then(AccountRole::parse),
    };
    Ok(rows.into_iter().map(writer).collect())
}

/// Whose a room is, whose head is locked, as far as that matters to somebody.
pub(super) async fn ownership(
    conn: &mut Conn,
    room: ChatId,
    writer: UserId,
) -> Result<RoomOwnership, Failure> {
    let owner = members::table
        .filter(members::chat_id.eq(room.get()).and(members::left_at.is_null()))
        .filter(members::role.eq(ChatRole::Owner.as_str()));
    let theirs = messages::author_id.eq(writer.get()).and(messages::deleted_at.is_null());
    let written = messages::table.filter(messages::chat_id.eq(room.get()).and(theirs));
    let facts = select((exists(owner), exists(written)));
    let (is_owned, has_written) = facts.get_result::<(bool, bool)>(conn).await?;
    Ok(RoomOwnership { is_owned, has_written })
}
