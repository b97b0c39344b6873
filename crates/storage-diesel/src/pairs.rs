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
use diesel::sql_types::{Array, Bool, HasSqlType, SingleValue};
use diesel::sqlite::Sqlite;
use std::marker::PhantomData;

/// A condition: the row's two columns are one of these pairs. `ST` is the pair of their SQL types.
pub(crate) struct In<ST, A, B, U, V> {
    columns: (A, B),
    firsts: Vec<U>,
    seconds: Vec<V>,
    types: PhantomData<ST>,
}

/// The condition that the columns `a` and `b` are one of these pairs.
pub(crate) fn pair_in<ST, A, B, U, V>(a: A, b: B, pairs: Vec<(U, V)>) -> In<ST, A, B, U, V> {
    let (firsts, seconds) = pairs.into_iter().unzip();
    In { columns: (a, b), firsts, seconds, types: PhantomData }
}

/// The indices of so many rows, one at least, rounded up to a power of two by repeating the last, so that ten
/// prepared statements serve all sizes.
pub(crate) fn padded(rows: usize) -> impl Iterator<Item = usize> {
    (0..rows.next_power_of_two()).map(move |i| i.min(rows - 1))
}

impl<ST, A, B, U, V> Expression for In<ST, A, B, U, V> {
    type SqlType = Bool;
}

impl<ST, A, B, U, V, QS> AppearsOnTable<QS> for In<ST, A, B, U, V>
where
    A: AppearsOnTable<QS>,
    B: AppearsOnTable<QS>,
{
}

impl<ST, A, B, U, V, QS> SelectableExpression<QS> for In<ST, A, B, U, V> where
    Self: AppearsOnTable<QS>
{
}

impl<ST, A, B, U, V> ValidGrouping<()> for In<ST, A, B, U, V> {
    type IsAggregate = is_aggregate::No;
}

impl<ST, A, B, U, V> QueryId for In<ST, A, B, U, V> {
    type QueryId = ();
    // SQLite's SQL depends on the number of pairs, so the SQL itself is the cache key.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST, A, B, U, V> In<ST, A, B, U, V> {
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

impl<UT, VT, A, B, U, V> QueryFragment<Pg> for In<(UT, VT), A, B, U, V>
where
    Pg: HasSqlType<UT> + HasSqlType<VT>,
    A: QueryFragment<Pg>,
    B: QueryFragment<Pg>,
    UT: SingleValue,
    VT: SingleValue,
    Vec<U>: ToSql<Array<UT>, Pg>,
    Vec<V>: ToSql<Array<VT>, Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.walk_columns(out.reborrow())?;
        out.push_sql(" IN (SELECT * FROM unnest(");
        out.push_bind_param::<Array<UT>, _>(&self.firsts)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<VT>, _>(&self.seconds)?;
        out.push_sql("))");
        Ok(())
    }
}

impl<UT, VT, A, B, U, V> QueryFragment<Sqlite> for In<(UT, VT), A, B, U, V>
where
    Sqlite: HasSqlType<UT> + HasSqlType<VT>,
    A: QueryFragment<Sqlite>,
    B: QueryFragment<Sqlite>,
    U: ToSql<UT, Sqlite>,
    V: ToSql<VT, Sqlite>,
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
            out.push_bind_param::<UT, _>(&self.firsts[i])?;
            out.push_sql(", ");
            out.push_bind_param::<VT, _>(&self.seconds[i])?;
            out.push_sql(")");
        }
        out.push_sql(")");
        Ok(())
    }
}
