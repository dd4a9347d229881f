//! The table of faults at the head of this folder names tests that exist.

use std::{collections::BTreeSet, fs, path::Path};

const TABLE: &str = include_str!("mod.rs");

/// Where tests are.
const FOLDERS: [&str; 4] = ["tests", "shared/src", "functions", "infra/local/src"];

/// The rows of the table: the number after the `F`, and the tests.
fn rows() -> Vec<(&'static str, Vec<&'static str>)> {
    let rows = TABLE.lines().filter_map(|line| line.strip_prefix("//! | F"));
    rows.map(|row| {
        let (number, cells) = row.split_once(" | ").unwrap();
        // Every other piece stands between backticks: in the last cell, tests.
        let tests = cells.rsplit_once(" | ").unwrap().1;
        (number, tests.split('`').skip(1).step_by(2).collect())
    })
    .collect()
}

/// The names of the tests in a folder's Rust files.
fn tests(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => tests(&path),
            Some(kind) if kind == "rs" => tests_in(&fs::read_to_string(&path).unwrap()),
            _ => BTreeSet::new(),
        })
        .collect()
}

/// The names of the tests in a file: what is run, not what is merely written.
fn tests_in(source: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = cases(source).map(str::to_owned).collect();
    let mut attributes = Vec::new();
    for line in source.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        if line.starts_with("#[") {
            attributes.push(line);
            continue;
        }
        let above = std::mem::take(&mut attributes);
        let is_test = above.iter().any(|a| *a == "#[test]" || a.starts_with("#[tokio::test"));
        let is_ignored = above.iter().any(|a| a.starts_with("#[ignore"));
        if is_test && !is_ignored {
            found.extend(function(line).map(str::to_owned));
        }
    }
    found
}

/// The name of the function that begins in this line.
fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("async ").unwrap_or(line);
    Some(line.strip_prefix("fn ")?.split_once('(')?.0)
}

/// The cases that `every_table!` makes tests of: a line each.
fn cases(source: &str) -> impl Iterator<Item = &str> {
    let lists =
        source.split("\nevery_table! {").skip(1).map(|rest| rest.split("\n}").next().unwrap());
    lists.flat_map(str::lines).filter_map(|line| line.trim().strip_suffix(','))
}

#[test]
fn every_test_of_the_table_exists() {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let known: BTreeSet<_> =
        FOLDERS.iter().flat_map(|folder| tests(&checkout.join(folder))).collect();

    let rows = rows();

    let numbers: Vec<&str> = rows.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=28).map(|n: u8| n.to_string()).collect::<Vec<_>>());
    for (number, tests) in rows {
        for test in tests {
            assert!(known.contains(test), "F{number}: there is no test {test}");
        }
    }
}

#[test]
fn what_is_not_run_is_no_test() {
    let source = "
every_table! {
    a_case,
}

every_table! { tables(dynoxide) {
    a_case_of_one_table,
}}

#[test]
#[should_panic]
fn a_test() {}

#[tokio::test(flavor = \"multi_thread\")]
/// With words about it.
async fn a_test_that_waits() {}

#[test]
#[ignore = \"it fails\"]
fn an_ignored_test() {}

async fn a_case(table: impl Table) {}

fn a_helper() {}

#[expect(dead_code)]
fn another_helper() {}

// #[test]
// fn a_comment() {}
";

    let found = tests_in(source);

    let tests = ["a_case", "a_case_of_one_table", "a_test", "a_test_that_waits"];
    assert_eq!(found, tests.map(str::to_owned).into());
}
