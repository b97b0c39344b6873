//! Stars.

use super::columns::Columns;
use super::messages::locked;
use super::{Conn, hydrate};
use crate::error::Failure;
use crate::rows::extras::STARS;
use crate::rows::{self, MessageRow};
use crate::schema::{chats, members, messages, stars};
use diesel::dsl::{exists, not};
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::ids::{MAX_ID, MessageId, UserId};
use domain::message::{MarkRefusal, Message, Star, StarPage};

/// Sets or removes a star. The chat's lock prevents that the message is deleted meanwhile.
pub(super) async fn set(conn: &mut Conn, star: Star) -> Result<Result<bool, MarkRefusal>, Failure> {
    let found = locked(conn, (None, star.message), star.user.into()).await?;
    let row = found.ok_or(Failure::NOT_FOUND)?.row;
    let mine = stars::table.filter(stars::user_id.eq(star.user.get()));
    let this = mine.filter(stars::message_id.eq(row.id));
    let there = this.count().get_result::<i64>(conn).await? > 0;
    let all = if star.on { mine.count().get_result::<i64>(conn).await? } else { 0 };
    let (id, extras) = (row.id, row.extras);
    let decided = star.decide(&Message::try_from(row)?, there, usize::try_from(all).unwrap_or(0));
    match decided {
        Ok(true) if star.on => {
            let values = (stars::user_id.eq(star.user.get()), stars::message_id.eq(id));
            diesel::insert_into(stars::table).values(values).execute(conn).await?;
            if extras & STARS == 0 {
                let row = messages::table.filter(messages::id.eq(id));
                let update = diesel::update(row).set(messages::extras.eq(extras | STARS));
                update.execute(conn).await?;
            }
        }
        Ok(true) => {
            diesel::delete(this).execute(conn).await?;
        }
        Ok(false) | Err(_) => {}
    }
    Ok(decided)
}

pub(super) async fn list(
    conn: &mut Conn,
    (user, whispers): (UserId, bool),
    before: Option<MessageId>,
    limit: usize,
) -> Result<StarPage, Failure> {
    let here = members::chat_id.eq(messages::chat_id).and(members::user_id.eq(user.get()));
    let before = stars::message_id.lt(before.map_or(MAX_ID, MessageId::get));
    let mut query = stars::table
        .inner_join(messages::table.on(messages::id.eq(stars::message_id)))
        .inner_join(members::table.on(here.and(members::left_at.is_null())))
        .filter(stars::user_id.eq(user.get()).and(before))
        .filter(messages::seq.gt(members::hidden_seq))
        .order(stars::message_id.desc())
        .limit(rows::one_more(limit))
        .select(MessageRow::as_select())
        .into_boxed();
    if !whispers {
        let whispered = chats::id.eq(messages::chat_id).and(chats::kind.eq("whisper"));
        query = query.filter(not(exists(chats::table.filter(whispered))));
    }
    let mut rows = query.load(conn).await?;
    let more = rows::cut(&mut rows, limit);
    Ok(StarPage { messages: hydrate::all(conn, rows).await?, more })
}
