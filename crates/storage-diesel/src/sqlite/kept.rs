//! Statements that each message needs, and that are kept prepared. The query builder takes it that every UPDATE has a
//! text of its own, and prepares it anew, which takes longer than running it.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::result::QueryResult;
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;

/// A statement, and the numbers that stand for its `?`s.
pub(super) struct Kept<const N: usize>(pub(super) &'static str, pub(super) [i64; N]);

impl<const N: usize> QueryId for Kept<N> {
    type QueryId = ();
    // The text itself is the cache's key.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<const N: usize, Conn> RunQueryDsl<Conn> for Kept<N> {}

impl<const N: usize> QueryFragment<Sqlite> for Kept<N> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let mut parts = self.0.split('?');
        for (number, part) in self.1.iter().zip(parts.by_ref()) {
            out.push_sql(part);
            out.push_bind_param::<BigInt, _>(number)?;
        }
        parts.for_each(|rest| out.push_sql(rest));
        Ok(())
    }
}
