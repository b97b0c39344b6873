//! Protocols of other chat servers, so that the front ends that were written for them work here as
//! they are.
//!
//! A dialect is one folder: it takes requests and frames apart, calls the use cases that the native
//! API calls, and puts the answers together in its own words. It has no rule, no query and no
//! permission check. What several of them need is in the files beside the folders; no dialect knows
//! of another.

mod body;
mod chats;
mod deleting;
mod fields;
mod form;
mod lists;
mod open;
mod profile;
mod refusal;
mod route;
mod typed;
mod who;
mod words;

use self::route::Route;
use crate::path::fits;
use crate::rate_limit::Class;
use actix_web::web::ServiceConfig;

/// Declares each dialect once: its folder, its place in the list, its slot for frames.
macro_rules! dialects {
    ($($name:ident,)+) => {
        $(mod $name;)+

        /// Where a dialect's frames are kept beside an event.
        #[allow(non_camel_case_types, dead_code, reason = "they are the folders, and some keep none")]
        enum Slot { $($name,)+ }

        const LIST: &[&Dialect] = &[$(&$name::DIALECT,)+];
    };
}

// In the order in which their paths are tried: an address of rooms can be a name.
dialects! {
    dialogs,
    events,
    minichat,
    flowchat,
    rooms,
}

/// How many there are.
pub const COUNT: usize = LIST.len();

/// A protocol of another server.
struct Dialect {
    /// What settings call it.
    name: &'static str,
    /// Its addresses.
    routes: &'static [Route],
    /// Addresses that are tried after those of all others.
    last: Option<fn(&mut ServiceConfig)>,
    /// Reads a frame and forgets it, for those who try what any text does.
    #[cfg(any(test, fuzzing))]
    read: fn(&str),
}

/// Reads a frame of the dialect of that name and forgets it.
#[cfg(fuzzing)]
pub fn read(dialect: &str, frame: &str) {
    let found = LIST.iter().find(|known| known.name == dialect);
    (found.expect("the name of a dialect").read)(frame);
}

/// Those that are served.
#[derive(Clone)]
pub struct Dialects(Vec<&'static Dialect>);

impl Default for Dialects {
    fn default() -> Self {
        Self(LIST.to_vec())
    }
}

impl Dialects {
    /// Those of these names; `None` if one of them is nothing.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let find = |name| LIST.iter().find(|dialect| dialect.name == name).copied();
        names.into_iter().map(find).collect::<Option<_>>().map(Self)
    }

    /// The names of all that there are.
    pub fn all() -> Vec<&'static str> {
        LIST.iter().map(|dialect| dialect.name).collect()
    }

    /// The names of those that are served.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|dialect| dialect.name).collect()
    }

    /// Puts each at its addresses.
    pub(crate) fn configure(&self, app: &mut ServiceConfig) {
        for dialect in &self.0 {
            route::configure(app, dialect.routes);
        }
        for last in self.0.iter().filter_map(|dialect| dialect.last) {
            last(app);
        }
    }
}

/// What a request to an address of a dialect counts as.
pub(crate) fn class_of(method: &str, path: &str) -> Option<Class> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let routes = LIST.iter().flat_map(|dialect| dialect.routes);
    let mut here = routes.filter(|route| fits(route.path, path) && route.method == method);
    here.next().map(|route| route.class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use std::fs;

    #[test]
    fn a_dialect_is_found_by_its_name() {
        let names = Dialects::all();
        assert_eq!(Dialects::default().names(), names);
        assert_eq!(Dialects::named(names.iter().copied()).map(|all| all.names()), Some(names));
        assert!(Dialects::named(["klingon"]).is_none());
        assert_eq!(Dialects::named([]).map(|none| none.names().len()), Some(0));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}", json in r#"[{}\[\]",:0-9a-z ]{0,60}"#) {
            for dialect in LIST {
                (dialect.read)(&text);
                (dialect.read)(&json);
            }
        }
    }

    /// The test that looks for leaks takes the addresses from these pages.
    #[test]
    fn the_page_of_each_lists_its_addresses() {
        for dialect in LIST {
            let page =
                format!("{}/../../docs/dialects/{}.md", env!("CARGO_MANIFEST_DIR"), dialect.name);
            let page = fs::read_to_string(&page).unwrap_or_else(|error| panic!("{page}: {error}"));
            let cells = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
            let listed: BTreeSet<_> =
                cells.filter(|cell| cell.contains(" /")).map(str::to_owned).collect();
            let routes: BTreeSet<_> =
                dialect.routes.iter().map(|r| format!("{} {}", r.method, r.path)).collect();
            assert_eq!(listed, routes, "docs/dialects/{}.md", dialect.name);
        }
    }
}
