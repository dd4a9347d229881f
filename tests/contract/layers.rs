//! The house: which module may use which, as the table in `shared/src/lib.rs` says, and which
//! package may use which.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::files;

const LAYERS: [&str; 4] = ["words", "pure", "edge", "frame"];

/// What the first two layers must do without: waiting, the time, the network.
const IMPURE: [&str; 6] = ["async ", ".await", ".now()", "reqwest", "aws_sdk", "lambda_http"];

/// The table: each module's layer, counted from the bottom.
struct Table(BTreeMap<String, usize>);

/// A module of `shared`, without its tests.
struct Module {
    /// `slack::client`.
    path: String,
    /// Relative paths in it start here: `slack`.
    parent: String,
    code: String,
}

#[test]
fn every_module_of_shared_has_a_layer() {
    let table = Table::read();

    let homeless: Vec<_> = modules()
        .into_iter()
        .filter(|module| !module.code.trim().is_empty() && table.layer(&module.path).is_none())
        .map(|module| module.path)
        .collect();

    assert!(homeless.is_empty(), "in no layer of shared/src/lib.rs: {homeless:#?}");
}

#[test]
fn a_module_imports_from_its_own_or_a_lower_layer() {
    let table = Table::read();
    let mut wrong = Vec::new();
    let mut seen = 0;

    for module in modules() {
        let Some(layer) = table.layer(&module.path) else { continue };
        for import in module.imports() {
            seen += 1;
            let above = match table.layer(&import) {
                Some(of_import) if of_import <= layer => continue,
                Some(of_import) => LAYERS[of_import],
                None => "no layer",
            };
            wrong.push(format!("{} ({}) uses {import} ({above})", module.path, LAYERS[layer]));
        }
    }

    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(seen > 50, "imports are not found any more: {seen}");
}

#[test]
fn the_first_two_layers_neither_wait_nor_ask_the_time_nor_reach_out() {
    let table = Table::read();
    let mut wrong = Vec::new();

    for module in modules() {
        if table.layer(&module.path).is_none_or(|layer| layer > 1) {
            continue;
        }
        let impure = |line: &&str| IMPURE.iter().any(|word| line.contains(word));
        wrong.extend(module.code.lines().filter(impure).map(|l| format!("{}: {l}", module.path)));
    }

    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn packages_depend_on_one_another_in_one_direction() {
    let functions = files::functions();
    let all = || functions.iter().map(String::as_str);
    let beyond_functions = || all().chain(["local", "bench-table", "tests"]);
    let mut rules: Vec<(String, Vec<&str>)> = vec![
        ("templates".into(), beyond_functions().chain(["shared"]).collect()),
        ("shared".into(), beyond_functions().chain(["templates"]).collect()),
        ("infra/local".into(), vec!["bench-table", "tests"]),
    ];
    rules.extend(all().map(|name| {
        (format!("functions/{name}"), beyond_functions().filter(|other| *other != name).collect())
    }));

    for (package, forbidden) in rules {
        let dependencies = dependencies(&package);
        let wrong: Vec<_> = forbidden.iter().filter(|name| dependencies.contains(**name)).collect();
        assert!(wrong.is_empty(), "{package} depends on {wrong:?}");
    }
}

impl Table {
    /// Reads the rows that begin with a layer's name; modules stand in links, a bracket and a
    /// backtick each.
    fn read() -> Self {
        let lib = files::read("shared/src/lib.rs");
        let mut layers = BTreeMap::new();
        for (layer, name) in LAYERS.iter().enumerate() {
            let row = lib.lines().find_map(|line| line.strip_prefix(&format!("//! | {name} |")));
            let row = row.unwrap_or_else(|| panic!("no layer {name}"));
            let modules = row.split("[`").skip(1).map(|rest| rest.split('`').next().unwrap());
            layers.extend(modules.map(|module| (module.to_owned(), layer)));
        }
        Self(layers)
    }

    /// The layer of a module, or of what is inside of one.
    fn layer(&self, path: &str) -> Option<usize> {
        let is_inside = |module: &str| {
            path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        self.0.iter().find(|(module, _)| is_inside(module)).map(|(_, layer)| *layer)
    }
}

impl Module {
    fn at(root: &Path, file: &Path) -> Self {
        let relative = file.strip_prefix(root).unwrap().with_extension("");
        let mut path: Vec<_> = relative.iter().map(|part| part.to_str().unwrap()).collect();
        path.retain(|part| !["mod", "lib"].contains(part));
        let parent = path[..path.len().saturating_sub(1)].join("::");
        Self { path: path.join("::"), parent, code: code(&fs::read_to_string(file).unwrap()) }
    }

    /// What of `shared` it names, as paths from the crate's root.
    fn imports(&self) -> Vec<String> {
        let uses = |from: &str| {
            let start = format!("use {from}::");
            let trees = self.code.split(&start).skip(1);
            trees.map(|rest| compact(rest.split(';').next().unwrap())).collect::<Vec<_>>()
        };
        let in_passing = self.code.split("crate::").collect::<Vec<_>>();
        let in_passing = in_passing.windows(2).filter(|pair| !pair[0].ends_with("use "));
        let own = uses("super").into_iter().flat_map(|tree| flatten(&below(&self.parent), &tree));
        uses("crate")
            .into_iter()
            .flat_map(|tree| flatten("", &tree))
            .chain(in_passing.map(|pair| path_at_start(pair[1])))
            .chain(own)
            .collect()
    }
}

/// All of `shared`.
fn modules() -> Vec<Module> {
    let root = files::path("shared/src");
    files::sources("shared/src").iter().map(|file| Module::at(&root, file)).collect()
}

/// What is compiled outside of tests, without comments and without the names of inner modules.
pub(super) fn code(source: &str) -> String {
    let source = source.split("mod tests {").next().unwrap();
    let skipped = ["//", "#[cfg(test)]", "mod ", "pub mod "];
    let kept = source
        .lines()
        .filter(|line| !skipped.iter().any(|start| line.trim_start().starts_with(start)));
    kept.collect::<Vec<_>>().join("\n")
}

/// The paths of a use tree: `a::{b::{c,d},e}` is `a::b::c`, `a::b::d` and `a::e`.
fn flatten(base: &str, tree: &str) -> Vec<String> {
    let mut depth = 0;
    let branches = tree.split(|character| {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        character == ',' && depth == 0
    });
    branches
        .filter(|branch| !branch.is_empty())
        .flat_map(|branch| match branch.split_once('{') {
            Some((stem, inner)) => {
                flatten(&format!("{base}{stem}"), inner.strip_suffix('}').unwrap())
            }
            None => vec![format!("{base}{branch}")],
        })
        .collect()
}

fn below(parent: &str) -> String {
    if parent.is_empty() { String::new() } else { format!("{parent}::") }
}

fn compact(tree: &str) -> String {
    tree.chars().filter(|character| !character.is_whitespace()).collect()
}

fn path_at_start(code: &str) -> String {
    code.chars().take_while(|c| c.is_alphanumeric() || ['_', ':'].contains(c)).collect()
}

/// The names of a package's dependencies of every kind, as its `Cargo.toml` spells them.
fn dependencies(package: &str) -> BTreeSet<String> {
    let manifest = files::read(&format!("{package}/Cargo.toml"));
    let mut names = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside && let Some((name, _)) = line.split_once(['.', '=', ' ']) {
            names.insert(name.to_owned());
        }
    }
    assert!(!names.is_empty(), "no dependencies are found in {package}");
    names
}
