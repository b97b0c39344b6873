//! Pictures of hosts' people that are to be fetched.

use super::{Conn, Store, lock_users, media};
use crate::error::Failure;
use crate::rows;
use crate::schema::{avatars, host_accounts};
use crate::types::Instant;
use async_trait::async_trait;
use diesel::prelude::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::clock::Timestamp;
use domain::failure::StoreError;
use domain::host::{PictureAddress, PictureChange};
use domain::ids::UserId;
use domain::media::{DuePicture, FileKey, HostPictureStore};

#[async_trait]
impl HostPictureStore for Store {
    async fn take(
        &self,
        now: Timestamp,
        again: Timestamp,
        limit: usize,
    ) -> Result<Vec<DuePicture>, StoreError> {
        let now = Instant(now);
        // Mostly there are none, and then nothing is written.
        let due = self.db.read(move |conn| Box::pin(due(conn, now, limit))).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let take = (now, Instant(again));
        Ok(self.db.write_apart(move |conn| Box::pin(taken(conn, due, take))).await?)
    }

    async fn keep(
        &self,
        picture: &DuePicture,
        key: FileKey,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (picture, at) = (picture.clone(), Instant(at));
        Ok(self.db.write_apart(move |conn| Box::pin(keep(conn, picture, key, at))).await?)
    }

    async fn put_off(
        &self,
        picture: &DuePicture,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let (picture, until) = (picture.clone(), until.map(Instant));
        Ok(self.db.write_apart(move |conn| Box::pin(put_off(conn, picture, until))).await?)
    }
}

/// A picture that is due: whose, where, and how often it was tried.
type Due = (i64, Option<String>, i64);

async fn due(conn: &mut Conn, now: Instant, limit: usize) -> Result<Vec<Due>, Failure> {
    let due = host_accounts::table
        .filter(host_accounts::picture_due.le(now))
        .order((host_accounts::picture_due, host_accounts::user_id))
        .limit(rows::number(limit))
        .select((
            host_accounts::user_id,
            host_accounts::said_picture,
            host_accounts::picture_tries,
        ));
    Ok(due.load(conn).await?)
}

/// Those of the pictures that nobody has taken since they were read.
async fn taken(
    conn: &mut Conn,
    due: Vec<Due>,
    (now, again): (Instant, Instant),
) -> Result<Vec<DuePicture>, Failure> {
    let mut taken = Vec::with_capacity(due.len());
    for (user, address, tries) in due {
        let Some(address) = address else { continue };
        let same = host_accounts::user_id.eq(user).and(host_accounts::picture_tries.eq(tries));
        let same = same.and(host_accounts::said_picture.eq(address.clone()));
        let there = host_accounts::table.filter(same.and(host_accounts::picture_due.le(now)));
        let values = (
            host_accounts::picture_due.eq(Some(again)),
            host_accounts::picture_tries.eq(tries.saturating_add(1)),
        );
        if diesel::update(there).set(values).execute(conn).await? == 1 {
            taken.push(DuePicture {
                user: UserId::stored(user),
                address: PictureAddress::stored(address),
                attempt: u32::try_from(tries.saturating_add(1)).unwrap_or(u32::MAX),
            });
        }
    }
    Ok(taken)
}

async fn keep(
    conn: &mut Conn,
    picture: DuePicture,
    key: FileKey,
    at: Instant,
) -> Result<(), Failure> {
    let user = picture.user.get();
    lock_users(conn, vec![user]).await?;
    let same = host_accounts::user_id.eq(user).and(host_accounts::picture_due.is_not_null());
    let same = same.and(host_accounts::said_picture.eq(picture.address.as_str()));
    let nothing = host_accounts::picture_due.eq(None::<Instant>);
    let done = diesel::update(host_accounts::table.filter(same)).set(nothing);
    if done.execute(conn).await? == 0 {
        return Err(Failure::CONFLICT);
    }
    media::replace_avatar(conn, user, Some(key), at).await
}

async fn put_off(
    conn: &mut Conn,
    picture: DuePicture,
    until: Option<Instant>,
) -> Result<(), Failure> {
    let same = host_accounts::user_id
        .eq(picture.user.get())
        .and(host_accounts::picture_due.is_not_null())
        .and(host_accounts::picture_tries.eq(i64::from(picture.attempt)))
        .and(host_accounts::said_picture.eq(picture.address.as_str()));
    let same = diesel::update(host_accounts::table.filter(same));
    same.set(host_accounts::picture_due.eq(until)).execute(conn).await?;
    Ok(())
}

/// Has the picture fetched that a host names, if it is to be. The account must be locked.
pub(super) async fn change(
    conn: &mut Conn,
    user: i64,
    change: PictureChange,
    now: Timestamp,
) -> Result<(), Failure> {
    let is_due = match change {
        PictureChange::Stays => return Ok(()),
        PictureChange::Renamed => true,
        PictureChange::Named => {
            let chosen = avatars::table.filter(avatars::user_id.eq(user)).count();
            chosen.get_result::<i64>(conn).await? == 0
        }
    };
    let values = (
        host_accounts::picture_due.eq(is_due.then_some(Instant(now))),
        host_accounts::picture_tries.eq(0),
    );
    let theirs = host_accounts::table.filter(host_accounts::user_id.eq(user));
    diesel::update(theirs).set(values).execute(conn).await?;
    Ok(())
}

/// Has no picture fetched for somebody, who has chosen one, or none. The account must be locked.
pub(super) async fn forget_due(conn: &mut Conn, user: i64) -> Result<(), Failure> {
    let due = host_accounts::user_id.eq(user).and(host_accounts::picture_due.is_not_null());
    let nothing = host_accounts::picture_due.eq(None::<Instant>);
    diesel::update(host_accounts::table.filter(due)).set(nothing).execute(conn).await?;
    Ok(())
}
