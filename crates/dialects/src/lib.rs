//! Protocols of other chat servers, so that the front ends that were written for them work here as
//! they are.
//!
//! A dialect is one folder: it takes requests and frames apart, calls the use cases that the native
//! API calls, and puts the answers together in its own words. It has no rule, no query and no
//! permission check. What several of them need is in `shared`; no dialect knows of another.

mod dialogs;
mod events;
mod flowchat;
mod minichat;
mod rooms;
mod shared;

use crate::shared::dialect::Dialect;
use crate::shared::route;
use actix_web::web::{Data, ServiceConfig};
use http_core::Mount;
use http_core::rate_limit::RouteClasses;
use realtime::{Codec, SocketServices};

pub use shared::services::Services;

/// All that there are, in the order in which their paths are tried: an address of rooms can be a name.
const LIST: [&Dialect; 5] =
    [&dialogs::DIALECT, &events::DIALECT, &minichat::DIALECT, &flowchat::DIALECT, &rooms::DIALECT];

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

    /// What makes their frames.
    pub fn codecs(&self) -> Vec<&'static dyn Codec> {
        self.0.iter().filter_map(|dialect| dialect.codec).collect()
    }

    /// Puts each at its addresses, calling these.
    pub fn mount(&self, services: Services, sockets: SocketServices) -> Mount {
        let mut classes = RouteClasses::default();
        for dialect in &self.0 {
            route::count(&mut classes, dialect.routes);
        }
        let (dialects, services, sockets) = (self.clone(), Data::new(services), Data::new(sockets));
        let configure = move |app: &mut ServiceConfig| {
            app.app_data(services.clone()).app_data(sockets.clone());
            dialects.configure(app);
        };
        Mount::new(configure, classes)
    }

    fn configure(&self, app: &mut ServiceConfig) {
        for dialect in &self.0 {
            route::configure(app, dialect.routes);
        }
        for last in self.0.iter().filter_map(|dialect| dialect.last) {
            last(app);
        }
    }
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
