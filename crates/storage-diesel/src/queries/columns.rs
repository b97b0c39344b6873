//! Selecting the columns of a row's type.

use super::Db;
use diesel::dsl::AsSelect;
use diesel::prelude::{Selectable, SelectableHelper};

/// The columns of a row's type, for a `select` or a `returning`.
///
/// diesel has these methods, too (`SelectableHelper`), but for any database. The compiler then does not know
/// which one is meant until the call that takes the connection, and tries every trait implementation again at
/// each step: type-checking this crate took ten times as long.
pub(super) trait Columns: Selectable<Db> + Sized {
    fn as_select() -> AsSelect<Self, Db> {
        SelectableHelper::as_select()
    }
    fn as_returning() -> AsSelect<Self, Db> {
        SelectableHelper::as_returning()
    }
}

impl<T: Selectable<Db>> Columns for T {}
