//! Reading the tree: its files, its manifests, and what cargo knows of it.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A Rust file.
pub(crate) struct Source {
    /// Its path from the root.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) text: String,
}

/// The files that git knows, or would: in a tree without git, all that are not built. Those that
/// are not text are left out.
pub(crate) fn tracked() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(ROOT)
        .output()
        .expect("git is there");
    assert!(listed.status.success(), "git lists the files of the tree");
    let listed = String::from_utf8(listed.stdout).expect("paths in UTF-8");
    let is_text = |path: &&str| fs::read_to_string(Path::new(ROOT).join(path)).is_ok();
    listed.lines().filter(is_text).map(str::to_owned).collect()
}

/// A file of the tree.
pub(crate) fn read(path: &str) -> String {
    let read = fs::read_to_string(Path::new(ROOT).join(path));
    read.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust file.
pub(crate) fn sources() -> Vec<Source> {
    let paths = tracked().into_iter().filter(|path| path.ends_with(".rs"));
    paths.map(|path| Source { text: read(&path), path }).collect()
}

/// The manifests of the workspace's members, by name.
pub(crate) fn crates() -> Vec<(String, toml::Value)> {
    let paths = tracked().into_iter().filter(|path| path.ends_with("/Cargo.toml"));
    let manifests =
        paths.map(|path| toml::from_str(&read(&path)).unwrap_or_else(|e| panic!("{path}: {e}")));
    // What has a workspace of its own is no part of this one.
    let members = manifests.filter(|manifest: &toml::Value| manifest.get("workspace").is_none());
    let named = members.map(|manifest| {
        (manifest["package"]["name"].as_str().expect("a name").to_owned(), manifest)
    });
    named.collect()
}

impl Source {
    /// Whether code (not a comment, not a test module at the end) names a crate.
    pub(crate) fn names_crate(&self, name: &str) -> bool {
        let code = self.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        code.lines().map(str::trim_start).filter(|line| !line.starts_with("//")).any(|line| {
            line.match_indices(name).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                let after = &line[at + name.len()..];
                let starts = !before.is_some_and(|c| c.is_alphanumeric() || "_:.\"".contains(c));
                starts && (after.starts_with("::") || after.starts_with(';'))
            })
        })
    }

    /// The codes of refusals that are made here: the second argument of the calls that make one,
    /// fields named `code`, and the words in the functions that name a rule's code.
    pub(crate) fn refusals(&self) -> BTreeSet<String> {
        let code = self.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let mut found = BTreeSet::new();
        for call in [
            "Failure::new(",
            "Failure::field(",
            "Failure::taken(",
            "Failure::too_many(",
            "Self::new(",
            "Self::field(",
            "Self::taken(",
            "Self::too_many(",
            "Problem::new(",
            "Problem::field(",
        ] {
            for (at, _) in code.match_indices(call) {
                found.extend(second_argument(&code[at + call.len()..]).and_then(literal));
            }
        }
        found.extend(code.split(" code: ").skip(1).filter_map(literal));
        for part in code.split("const fn code(self)").skip(1) {
            let body = part.split("\n    }\n").next().unwrap_or_default();
            found.extend(body.split("=> ").skip(1).filter_map(literal));
        }
        found.retain(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
        found
    }
}

/// What follows the first comma of a call's arguments.
fn second_argument(arguments: &str) -> Option<&str> {
    let mut depth = 0;
    for (at, c) in arguments.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return None,
            ')' => depth -= 1,
            ',' if depth == 0 => return Some(&arguments[at + 1..]),
            _ => {}
        }
    }
    None
}

/// The string that a piece of code begins with, if it does.
fn literal(code: &str) -> Option<String> {
    Some(code.trim_start().strip_prefix('"')?.split('"').next()?.to_owned())
}

/// What cargo knows of the workspace and all its dependencies.
pub(crate) fn metadata() -> &'static Value {
    static METADATA: OnceLock<Value> = OnceLock::new();
    METADATA.get_or_init(|| {
        let metadata = cargo(&["metadata", "--format-version", "1", "--locked"]);
        serde_json::from_str(&metadata).expect("JSON")
    })
}

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo).args(arguments).current_dir(ROOT).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Which of our own crates each of them depends on, in the product and not in tests. (In tests
/// `testkit` may be used by everybody.)
pub(crate) fn own_dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let own: BTreeSet<_> = crates().into_iter().map(|(name, _)| name).collect();
    let mut found = BTreeMap::new();
    for (name, manifest) in crates() {
        let mut uses = BTreeSet::new();
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let table = manifest.get(kind).and_then(toml::Value::as_table);
            let names = table.into_iter().flatten().map(|(dependency, _)| dependency.clone());
            let counts = |dependency: &String| {
                own.contains(dependency) && !(kind == "dev-dependencies" && dependency == "testkit")
            };
            uses.extend(names.filter(counts));
        }
        found.insert(name, uses);
    }
    found
}

/// Everything that a crate is built from, by itself, without what only its tests need.
pub(crate) fn normal_tree(name: &str) -> BTreeSet<String> {
    let tree = cargo(&["tree", "-p", name, "-e", "normal", "--prefix", "none", "--locked"]);
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    names.map(str::to_owned).collect()
}

/// Whether a licence expression (SPDX, or the old form with a slash) can be met by what is allowed.
pub(crate) fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let spaced = spaced.replace(" WITH ", "+WITH+");
    let words: Vec<_> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    !rest.is_empty() && any_of(&mut rest, allowed) && rest.is_empty()
}

fn any_of(words: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut met = all_of(words, allowed);
    while words.first() == Some(&"OR") {
        *words = &words[1..];
        met |= all_of(words, allowed);
    }
    met
}

fn all_of(words: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut met = one(words, allowed);
    while words.first() == Some(&"AND") {
        *words = &words[1..];
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    *words = rest;
    if *first != "(" {
        return allowed.contains(&first.replace("+WITH+", " WITH "));
    }
    let met = any_of(words, allowed);
    *words = words.strip_prefix(&[")"]).unwrap_or(words);
    met
}
