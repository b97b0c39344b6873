use super::*;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where the files are that are loaded when they are used: by the page, or by what installs it. Types are for
/// those who read the page, or import its client into a page of their own.
const LATER: [&str; 13] = [
    "app/admin/",
    "app/chat-info.js",
    "app/i18n/",
    "app/permissions.js",
    "app/providers.js",
    "app/returned.js",
    "app/set-up.js",
    "app/settings/",
    "app/step-up.js",
    "confab/frames.js",
    "confab/types.js",
    "icons/icon-",
    "service-worker.js",
];

fn below(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            below(&path, root, found);
        } else {
            let path = path.strip_prefix(root).expect("it is below");
            found.insert(path.to_str().expect("UTF-8").to_owned());
        }
    }
}

fn text(path: &str) -> &'static str {
    let file = FILES.iter().find(|(name, _)| *name == path);
    std::str::from_utf8(file.expect("it is listed").1).expect("UTF-8")
}

#[test]
fn every_file_is_in_the_binary() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/page"));
    let mut there = BTreeSet::new();
    below(root, root, &mut there);
    let listed: BTreeSet<_> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(listed, there);
}

#[test]
fn the_first_page_names_every_file_but_what_is_loaded_when_it_is_used() {
    let index = text(INDEX);
    for (path, _) in FILES.iter().filter(|(path, _)| *path != INDEX) {
        let later = LATER.iter().any(|folder| path.starts_with(folder));
        assert_eq!(index.contains(&format!("\"{VERSION}{path}\"")), !later, "{path}");
    }
    let served = &PAGE.files[INDEX].plain;
    let served = std::str::from_utf8(served).expect("UTF-8");
    assert!(served.contains(&format!("\"{}/app/main.js\"", PAGE.version)));
    assert!(!served.contains(VERSION));
}

#[test]
fn what_is_loaded_at_first_is_small_and_all_together_is_not_large() {
    let size = |wanted: fn(&str) -> bool| -> usize {
        let files = PAGE.files.iter().filter(|(path, _)| wanted(path));
        files.map(|(_, file)| file.gzip.len()).sum()
    };
    let first = size(|path| !LATER.iter().any(|folder| path.starts_with(folder)));
    let all = size(|_| true);
    assert!(first < 130_000 && all < 170_000, "{first} of {all} bytes");
}

fn is_picture(path: &str) -> bool {
    content_type(path).starts_with("image/")
}

#[test]
fn no_file_loads_from_elsewhere() {
    for (path, _) in FILES.iter().filter(|(path, _)| !is_picture(path)) {
        for word in ["import 'http", "from 'http", "src=\"http", "@import", "innerHTML", "eval("] {
            assert!(!text(path).contains(word), "{path} has {word}");
        }
    }
}
