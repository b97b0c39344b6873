//! `(a, b) IN (VALUES (…), (…))`: many keys of two columns in one query, on either database.
//!
//! Two lists would not do: they ask for every a with every b.

use diesel::backend::Backend;
use diesel::expression::is_aggregate;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Bool, HasSqlType, SingleValue};
use std::marker::PhantomData;

/// Whether the row's two columns are one of these pairs.
pub(crate) struct In<A, B, V, ST> {
    columns: (A, B),
    pairs: Vec<(i64, V)>,
    second: PhantomData<ST>,
}

/// The condition on the columns `a` (a number) and `b`.
pub(crate) fn pair_in<A, B, V, ST>(a: A, b: B, mut pairs: Vec<(i64, V)>) -> In<A, B, V, ST>
where
    V: Clone,
    B: Expression,
{
    // Sizes are rounded up by saying the last again: ten prepared statements serve all.
    if let Some(last) = pairs.last().cloned() {
        pairs.resize(pairs.len().next_power_of_two(), last);
    }
    In { columns: (a, b), pairs, second: PhantomData }
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
    // The number of pairs is in the text, so the text is the key.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<A, B, V, ST, DB> QueryFragment<DB> for In<A, B, V, ST>
where
    DB: Backend + HasSqlType<ST> + HasSqlType<BigInt>,
    A: QueryFragment<DB>,
    B: QueryFragment<DB>,
    ST: SingleValue,
    i64: ToSql<BigInt, DB>,
    V: ToSql<ST, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.pairs.is_empty() {
            out.push_sql("1 = 0");
            return Ok(());
        }
        out.push_sql("(");
        self.columns.0.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.columns.1.walk_ast(out.reborrow())?;
        out.push_sql(") IN (VALUES ");
        for (i, (a, b)) in self.pairs.iter().enumerate() {
            out.push_sql(if i == 0 { "(" } else { ", (" });
            out.push_bind_param::<BigInt, _>(a)?;
            out.push_sql(", ");
            out.push_bind_param::<ST, _>(b)?;
            out.push_sql(")");
        }
        out.push_sql(")");
        Ok(())
    }
}
