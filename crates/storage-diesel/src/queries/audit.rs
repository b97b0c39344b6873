//! The audit log. An entry is written in the same transaction as the change that it records.

use super::{Conn, lock_users};
use crate::batch::Batch;
use crate::error::Failure;
use crate::rows;
use crate::schema::audit_log;
use crate::types::Instant;
use diesel::prelude::{
    BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable,
};
use diesel_async::RunQueryDsl;
use domain::admin::{
    AuditAction, AuditEntry, AuditKind, AuditPage, AuditQuery, AuditTarget, Record,
};
use domain::clock::Timestamp;
use domain::ids::{AuditId, UserId};
use domain::limits;
use domain::session::{Device, Origin, Protocol, RefusedSignIn};
use std::net::IpAddr;

/// An entry to be inserted.
#[derive(Insertable)]
#[diesel(table_name = audit_log, treat_none_as_default_value = false)]
struct NewLine {
    at: Instant,
    actor_id: Option<i64>,
    action: &'static str,
    target_id: i64,
    detail: String,
    sign_in: bool,
    address: Option<String>,
    protocol: Option<String>,
    device: Option<String>,
}

impl NewLine {
    fn new(target: i64, record: &Record) -> Self {
        let origin = record.origin.as_ref();
        Self {
            at: Instant(record.at),
            actor_id: record.actor.map(UserId::get),
            action: record.action.as_str(),
            target_id: target,
            detail: record.detail.clone(),
            sign_in: record.action.kind() == AuditKind::SignIn,
            address: origin.map(|origin| origin.address.to_string()),
            protocol: origin.map(|origin| origin.protocol.as_str().to_owned()),
            device: origin.map(|origin| origin.device.as_str().to_owned()),
        }
    }
}

/// Writes entries about changes, each with the id of what it is about.
pub(super) async fn write_changes(
    conn: &mut Conn,
    records: Vec<(i64, &Record)>,
) -> Result<(), Failure> {
    let lines: Vec<_> =
        records.into_iter().map(|(target, record)| NewLine::new(target, record)).collect();
    if !lines.is_empty() {
        diesel::insert_into(audit_log::table).values(Batch(lines)).execute(conn).await?;
    }
    Ok(())
}

/// Writes an entry about whatever has the id `target`.
pub(super) async fn write(conn: &mut Conn, target: i64, record: &Record) -> Result<(), Failure> {
    let values = NewLine::new(target, record);
    diesel::insert_into(audit_log::table).values(values).execute(conn).await?;
    match record.action.kind() {
        AuditKind::Change => Ok(()),
        AuditKind::SignIn => forget_surplus(conn, target, record.action).await,
    }
}

/// Writes an entry about whatever has the id `target`, if there is to be one.
pub(super) async fn note(
    conn: &mut Conn,
    target: i64,
    record: Option<Record>,
) -> Result<(), Failure> {
    match record {
        Some(record) => write(conn, target, &record).await,
        None => Ok(()),
    }
}

/// Keeps only an account's newest sign-in entries of this action.
async fn forget_surplus(conn: &mut Conn, target: i64, action: AuditAction) -> Result<(), Failure> {
    let alike = audit_log::target_id.eq(target).and(audit_log::action.eq(action.as_str()));
    let kept = rows::number(limits::SIGN_INS_KEPT);
    let newest = audit_log::table.filter(alike).order(audit_log::id.desc());
    let surplus = newest.offset(kept).limit(1).select(audit_log::id);
    if let Some(last) = surplus.first::<i64>(conn).await.optional()? {
        let surplus = audit_log::table.filter(alike.and(audit_log::id.le(last)));
        diesel::delete(surplus).execute(conn).await?;
    }
    Ok(())
}

/// Records a refused sign-in. Attempts for unknown accounts share one entry per hour, which counts them,
/// so that guessing names cannot fill the log.
pub(super) async fn refused(conn: &mut Conn, refused: RefusedSignIn) -> Result<(), Failure> {
    let RefusedSignIn { account, origin, at, why } = refused;
    let origin = origin.filter(|_| account.is_some());
    let record = Record::refused(why, origin, at);
    let target = account.map_or(AuditTarget::NOBODY, UserId::get);
    lock_users(conn, vec![target]).await?;
    if account.is_none() && count_refusal(conn, at).await? {
        return Ok(());
    }
    write(conn, target, &record).await
}

/// Adds an attempt to this hour's entry, and returns whether there is one.
async fn count_refusal(conn: &mut Conn, at: Timestamp) -> Result<bool, Failure> {
    let alike = audit_log::target_id
        .eq(AuditTarget::NOBODY)
        .and(audit_log::action.eq(AuditAction::SessionRefused.as_str()));
    let last = audit_log::table.filter(alike).order(audit_log::id.desc());
    let last = last.select((audit_log::id, audit_log::at));
    let last = last.first::<(i64, Instant)>(conn).await.optional()?;
    let since = at.minus(limits::REFUSALS_TOGETHER);
    let Some((id, _)) = last.filter(|(_, began)| began.0 > since) else { return Ok(false) };
    let row = audit_log::table.filter(audit_log::id.eq(id));
    let more = audit_log::count.eq(audit_log::count + 1);
    Ok(diesel::update(row).set(more).execute(conn).await? > 0)
}

/// Deletes a batch of the oldest sign-in entries, as far as they are from before that time.
pub(super) async fn forget(conn: &mut Conn, before: Timestamp) -> Result<(), Failure> {
    let oldest = audit_log::table.filter(audit_log::sign_in.eq(true)).order(audit_log::id);
    let oldest = oldest.limit(rows::number(limits::AUDIT_FORGOTTEN));
    let oldest = oldest.select((audit_log::id, audit_log::at)).load::<(i64, Instant)>(conn).await?;
    let old = oldest.into_iter().filter(|(_, at)| at.0 < before);
    let old: Vec<_> = old.map(|(id, _)| id).collect();
    if !old.is_empty() {
        diesel::delete(audit_log::table.filter(audit_log::id.eq_any(old))).execute(conn).await?;
    }
    Ok(())
}

/// A stored entry.
#[derive(Queryable)]
struct LogRow {
    id: i64,
    at: Instant,
    actor: Option<i64>,
    action: String,
    target: i64,
    detail: String,
    address: Option<String>,
    protocol: Option<String>,
    device: Option<String>,
    count: i64,
}

pub(super) async fn read(conn: &mut Conn, query: AuditQuery) -> Result<AuditPage, Failure> {
    let AuditQuery { kind, before, limit } = query;
    let mut lines = audit_log::table
        .filter(audit_log::id.lt(before.map_or(i64::MAX, AuditId::get)))
        .order(audit_log::id.desc())
        .limit(rows::one_more(limit))
        .select((
            audit_log::id,
            audit_log::at,
            audit_log::actor_id,
            audit_log::action,
            audit_log::target_id,
            audit_log::detail,
            audit_log::address,
            audit_log::protocol,
            audit_log::device,
            audit_log::count,
        ))
        .into_boxed();
    if let Some(kind) = kind {
        lines = lines.filter(audit_log::sign_in.eq(kind == AuditKind::SignIn));
    }
    let lines = lines.load::<LogRow>(conn).await?;
    let mut entries = lines.into_iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    let more = rows::cut(&mut entries, limit);
    Ok(AuditPage { entries, more })
}

fn entry(row: LogRow) -> Result<AuditEntry, Failure> {
    let action = AuditAction::parse(&row.action).ok_or(Failure::damaged("audit_log.action"))?;
    let origin = match (row.address, row.protocol, row.device) {
        (Some(address), Some(protocol), Some(device)) => Some(Origin {
            address: address
                .parse::<IpAddr>()
                .map_err(|_| Failure::damaged("audit_log.address"))?,
            protocol: Protocol::new(&protocol),
            device: Device::new(&device),
        }),
        _ => None,
    };
    let (actor, at, detail) = (row.actor.map(UserId::stored), row.at.0, row.detail);
    Ok(AuditEntry {
        id: AuditId::stored(row.id),
        target: AuditTarget::of(action, row.target),
        record: Record { actor, at, action, detail, origin },
        count: u32::try_from(row.count).map_err(|_| Failure::damaged("audit_log.count"))?,
    })
}
