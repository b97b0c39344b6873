//! Requests that may be repeated, with their answers.

use super::{Conn, Store};
use crate::error::Failure;
use crate::rows;
use crate::types::Instant;
use async_trait::async_trait;
use diesel::OptionalExtension;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl, table};
use diesel_async::RunQueryDsl;
use domain::clock::Timestamp;
use domain::failure::{StoreError, WriteError};
use domain::idempotency::{
    Beginning, Begun, FoundRequest, IdempotencyStore, KeptAnswer, NewRequest, RepeatRefusal,
};
use domain::limits::{FORGOTTEN_TOGETHER, IDEMPOTENCY_KEYS};
use std::collections::BTreeMap;

table! {
    use crate::types::sql::Instant;
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    repeated_requests (owner_id, key) {
        owner_id -> BigInt,
        key -> Binary,
        request -> Binary,
        begun_at -> Instant,
        until -> Instant,
        status -> Nullable<BigInt>,
        content_type -> Nullable<Text>,
        body -> Nullable<Binary>,
    }
}

use repeated_requests as requests;

/// A request, until when nobody else carries it out, and the status, the type and the body of its answer.
type Row = (Vec<u8>, Instant, Option<i64>, Option<String>, Option<Vec<u8>>);

#[async_trait]
impl IdempotencyStore for Store {
    async fn begin(&self, request: NewRequest) -> Result<Begun, WriteError<RepeatRefusal>> {
        self.db.decide_apart(move |conn| Box::pin(begin(conn, request))).await
    }

    async fn end(&self, request: NewRequest, answer: Option<KeptAnswer>) -> Result<(), StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(end(conn, request, answer))).await?)
    }

    async fn forget(&self, before: Timestamp) -> Result<bool, StoreError> {
        Ok(self.db.write_apart(move |conn| Box::pin(forget(conn, Instant(before)))).await?)
    }
}

async fn begin(conn: &mut Conn, new: NewRequest) -> Result<Result<Begun, RepeatRefusal>, Failure> {
    let found = find(conn, &new).await?;
    let kept = if found.is_none() { kept(conn, &new).await? } else { 0 };
    let before = found.as_ref().map(|found| found.until);
    let begun = match new.decide(found, kept) {
        Ok(Beginning::Answered(answer)) => return Ok(Ok(Begun::Answered(answer))),
        Ok(Beginning::New) => insert(conn, &new).await?,
        Ok(Beginning::TakeOver) => take_over(conn, &new, before).await?,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // Somebody else has begun it since it was looked for.
    Ok(if begun { Ok(Begun::New) } else { Err(RepeatRefusal::UnderWay) })
}

async fn find(conn: &mut Conn, new: &NewRequest) -> Result<Option<FoundRequest>, Failure> {
    let same = requests::owner_id.eq(new.owner.get()).and(requests::key.eq(new.key.to_vec()));
    let row = requests::table.filter(same).select((
        requests::request,
        requests::until,
        requests::status,
        requests::content_type,
        requests::body,
    ));
    let Some((request, until, status, content_type, body)) =
        row.first::<Row>(conn).await.optional()?
    else {
        return Ok(None);
    };
    let damaged = || Failure::damaged("repeated_requests");
    let request = request.try_into().map_err(|_| damaged())?;
    let answer = match status {
        None => None,
        Some(status) => Some(KeptAnswer {
            status: u16::try_from(status).map_err(|_| damaged())?,
            content_type,
            body: body.unwrap_or_default(),
        }),
    };
    Ok(Some(FoundRequest { request, until: until.0, answer }))
}

/// Whether the account has as many keys as it may, as a number that says just that: they are not all counted.
async fn kept(conn: &mut Conn, new: &NewRequest) -> Result<usize, Failure> {
    let theirs = requests::table.filter(requests::owner_id.eq(new.owner.get()));
    let last = theirs.offset(rows::number(IDEMPOTENCY_KEYS) - 1).limit(1);
    let last = last.select(requests::owner_id).first::<i64>(conn).await.optional()?;
    Ok(last.map_or(0, |_| IDEMPOTENCY_KEYS))
}

/// Stores a request unless one with its key is there. Of two at once, the second waits for the first one's commit.
async fn insert(conn: &mut Conn, new: &NewRequest) -> Result<bool, Failure> {
    let values = (
        requests::owner_id.eq(new.owner.get()),
        requests::key.eq(new.key.to_vec()),
        requests::request.eq(new.request.to_vec()),
        requests::begun_at.eq(Instant(new.at)),
        requests::until.eq(Instant(new.until)),
    );
    let insert = diesel::insert_into(requests::table).values(values).on_conflict_do_nothing();
    Ok(insert.execute(conn).await? == 1)
}

/// Takes a request over that came to no end, unless somebody else has done so, or it has come to one.
async fn take_over(
    conn: &mut Conn,
    new: &NewRequest,
    before: Option<Timestamp>,
) -> Result<bool, Failure> {
    let Some(before) = before else { return Ok(false) };
    let same = requests::owner_id.eq(new.owner.get()).and(requests::key.eq(new.key.to_vec()));
    let same = same.and(requests::until.eq(Instant(before))).and(requests::status.is_null());
    let values = (requests::begun_at.eq(Instant(new.at)), requests::until.eq(Instant(new.until)));
    Ok(diesel::update(requests::table.filter(same)).set(values).execute(conn).await? == 1)
}

async fn end(
    conn: &mut Conn,
    request: NewRequest,
    answer: Option<KeptAnswer>,
) -> Result<(), Failure> {
    let same =
        requests::owner_id.eq(request.owner.get()).and(requests::key.eq(request.key.to_vec()));
    let same = same.and(requests::until.eq(Instant(request.until))).and(requests::status.is_null());
    let mine = requests::table.filter(same);
    match answer {
        None => diesel::delete(mine).execute(conn).await?,
        Some(answer) => {
            let values = (
                requests::status.eq(i64::from(answer.status)),
                requests::content_type.eq(answer.content_type),
                requests::body.eq(answer.body),
            );
            diesel::update(mine).set(values).execute(conn).await?
        }
    };
    Ok(())
}

/// Deletes the oldest of those that began before that time.
async fn forget(conn: &mut Conn, before: Instant) -> Result<bool, Failure> {
    let over = requests::table.filter(requests::begun_at.lt(before)).order(requests::begun_at);
    let over = over.limit(rows::number(FORGOTTEN_TOGETHER));
    let over = over.select((requests::owner_id, requests::key));
    let over = over.load::<(i64, Vec<u8>)>(conn).await?;
    let more = over.len() == FORGOTTEN_TOGETHER;
    let mut by_owner = BTreeMap::<_, Vec<_>>::new();
    for (owner, key) in over {
        by_owner.entry(owner).or_default().push(key);
    }
    for (owner, keys) in by_owner {
        // One that was taken over meanwhile is young.
        let old = requests::owner_id.eq(owner).and(requests::key.eq_any(keys));
        let old = requests::table.filter(old.and(requests::begun_at.lt(before)));
        diesel::delete(old).execute(conn).await?;
    }
    Ok(more)
}

/// Deletes some of an account's. Whether there may be more.
pub(super) async fn forget_of(conn: &mut Conn, owner: i64, limit: usize) -> Result<bool, Failure> {
    let theirs = requests::table.filter(requests::owner_id.eq(owner)).limit(rows::number(limit));
    let keys: Vec<Vec<u8>> = theirs.select(requests::key).load(conn).await?;
    let more = keys.len() == limit;
    if !keys.is_empty() {
        let these = requests::owner_id.eq(owner).and(requests::key.eq_any(keys));
        diesel::delete(requests::table.filter(these)).execute(conn).await?;
    }
    Ok(more)
}
