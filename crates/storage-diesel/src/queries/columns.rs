//! What of a row's type a query asks for.

use super::Db;
use diesel::dsl::AsSelect;
use diesel::prelude::{Selectable, SelectableHelper};

/// The columns of a row's type, for a `select` or what a statement returns.
///
/// diesel has these methods too (`SelectableHelper`), for any database. Then the compiler does not know
/// which one is meant before the call that takes the connection, and tries everything that is known of
/// a query again at each step until there: checking the types of this crate took ten times as long.
pub(super) trait Columns: Selectable<Db> + Sized {
    fn as_select() -> AsSelect<Self, Db> {
        SelectableHelper::as_select()
    }
    fn as_returning() -> AsSelect<Self, Db> {
        SelectableHelper::as_returning()
    }
}

impl<T: Selectable<Db>> Columns for T {}
