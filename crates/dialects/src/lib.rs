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
mod texts;

use crate::shared::dialect::Dialect;
use crate::shared::place::Place;
use crate::shared::route::{self, Placed};
use crate::shared::sign_up::SignUps;
use actix_web::web::{Data, ServiceConfig};
use http_core::Mount;
use http_core::rate_limit::RouteClasses;
use realtime::{Codec, SocketServices};

pub use shared::services::Services;

/// All that there are.
const LIST: [&Dialect; 5] =
    [&dialogs::DIALECT, &events::DIALECT, &minichat::DIALECT, &flowchat::DIALECT, &rooms::DIALECT];

/// Reads a frame of the dialect of that name and forgets it.
#[cfg(fuzzing)]
pub fn read(dialect: &str, frame: &str) {
    let found = LIST.iter().find(|known| known.name == dialect);
    (found.expect("the name of a dialect").read)(frame);
}

/// Those that are served, and where.
#[derive(Clone)]
pub struct Dialects(Vec<Served>);

#[derive(Clone)]
struct Served {
    dialect: &'static Dialect,
    place: Place,
}

impl Default for Dialects {
    /// All of them, beside each other.
    fn default() -> Self {
        let served = LIST.iter().map(|dialect| Served { dialect, place: Place::Shared });
        Self(served.collect())
    }
}

impl Dialects {
    /// Those of these words: a name, or a name and its place as in `rooms@chat.example.org` and
    /// `rooms@/rooms`. `None` if one of them is nothing, or a name or a place comes twice.
    pub fn named<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut served: Vec<Served> = Vec::new();
        for word in words {
            let (name, place) = match word.split_once('@') {
                Some((name, place)) => (name, Place::parse(place)?),
                None => (word, Place::Shared),
            };
            let dialect = LIST.iter().find(|dialect| dialect.name == name).copied()?;
            let twice = |other: &Served| {
                other.dialect.name == name || (place != Place::Shared && other.place == place)
            };
            if served.iter().any(twice) {
                return None;
            }
            served.push(Served { dialect, place });
        }
        Some(Self(served))
    }

    /// The names of all that there are.
    pub fn all() -> Vec<&'static str> {
        LIST.iter().map(|dialect| dialect.name).collect()
    }

    /// The names of those that are served, each with its place.
    pub fn names(&self) -> Vec<String> {
        let word = |served: &Served| format!("{}{}", served.dialect.name, served.place);
        self.0.iter().map(word).collect()
    }

    /// The roles that their accounts may have besides those of everybody.
    pub fn roles(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().flat_map(|served| served.dialect.roles).copied()
    }

    /// What makes their frames.
    pub fn codecs(&self) -> Vec<&'static dyn Codec> {
        self.0.iter().filter_map(|served| served.dialect.codec).collect()
    }

    /// How each makes accounts at the address that it shares with others.
    fn sign_ups(&self) -> SignUps {
        let one = |Served { dialect, place }: &Served| Some((place.clone(), dialect.sign_up?));
        SignUps::new(self.0.iter().filter_map(one).collect())
    }

    /// Puts each at its addresses, calling these.
    pub fn mount(&self, services: Services, sockets: SocketServices) -> Mount {
        let mut classes = RouteClasses::default();
        for placed in self.placed() {
            route::count(&mut classes, &placed);
        }
        let (services, sockets) = (Data::new(services), Data::new(sockets));
        let (dialects, sign_ups) = (self.clone(), Data::new(self.sign_ups()));
        let configure = move |app: &mut ServiceConfig| {
            app.app_data(services.clone()).app_data(sockets.clone()).app_data(sign_ups.clone());
            route::configure(app, &dialects.placed(), &dialects.hosts());
        };
        Mount::new(configure, classes)
    }

    fn placed(&self) -> Vec<Placed> {
        let placed = |served: &Served| {
            let Served { dialect, place } = served.clone();
            Placed { routes: dialect.routes, language: dialect.language, place }
        };
        self.0.iter().map(placed).collect()
    }

    fn hosts(&self) -> Vec<String> {
        let host = |served: &Served| match &served.place {
            Place::Host(host) => Some(host.clone()),
            Place::Shared | Place::Prefix(_) => None,
        };
        self.0.iter().filter_map(host).collect()
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
        let named = |words: &[&str]| Dialects::named(words.iter().copied()).map(|all| all.names());
        assert_eq!(named(&names), Some(names.iter().map(|name| (*name).to_owned()).collect()));
        let placed = ["flowchat@chat.example.org", "minichat@/minichat", "events"];
        assert_eq!(named(&placed), Some(placed.map(str::to_owned).to_vec()));
        assert_eq!(named(&[]), Some(Vec::new()));
        for bad in [
            &["klingon"][..],
            &["events", "events@/x"],
            &["events@/x", "rooms@/x"],
            &["events@"],
            &["events@/"],
        ] {
            assert_eq!(named(bad), None, "{bad:?}");
        }
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
