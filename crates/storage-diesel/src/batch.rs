//! Inserting many rows with one INSERT, on either database.
//!
//! diesel-async cannot insert a `Vec` into SQLite (diesel_async#277), so the rows are passed off as the
//! values of a single row: `(columns) VALUES (` row `), (` row `), (` row `)`.

use diesel::Table;
use diesel::backend::Backend;
use diesel::insertable::{CanInsertInSingleQuery, InsertValues, Insertable};
use diesel::query_builder::{
    AstPass, QueryFragment, QueryId, UndecoratedInsertRecord, ValuesClause,
};
use diesel::result::{Error, QueryResult};

/// Statements for batches up to this size are cached; those for larger ones would fill the cache.
pub(crate) const KEPT_SIZES: usize = 16;

/// Rows to insert at once, at least one. They must all name the same columns
/// (`treat_none_as_default_value = false`).
pub(crate) struct Batch<R>(pub(crate) Vec<R>);

/// The values that a [`Batch`] becomes.
pub(crate) struct BatchValues<V>(Vec<V>);

impl<R, V, T> Insertable<T> for Batch<R>
where
    R: Insertable<T, Values = ValuesClause<V, T>>,
{
    type Values = ValuesClause<BatchValues<V>, T>;

    fn values(self) -> Self::Values {
        let mut clause = ValuesClause::<BatchValues<V>, T>::default();
        clause.values.0 = self.0.into_iter().map(|row| row.values().values).collect();
        clause
    }
}

impl<V> Default for BatchValues<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V, T> UndecoratedInsertRecord<T> for BatchValues<V> where V: UndecoratedInsertRecord<T> {}

impl<V> QueryId for BatchValues<V> {
    type QueryId = ();
    // The SQL depends on the number of rows, so the SQL itself is the cache key.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<V, DB: Backend> CanInsertInSingleQuery<DB> for BatchValues<V> {
    fn rows_to_insert(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

impl<V, T, DB> InsertValues<DB, T> for BatchValues<V>
where
    V: InsertValues<DB, T>,
    T: Table,
    DB: Backend,
{
    fn column_names(&self, out: AstPass<'_, '_, DB>) -> QueryResult<()> {
        let first = self.0.first();
        first
            .ok_or_else(|| Error::QueryBuilderError("a batch without rows".into()))?
            .column_names(out)
    }
}

impl<V, DB> QueryFragment<DB> for BatchValues<V>
where
    V: QueryFragment<DB>,
    DB: Backend,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if self.0.len() > KEPT_SIZES {
            out.unsafe_to_cache_prepared();
        }
        for (i, row) in self.0.iter().enumerate() {
            if i > 0 {
                out.push_sql("), (");
            }
            row.walk_ast(out.reborrow())?;
        }
        Ok(())
    }
}
