//! Dialects: the protocols of other chat servers, so that front ends that were written for these work here
//! unchanged.
//!
//! A dialect is one folder. It parses requests and frames, calls the same use cases as the native API, and
//! renders the answers in its own format. It contains no rules, no queries and no permission checks. What
//! several dialects need is in `shared`; no dialect depends on another.

mod dialogs;
mod events;
mod flowchat;
mod minichat;
mod rooms;
mod shared;
mod texts;

use crate::shared::dialect::Dialect;
use crate::shared::place::Place;
use crate::shared::route::{self, Part, Placed};
use crate::shared::sign_up::SignUps;
use actix_web::web::{Data, ServiceConfig};
use http_core::Mount;
use http_core::rate_limit::RouteClasses;
use realtime::{Codec, SocketServices};

pub use shared::services::Services;

/// All dialects.
const LIST: [&Dialect; 5] =
    [&dialogs::DIALECT, &events::DIALECT, &minichat::DIALECT, &flowchat::DIALECT, &rooms::DIALECT];

/// Parses a frame in the dialect of that name, and drops the result.
#[cfg(fuzzing)]
pub fn read(dialect: &str, frame: &str) {
    let found = LIST.iter().find(|known| known.name == dialect);
    (found.expect("the name of a dialect").read)(frame);
}

/// The dialects that are served, and where.
#[derive(Clone)]
pub struct Dialects(Vec<Served>);

#[derive(Clone)]
struct Served {
    dialect: &'static Dialect,
    place: Place,
}

impl Default for Dialects {
    /// All of them, in the same place.
    fn default() -> Self {
        let served = LIST.iter().map(|dialect| Served { dialect, place: Place::Shared });
        Self(served.collect())
    }
}

impl Dialects {
    /// Parses words: each is a dialect's name, or its name and place, as in `rooms@chat.example.org` and
    /// `rooms@/rooms`. `None` if a word is invalid, or if a name or a place occurs twice.
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

    /// The names of all dialects.
    pub fn all() -> Vec<&'static str> {
        LIST.iter().map(|dialect| dialect.name).collect()
    }

    /// The names of the served dialects, each with its place.
    pub fn names(&self) -> Vec<String> {
        let word = |served: &Served| format!("{}{}", served.dialect.name, served.place);
        self.0.iter().map(word).collect()
    }

    /// The roles that these dialects add to the usual ones.
    pub fn roles(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().flat_map(|served| served.dialect.roles).copied()
    }

    /// The codecs that render their frames.
    pub fn codecs(&self) -> Vec<&'static dyn Codec> {
        self.0.iter().filter_map(|served| served.dialect.codec).collect()
    }

    /// How each dialect handles registration, at a path that several share.
    fn sign_ups(&self) -> SignUps {
        let one = |Served { dialect, place }: &Served| Some((place.clone(), dialect.sign_up?));
        SignUps::new(self.0.iter().filter_map(one).collect())
    }

    /// Prepares their routes for the app, with the services that they call.
    pub fn mount(&self, services: Services, sockets: SocketServices) -> Mount {
        let mut classes = RouteClasses::default();
        for placed in self.placed() {
            route::count(&mut classes, &placed);
        }
        let (services, sockets) = (Data::new(services), Data::new(sockets));
        let (dialects, sign_ups) = (self.clone(), Data::new(self.sign_ups()));
        let under_native = dialects.clone();
        let configure = move |app: &mut ServiceConfig| {
            app.app_data(services.clone()).app_data(sockets.clone()).app_data(sign_ups.clone());
            route::configure(app, &dialects.placed(), &dialects.hosts(), Part::Elsewhere);
        };
        Mount::new(configure, classes).with_routes_under_native(move |app| {
            route::configure(app, &under_native.placed(), &under_native.hosts(), Part::UnderNative);
        })
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
