//! Column types that are stored differently: natively on PostgreSQL, compactly on SQLite.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
use domain::chat::Permissions;
use domain::clock::Timestamp;
use std::io::Write as _;

pub(crate) mod sql {
    use diesel::query_builder::QueryId;
    use diesel::sql_types::SqlType;

    /// `timestamptz` | `INTEGER` (microseconds since 1970).
    #[derive(Debug, Clone, Copy, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
    pub struct Instant;
}

/// A [`Timestamp`] as a column's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql::Instant)]
pub(crate) struct Instant(pub(crate) Timestamp);

/// 2000-01-01, PostgreSQL's epoch, in microseconds since 1970.
const PG_EPOCH: i64 = 946_684_800_000_000;

impl ToSql<sql::Instant, Pg> for Instant {
    fn to_sql(&self, out: &mut Output<'_, '_, Pg>) -> serialize::Result {
        let micros = self.0.as_micros().checked_sub(PG_EPOCH).ok_or("a time out of range")?;
        ToSql::<BigInt, Pg>::to_sql(&micros, &mut out.reborrow())
    }
}

impl FromSql<sql::Instant, Pg> for Instant {
    fn from_sql(raw: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Pg>>::from_sql(raw)?;
        let micros = micros.checked_add(PG_EPOCH).ok_or("a time out of range")?;
        Ok(Self(Timestamp::from_micros(micros)))
    }
}

impl ToSql<sql::Instant, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_micros());
        Ok(IsNull::No)
    }
}

impl FromSql<sql::Instant, Sqlite> for Instant {
    fn from_sql(raw: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Sqlite>>::from_sql(raw)?;
        Ok(Self(Timestamp::from_micros(micros)))
    }
}

/// [`Permissions`] on their way to or from a column, as words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub(crate) struct Permitted(pub(crate) Permissions);

impl Permitted {
    fn read(words: &str) -> deserialize::Result<Self> {
        Ok(Self(Permissions::stored(words).ok_or("no words of permissions")?))
    }
}

impl ToSql<Text, Pg> for Permitted {
    fn to_sql(&self, out: &mut Output<'_, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.to_words().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Text, Pg> for Permitted {
    fn from_sql(raw: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Self::read(&<String as FromSql<Text, Pg>>::from_sql(raw)?)
    }
}

impl ToSql<Text, Sqlite> for Permitted {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_words());
        Ok(IsNull::No)
    }
}

impl FromSql<Text, Sqlite> for Permitted {
    fn from_sql(raw: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Self::read(&<String as FromSql<Text, Sqlite>>::from_sql(raw)?)
    }
}
