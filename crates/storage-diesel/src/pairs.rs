//! Conditions on two columns together: is `(a, b)` one of these pairs?
//!
//! Two separate lists would match every a with every b. PostgreSQL gets two arrays, so one prepared
//! statement serves any number of pairs; SQLite has no arrays and gets rows of values.

use diesel::backend::Backend;
use diesel::expression::is_aggregate;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, Bool, HasSqlType, SingleValue};
use diesel::sqlite::Sqlite;
use std::marker::PhantomData;

/// A condition: the row's two columns are one of these pairs.
pub(crate) struct In<A, B, V, ST> {
    columns: (A, B),
    firsts: Vec<i64>,
    seconds: Vec<V>,
    second: PhantomData<ST>,
}

/// The condition that the columns `a`, a number, and `b` are one of these pairs.
pub(crate) fn pair_in<A, B, V, ST>(a: A, b: B, pairs: Vec<(i64, V)>) -> In<A, B, V, ST> {
    let (firsts, seconds) = pairs.into_iter().unzip();
    In { columns: (a, b), firsts, seconds, second: PhantomData }
}

/// The indices of so many rows, one at least, rounded up to a power of two by repeating the last, so that ten
/// prepared statements serve all sizes.
pub(crate) fn padded(rows: usize) -> impl Iterator<Item = usize> {
    (0..rows.next_power_of_two()).map(move |i| i.min(rows - 1))
}

impl<A, B, V, ST> Expression for In<A, B, V, ST> {
    type SqlType = Bool;
}

impl<A, B, V, ST, QS> AppearsOnTable<QS> for In<A, B, V, ST>
where
    A: AppearsOnTable<QS>,
    B: AppearsOnTable<QS>,
{
}

impl<A, B, V, ST, QS> SelectableExpression<QS> for In<A, B, V, ST> where Self: AppearsOnTable<QS> {}

impl<A, B, V, ST> ValidGrouping<()> for In<A, B, V, ST> {
    type IsAggregate = is_aggregate::No;
}

impl<A, B, V, ST> QueryId for In<A, B, V, ST> {
    type QueryId = ();
    // SQLite's SQL depends on the number of pairs, so the SQL itself is the cache key.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<A, B, V, ST> In<A, B, V, ST> {
    fn walk_columns<'b, DB>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()>
    where
        DB: Backend,
        A: QueryFragment<DB>,
        B: QueryFragment<DB>,
    {
        out.push_sql("(");
        self.columns.0.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.columns.1.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

impl<A, B, V, ST> QueryFragment<Pg> for In<A, B, V, ST>
where
    Pg: HasSqlType<ST>,
    A: QueryFragment<Pg>,
    B: QueryFragment<Pg>,
    ST: SingleValue,
    Vec<V>: ToSql<Array<ST>, Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.walk_columns(out.reborrow())?;
        out.push_sql(" IN (SELECT * FROM unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&self.firsts)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<ST>, _>(&self.seconds)?;
        out.push_sql("))");
        Ok(())
    }
}

impl<A, B, V, ST> QueryFragment<Sqlite> for In<A, B, V, ST>
where
    Sqlite: HasSqlType<ST>,
    A: QueryFragment<Sqlite>,
    B: QueryFragment<Sqlite>,
    V: ToSql<ST, Sqlite>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if self.firsts.is_empty() {
            out.push_sql("1 = 0");
            return Ok(());
        }
        self.walk_columns(out.reborrow())?;
        out.push_sql(" IN (VALUES ");
        for (nth, i) in padded(self.firsts.len()).enumerate() {
            out.push_sql(if nth == 0 { "(" } else { ", (" });
            out.push_bind_param::<BigInt, _>(&self.firsts[i])?;
            out.push_sql(", ");
            out.push_bind_param::<ST, _>(&self.seconds[i])?;
            out.push_sql(")");
        }
        out.push_sql(")");
        Ok(())
    }
}
