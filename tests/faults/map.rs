//! The table of faults at the head of this folder names tests that exist.

use std::{fs, path::Path};

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

/// Everything that is written in a folder's Rust files.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| match path.extension() {
            _ if path.is_dir() => sources(&path),
            Some(kind) if kind == "rs" => fs::read_to_string(&path).unwrap(),
            _ => String::new(),
        })
        .collect()
}

#[test]
fn every_test_of_the_table_exists() {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let sources: String = FOLDERS.iter().map(|folder| sources(&checkout.join(folder))).collect();

    let rows = rows();

    let numbers: Vec<&str> = rows.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=28).map(|n: u8| n.to_string()).collect::<Vec<_>>());
    for (number, tests) in rows {
        for test in tests {
            assert!(sources.contains(&format!("fn {test}(")), "F{number}: there is no test {test}");
        }
    }
}
