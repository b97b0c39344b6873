//! The tree's own tests: the walls between the layers, and what every file keeps to. What cannot
//! be seen in a review, or is forgotten once in a hundred times, is written down here as code.

mod imports;
mod reading;

use reading::{Source, crates, metadata, read, sources, tracked};
use std::collections::{BTreeMap, BTreeSet};

/// Which of our own crates each may depend on, as in docs/ARCHITECTURE.md. No adapter depends on another, but several
/// on a library: `public-http` is one for `web-push`, and has an adapter of its own.
const WALLS: [(&str, &[&str]); 17] = [
    ("credentials", &["domain"]),
    ("dialects", &["domain", "http-core", "realtime"]),
    ("domain", &[]),
    ("fanout-redis", &["domain"]),
    ("http-actix", &["domain", "http-core", "realtime"]),
    ("http-core", &["domain"]),
    ("media-store", &["domain"]),
    ("public-http", &["domain"]),
    ("realtime", &["domain"]),
    (
        "server",
        &[
            "credentials",
            "dialects",
            "domain",
            "fanout-redis",
            "http-actix",
            "http-core",
            "media-store",
            "public-http",
            "realtime",
            "storage-diesel",
            "web-client",
            "web-push",
        ],
    ),
    // An example, which knows the API alone.
    ("shop-axum", &[]),
    ("storage-diesel", &["domain", "write-queue"]),
    ("testkit", &["domain"]),
    ("tests", &["domain", "storage-diesel", "testkit"]),
    ("web-client", &[]),
    ("web-push", &["domain", "public-http"]),
    ("write-queue", &["domain"]),
];

const COMPOSITION: &str = "crates/server/src/composition";
const READINESS: &str = "crates/server/src/readiness.rs";

/// What a word may stand in. Anything that names it elsewhere has crossed a wall.
const FOREIGN: [(&str, &[&str]); 19] = [
    ("diesel", &["crates/storage-diesel/"]),
    ("diesel_async", &["crates/storage-diesel/"]),
    (
        "actix_web",
        &[
            "crates/dialects/",
            "crates/http-actix/",
            "crates/http-core/",
            "crates/realtime/",
            "crates/web-client/",
        ],
    ),
    ("actix_ws", &["crates/realtime/"]),
    ("dialects", &["crates/dialects/", "crates/server/"]),
    ("jsonwebtoken", &["crates/credentials/", "crates/web-push/"]),
    ("bcrypt", &["crates/credentials/"]),
    ("storage_diesel", &["crates/storage-diesel/", COMPOSITION, READINESS]),
    ("credentials", &["crates/credentials/", COMPOSITION]),
    ("media_store", &["crates/media-store/", COMPOSITION]),
    ("redis", &["crates/fanout-redis/"]),
    ("fanout_redis", &["crates/fanout-redis/", COMPOSITION, READINESS]),
    ("object_store", &["crates/media-store/"]),
    ("image", &["crates/media-store/"]),
    ("clap", &["crates/server/"]),
    ("web_client", &["crates/server/src/apis.rs"]),
    ("public_http", &["crates/public-http/", "crates/web-push/", COMPOSITION]),
    ("web_push", &[COMPOSITION]),
    ("web_push_native", &["crates/web-push/"]),
];

/// Where JSON is given its shape; use cases and queries know none.
const SERDE: [&str; 12] = [
    "crates/credentials/src/host/provider/wire.rs",
    "crates/credentials/src/tokens.rs",
    "crates/fanout-redis/src/wire/",
    "crates/http-actix/src/native/paging.rs",
    "crates/http-actix/src/native/socket/wire.rs",
    "crates/http-actix/src/native/wire/",
    "crates/http-core/src/body.rs",
    "crates/http-core/src/problem.rs",
    "crates/server/src/import/wire.rs",
    "crates/server/src/settings/hosts.rs",
    "crates/web-push/src/keys.rs",
    "crates/web-push/src/wire.rs",
];

const LINES: usize = 400;

#[test]
fn each_crate_depends_on_what_it_may() {
    let found = reading::own_dependencies();
    let walls: BTreeMap<_, BTreeSet<_>> =
        WALLS.iter().map(|(name, may)| (*name, may.iter().copied().collect())).collect();
    assert_eq!(found.len(), walls.len(), "a new crate needs a line in WALLS: {:?}", found.keys());
    for (name, uses) in &found {
        let may = walls.get(name.as_str()).unwrap_or_else(|| panic!("{name} has no line in WALLS"));
        let crossed: Vec<_> = uses.iter().filter(|used| !may.contains(used.as_str())).collect();
        assert!(crossed.is_empty(), "{name} depends on {crossed:?}");
    }
    let of_domain = reading::normal_tree("domain");
    assert!(of_domain.contains("thiserror"), "the tree was read: {of_domain:?}");
    for heavy in ["actix-web", "diesel", "futures-util", "serde_json", "tokio", "tracing"] {
        assert!(!of_domain.contains(heavy), "domain carries {heavy}");
    }
}

#[test]
fn nothing_is_used_across_a_wall() {
    let mut crossed = Vec::new();
    for source in sources() {
        let product = source.path.starts_with("crates/") && source.path.contains("/src/");
        for (word, places) in FOREIGN {
            let at_home = places.iter().any(|place| source.path.starts_with(place));
            if product && !at_home && source.names_crate(word) {
                crossed.push(format!("{} names {word}", source.path));
            }
        }
        let shapes = source.names_crate("serde") && product;
        if shapes && !SERDE.iter().any(|place| source.path.starts_with(place)) {
            crossed.push(format!("{} gives JSON its shape", source.path));
        }
    }
    assert!(crossed.is_empty(), "{crossed:#?}");
    for place in SERDE.iter().chain(FOREIGN.iter().flat_map(|(_, places)| *places)) {
        assert!(
            tracked().iter().any(|path| path.starts_with(place)),
            "{place} is gone: mend the list"
        );
    }
}

/// Files that import each other in a circle can only be understood, tested and moved together.
#[test]
fn no_more_than_two_files_import_each_other_in_a_circle() {
    let imports = imports::imports(&sources());
    assert!(imports.len() > 300, "the tree was read: {} files", imports.len());
    let known = &imports["crates/realtime/src/lifecycle.rs"];
    assert!(known.contains("crates/realtime/src/presence.rs"), "imports are found: {known:?}");
    let large: Vec<_> =
        imports::circles(&imports).into_iter().filter(|circle| circle.len() > 2).collect();
    assert!(large.is_empty(), "{large:#?}");
}

#[test]
fn both_databases_have_the_same_migrations() {
    let [sqlite, postgres] = ["sqlite", "postgres"].map(|engine| {
        let folder = format!("migrations/{engine}/");
        let paths =
            tracked().into_iter().filter_map(|path| Some(path.strip_prefix(&folder)?.to_owned()));
        paths.collect::<BTreeSet<_>>()
    });
    assert!(!sqlite.is_empty(), "there are migrations");
    assert_eq!(sqlite, postgres);
}

/// The codes in the first column of a page's tables.
fn listed(page: &str) -> BTreeSet<String> {
    let cells = page.lines().filter_map(|line| line.strip_prefix("| ")?.split('|').next());
    let words = cells.flat_map(|cell| cell.split([',', '·']).map(|word| word.trim().to_owned()));
    words.map(|word| word.trim_matches('`').to_owned()).collect()
}

#[test]
fn every_refusal_is_documented() {
    let mut codes = BTreeSet::new();
    for source in sources() {
        let refuses = [
            "crates/dialects/src/",
            "crates/domain/src/",
            "crates/http-actix/src/",
            "crates/http-core/src/",
            "crates/realtime/src/",
        ];
        if refuses.iter().any(|folder| source.path.starts_with(folder)) {
            codes.extend(source.refusals());
        }
    }
    assert!(codes.len() > 40, "{codes:?}");
    let page = listed(&read("docs/api/errors.md"));
    let is_code = |word: &&String| {
        !word.is_empty()
            && *word != "code"
            && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    };
    let documented: BTreeSet<_> = page.iter().filter(is_code).cloned().collect();
    let missing: Vec<_> = codes.difference(&documented).collect();
    assert!(missing.is_empty(), "not in docs/api/errors.md: {missing:?}");
    let unused: Vec<_> = documented.difference(&codes).collect();
    assert!(unused.is_empty(), "in docs/api/errors.md and nowhere in the code: {unused:?}");
}

#[test]
fn every_close_code_is_documented() {
    let code = read("crates/realtime/src/close.rs");
    let numbers = code.lines().filter_map(|line| {
        let (_, number) = line.trim().strip_suffix(',')?.split_once(" = ")?;
        number.parse::<u16>().ok()
    });
    let used: BTreeSet<_> = numbers.collect();
    assert!(used.len() > 8, "{used:?}");
    let page = listed(&read("docs/api/close-codes.md"));
    let documented: BTreeSet<_> = page.iter().filter_map(|word| word.parse::<u16>().ok()).collect();
    // 1001 is what a browser closes with; the server never does.
    let by_clients = BTreeSet::from([1001]);
    assert_eq!(used, documented.difference(&by_clients).copied().collect());
}

/// The names of figures in a text, whatever stands around them.
fn figures_in(text: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let words = text.split(|c: char| !word(c)).filter(|word| word.starts_with("confab_"));
    words.map(str::to_owned).collect()
}

/// The figures that the code keeps: what it names in quotes.
fn figures() -> BTreeSet<String> {
    let product =
        |source: &Source| source.path.starts_with("crates/") && source.path.contains("/src/");
    let named = sources().into_iter().filter(product).flat_map(|source| {
        let quoted = source
            .text
            .split("\"confab_")
            .skip(1)
            .map(|rest| format!("confab_{}", rest.split('"').next().unwrap_or_default()));
        quoted.collect::<Vec<_>>()
    });
    // Service keys begin so, too.
    named.filter(|name| !name.starts_with("confab_key_")).collect()
}

#[test]
fn every_figure_is_documented() {
    let kept = figures();
    assert!(kept.len() > 15, "{kept:?}");
    let listed: BTreeSet<_> =
        listed(&read("docs/OPERATIONS.md")).iter().flat_map(|cell| figures_in(cell)).collect();
    let missing: Vec<_> = kept.difference(&listed).collect();
    assert!(missing.is_empty(), "not in the tables of docs/OPERATIONS.md: {missing:?}");
    let unknown: Vec<_> = listed.difference(&kept).collect();
    assert!(unknown.is_empty(), "in docs/OPERATIONS.md and nowhere in the code: {unknown:?}");
}

/// A panel that asks for what is not there stays empty, and nobody learns why.
#[test]
fn the_dashboard_asks_for_what_there_is() {
    let text = read("docs/operating/grafana.json");
    let dashboard: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let asked = panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let queries: Vec<_> = asked.map(|target| target["expr"].as_str().expect("a query")).collect();
    assert!(queries.len() > 10, "{queries:?}");
    let kept = figures();
    for query in queries {
        let names = figures_in(query);
        assert!(!names.is_empty(), "{query}");
        for name in names {
            let ends = ["_bucket", "_sum", "_count"];
            let of_histogram = ends.iter().find_map(|end| name.strip_suffix(end));
            let is_kept = |name: &str| kept.contains(name);
            assert!(is_kept(&name) || of_histogram.is_some_and(is_kept), "{name} in {query}");
        }
    }
}

#[test]
fn nothing_is_left_for_later() {
    let words = ["todo!", "unimplemented!", "FIXME", "XXX"];
    let ignored = "#[ignore";
    for Source { path, text } in sources() {
        if path == "tests/tests/tree/main.rs" {
            continue;
        }
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code: String = code.collect();
        let found = words.iter().find(|word| text.contains(**word));
        assert_eq!(found, None, "{path}");
        assert!(!code.contains(ignored), "{path} leaves out a test");
    }
}

#[test]
fn files_are_short_enough_to_be_read() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|source| source.path.contains("/src/") || source.path.starts_with("tests/"))
        .map(|source| (source.text.lines().count(), source.path))
        .filter(|(lines, _)| *lines > LINES)
        .collect();
    assert!(long.is_empty(), "more than {LINES} lines: {long:?}");
}

#[test]
fn nothing_names_a_machine() {
    let places = ["work", "home", "root", "Users"].map(|folder| format!("/{folder}/"));
    for path in tracked() {
        let text = read(&path);
        for (number, line) in text.lines().enumerate() {
            let found = places.iter().find(|place| names_path(line, place));
            assert_eq!(found, None, "{path}:{}", number + 1);
        }
    }
}

/// Whether a path that begins like this stands there; `/users/` of an address does not count.
fn names_path(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "-_.}{/*".contains(c))
    })
}

#[test]
fn every_crate_has_the_lints_of_the_workspace() {
    for (name, manifest) in crates() {
        let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(inherits.and_then(toml::Value::as_bool), Some(true), "{name}");
        for field in ["version", "edition", "license", "publish"] {
            let inherited = manifest["package"].get(field).and_then(|field| field.get("workspace"));
            assert_eq!(inherited.and_then(toml::Value::as_bool), Some(true), "{name}: {field}");
        }
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let table = manifest.get(kind).and_then(toml::Value::as_table);
            for (dependency, wanted) in table.into_iter().flatten() {
                let inherited = wanted.get("workspace").and_then(toml::Value::as_bool);
                assert_eq!(
                    inherited,
                    Some(true),
                    "{name}: {dependency}'s version is the workspace's"
                );
            }
        }
    }
}

#[test]
fn what_is_built_is_what_was_tested() {
    assert!(tracked().contains(&"Cargo.lock".to_owned()), "Cargo.lock is committed");
    let packages = metadata()["packages"].as_array().expect("packages");
    assert!(packages.len() > 100, "the metadata was read");
    for package in packages {
        let source = package["source"].as_str();
        let known = "registry+https://github.com/rust-lang/crates.io-index";
        assert!(
            source.is_none_or(|source| source == known),
            "{} is from {source:?}",
            package["name"]
        );
    }
}

/// The same rules as `cargo deny check licenses bans`, for those who do not have it.
#[test]
fn dependencies_keep_to_deny_toml() {
    let rules: toml::Value = toml::from_str(&read("deny.toml")).expect("deny.toml is TOML");
    let words = |value: &toml::Value| -> BTreeSet<String> {
        let list = value.as_array().expect("a list").iter();
        list.map(|word| word.as_str().or_else(|| word["name"].as_str()).expect("a name").to_owned())
            .collect()
    };
    let allowed = words(&rules["licenses"]["allow"]);
    let banned = words(&rules["bans"]["deny"]);
    assert!(allowed.contains("MIT") && banned.contains("openssl-sys"));
    for package in metadata()["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        assert!(!banned.contains(name), "{name} is banned");
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(reading::is_allowed(licence, &allowed), "{name} is under {licence:?}");
    }
}

#[test]
fn licences_are_read_as_they_are_meant() {
    let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for (licence, expected) in [
        ("MIT", true),
        ("MIT OR GPL-3.0", true),
        ("MIT/GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND Apache-2.0", true),
        ("(MIT OR GPL-3.0) AND GPL-3.0", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("GPL-3.0", false),
        ("", false),
    ] {
        assert_eq!(reading::is_allowed(licence, &allowed), expected, "{licence}");
    }
}
