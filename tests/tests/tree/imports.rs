//! Which file takes names from which, inside of each crate.
//!
//! It reads `use` declarations and paths in code, and follows re-exports to where a name is defined:
//! `pub use` in a `mod.rs` is a signpost and no import. A file that adds methods or a trait to a
//! type of another file is a part of that type and takes nothing: use cases and queries are written so,
//! each in a file of its own.
//! Test modules are left out.

use crate::reading::Source;
use std::collections::{BTreeMap, BTreeSet};

/// From a file to those that it takes names from.
pub(crate) type Imports = BTreeMap<String, BTreeSet<String>>;

/// The imports of all of these files that are a crate's source.
pub(crate) fn imports(sources: &[Source]) -> Imports {
    let mut crates: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
    for source in sources {
        if let Some((package, _)) = source.path.split_once("/src/") {
            crates.entry(package).or_default().push(source);
        }
    }
    crates.into_iter().flat_map(|(package, files)| Crate::of(package, &files).imports()).collect()
}

/// Groups of files that can all be reached from each other, of more than one file.
pub(crate) fn circles(imports: &Imports) -> Vec<BTreeSet<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        imports.keys().map(|file| (file.as_str(), reachable(imports, file))).collect();
    let mut found = BTreeSet::new();
    for (file, there) in &reached {
        let back = |other: &&&str| reached.get(**other).is_some_and(|back| back.contains(file));
        let circle: BTreeSet<&str> = there.iter().filter(back).copied().collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    found.into_iter().collect()
}

/// Everything that is imported from a file on, at however many removes.
fn reachable<'a>(imports: &'a Imports, from: &'a str) -> BTreeSet<&'a str> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(file) = next.pop() {
        let further = imports.get(file).into_iter().flatten().map(String::as_str);
        next.extend(further.filter(|further| reached.insert(*further)));
    }
    reached
}

/// A module's path from the root of its crate.
type Path = Vec<String>;

#[derive(Default)]
struct Module {
    file: String,
    /// Names that `use` brings in, and what they mean; `*` may be there more than once.
    names: Vec<(String, Path)>,
    /// What its code takes, as it is written.
    taken: Vec<Path>,
}

/// The modules of a crate that are files.
struct Crate(BTreeMap<Path, Module>);

impl Crate {
    fn of(package: &str, files: &[&Source]) -> Self {
        let mut modules = BTreeMap::new();
        for source in files {
            let path = module_path(source.path.trim_start_matches(&format!("{package}/src/")));
            if path.last().is_some_and(|name| name == "tests") {
                continue;
            }
            modules.insert(path, Module::read(source));
        }
        Self(modules)
    }

    fn imports(&self) -> Imports {
        let mut found = Imports::new();
        for (path, module) in &self.0 {
            let files = found.entry(module.file.clone()).or_default();
            for taken in &module.taken {
                if let Some(file) = self.defined_in(path, taken, 0).filter(|f| *f != module.file) {
                    files.insert(file.to_owned());
                }
            }
        }
        found
    }

    /// The file that defines what a path in that module means; nothing for what is not of this crate,
    /// or is a module and no item.
    fn defined_in(&self, module: &Path, path: &[String], depth: usize) -> Option<&str> {
        const DEEPEST: usize = 16;
        let (first, mut rest) = path.split_first().filter(|_| depth < DEEPEST)?;
        let mut here = match first.as_str() {
            "crate" => Path::new(),
            "self" => module.clone(),
            "super" => module[..module.len().checked_sub(1)?].to_vec(),
            name => {
                let child = [module.as_slice(), &[name.to_owned()]].concat();
                if !self.0.contains_key(&child) {
                    return self.bound_to(module, name, rest, depth);
                }
                child
            }
        };
        while let Some((next, further)) = rest.split_first() {
            let child = [here.as_slice(), std::slice::from_ref(next)].concat();
            if next == "super" {
                here.pop()?;
            } else if self.0.contains_key(&child) {
                here = child;
            } else {
                let elsewhere = self.bound_to(&here, next, further, depth);
                return elsewhere.or_else(|| Some(self.0.get(&here)?.file.as_str()));
            }
            rest = further;
        }
        None
    }

    /// The same for a name that `use` brings into a module.
    fn bound_to(&self, module: &Path, name: &str, rest: &[String], depth: usize) -> Option<&str> {
        let bound = self.0.get(module)?.names.iter().find(|(bound, _)| bound == name);
        let (_, path) = bound?;
        if path.first().is_some_and(|first| first == name) && path.len() == 1 {
            return None;
        }
        self.defined_in(module, &[path.as_slice(), rest].concat(), depth + 1)
    }
}

/// The module that a file under `src/` is.
fn module_path(file: &str) -> Path {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    let roots = ["lib", "main", "mod"];
    let names = path.split('/').filter(|name| !roots.contains(name));
    names.map(str::to_owned).collect()
}

impl Module {
    fn read(source: &Source) -> Self {
        let code = code_of(&source.text);
        let mut module = Self { file: source.path.clone(), ..Self::default() };
        let (mut rest, mut extended) = (String::new(), BTreeSet::new());
        for statement in code.split_inclusive([';', '{', '}']) {
            // A list of names has braces of its own.
            rest.push_str(statement);
            let trimmed = rest.trim_start();
            let begins = use_tree(trimmed);
            if begins.is_some() && !rest.ends_with(';') {
                continue;
            }
            match begins {
                Some((exported, tree)) => module.bring_in(exported, tree.trim_end_matches(';')),
                None => {
                    module.taken.extend(paths(trimmed));
                    extended.extend(extended_by(trimmed));
                }
            }
            rest.clear();
        }
        module.taken.retain(|path| path.last().is_none_or(|name| !extended.contains(name)));
        module
    }

    fn bring_in(&mut self, exported: bool, tree: &str) {
        let mut leaves = Vec::new();
        flatten(&[], tree, &mut leaves);
        for (name, path) in leaves {
            if !exported {
                self.taken.push(path.clone());
            }
            self.names.push((name, path));
        }
    }
}

fn without_attributes(statement: &str) -> &str {
    let mut rest = statement.trim_start();
    while let Some((_, after)) = rest.strip_prefix("#[").and_then(|rest| rest.split_once(']')) {
        rest = after.trim_start();
    }
    rest
}

/// The type that a block of methods or a trait is for, if this begins one.
fn extended_by(statement: &str) -> Option<String> {
    let block = without_attributes(statement).strip_prefix("impl ")?;
    let subject = block.split_once(" for ").map_or(block, |(_, subject)| subject);
    Some(subject.split(['<', '{']).next()?.trim().to_owned())
}

/// What a statement that begins with `use` brings in, and whether it is there for others.
fn use_tree(statement: &str) -> Option<(bool, &str)> {
    let rest = without_attributes(statement);
    if let Some(tree) = rest.strip_prefix("use ") {
        return Some((false, tree));
    }
    let visible = rest.strip_prefix("pub")?;
    let visible = match visible.strip_prefix('(') {
        Some(scope) => scope.split_once(')')?.1,
        None => visible,
    };
    visible.trim_start().strip_prefix("use ").map(|tree| (true, tree))
}

/// The names that a tree of `use` brings in, with their paths.
fn flatten(prefix: &[String], tree: &str, leaves: &mut Vec<(String, Path)>) {
    let tree = tree.trim();
    if let Some((before, list)) = tree.split_once('{') {
        let prefix = [prefix, &segments(before)].concat();
        let list = list.trim_end().trim_end_matches('}');
        for branch in split_list(list) {
            flatten(&prefix, branch, leaves);
        }
        return;
    }
    let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(p, a)| (p, Some(a.trim())));
    let mut path = [prefix, &segments(path)].concat();
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    if let Some(last) = path.last() {
        leaves.push((alias.unwrap_or(last).to_owned(), path.clone()));
    }
}

fn segments(path: &str) -> Path {
    path.split("::").map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The parts between the commas that are in no braces of their own.
fn split_list(list: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[from..]);
    parts.into_iter().filter(|part| !part.trim().is_empty()).collect()
}

/// The paths of two names or more in a piece of code.
fn paths(code: &str) -> Vec<Path> {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c: char| !part(c)).map(|word| word.trim_matches(':'));
    words.filter(|word| word.contains("::")).map(segments).collect()
}

/// The code of a file, without its test module, comments and texts.
fn code_of(text: &str) -> String {
    let product = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = product.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut code = String::new();
    for line in lines {
        let plain = line.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        code.push_str(plain.split(" // ").next().unwrap_or_default());
        code.push('\n');
    }
    code
}

#[test]
fn imports_are_followed_to_where_a_name_is_defined() {
    let files = [
        ("lib.rs", "mod a;\nmod b;\npub use b::One;\n"),
        ("a/mod.rs", "mod c;\npub(crate) use c::{Deep, other as alias};\nuse crate::One;\n"),
        ("a/c.rs", "use super::super::b;\nfn f() { b::two(); }\npub struct Deep;\n"),
        ("b.rs", "use crate::a::{Deep, alias};\n#[cfg(test)]\nmod tests { use crate::a::X; }\n"),
        ("d.rs", "use crate::b::One;\n#[x]\nimpl T for One { }\n"),
    ];
    let files = files
        .map(|(path, text)| Source { path: format!("crates/x/src/{path}"), text: text.to_owned() });
    let found = imports(&files);
    let of = |file: &str| {
        let there = found[&format!("crates/x/src/{file}")].iter();
        there.map(|path| path.trim_start_matches("crates/x/src/")).collect::<Vec<_>>()
    };
    assert_eq!(of("lib.rs"), [""; 0], "a re-export is no import");
    assert_eq!(of("a/mod.rs"), ["b.rs"]);
    assert_eq!(of("a/c.rs"), ["b.rs"]);
    assert_eq!(of("b.rs"), ["a/c.rs"], "what tests import does not count");
    assert_eq!(of("d.rs"), [""; 0], "it is a part of `One`");
    let circle = ["crates/x/src/a/c.rs", "crates/x/src/b.rs"];
    assert_eq!(circles(&found), [circle.into()]);
}
