//! Where somebody stands in a chat.

use super::Shared;
use super::columns::Columns;
use crate::error::Failure;
use crate::rows::{Head, KindRow, MemberRow};
use crate::schema::{chat_heads, chats, members};
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use domain::chat::Standing;
use domain::ids::{ChatId, UserId};

/// Where somebody stands in a chat. `NotFound` unless they are in it.
pub(super) async fn of(
    conn: &mut Shared<'_>,
    chat: ChatId,
    user: UserId,
) -> Result<Standing, Failure> {
    let here = members::chat_id.eq(chat.get()).and(members::user_id.eq(user.get()));
    let found = members::table
        .inner_join(chats::table.on(chats::id.eq(members::chat_id)))
        .inner_join(chat_heads::table.on(chat_heads::chat_id.eq(members::chat_id)))
        .filter(here.and(members::left_at.is_null()))
        .select((KindRow::as_select(), MemberRow::as_select(), Head::as_select()));
    let found: Vec<(KindRow, MemberRow, Head)> = rows_of!(conn, found)?;
    let (kind, row, head) = found.into_iter().next().ok_or(Failure::NOT_FOUND)?;
    row.standing(kind.kind()?, &head)
}
