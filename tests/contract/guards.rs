//! What no code may do, read off the sources: tests of behaviour show that a check holds, and not
//! that there is no second way past it.

use std::{fs, path::Path};

use super::{files, layers::code};

/// A line of what is compiled into a function.
struct Line {
    file: String,
    /// The function it stands in.
    inside: String,
    text: String,
}

/// Where people and accounts are brought together.
const BINDERS: [&str; 7] = [
    "functions/sign-in/src",
    "functions/link-identity/src",
    "functions/unlink-identity/src",
    "functions/install/src",
    "shared/src/store",
    "shared/src/flow.rs",
    "shared/src/visit.rs",
];

#[test]
fn a_mac_is_spelled_out_to_be_sent_and_never_to_be_compared() {
    let (mut spelled, mut compared) = (Vec::new(), Vec::new());
    for line in lines() {
        let compares = line.text.contains("==") || line.text.contains("!=");
        let makes_one = [" sign(", "(sign(", ".sign(", ".tag(", ".expose()"]
            .iter()
            .any(|it| line.text.contains(it));
        if line.text.contains(".finalize()") {
            spelled.push(format!("{} {}", line.file, line.inside));
        } else if compares && makes_one {
            compared.push(format!("{}: {}", line.file, line.text));
        }
    }
    spelled.sort();

    assert!(compared.is_empty(), "use `verify_slice`: {compared:#?}");
    let signers = ["link.rs sign", "link.rs tag", "request.rs sign", "webhook.rs sign"];
    assert_eq!(spelled, signers.map(|it| format!("shared/src/signing/{it}")));
}

#[test]
fn who_belongs_to_whom_is_not_decided_by_an_e_mail_address() {
    let reads = |line: &Line| {
        let binds = BINDERS.iter().any(|place| line.file.starts_with(place));
        // What a page says, and what it said when its form was sent.
        let is_said = line.file.ends_with("/pages.rs") || line.inside == "shown";
        binds && !is_said && line.text.to_lowercase().contains("email")
    };
    let read: Vec<_> = lines().filter(reads).map(|line| (line.file, line.text)).collect();

    assert!(read.is_empty(), "{read:#?}");
    assert!(BINDERS.iter().all(|place| files::path(place).exists()), "a place has moved");
}

#[test]
fn nothing_switches_a_check_off() {
    let names = ["SKIP", "DISABLE", "INSECURE", "ALLOW", "DEBUG", "DEV_", "TRUST", "UNSAFE", "NO_"];
    let switches = |line: &Line| {
        let builds = ["cfg(", "cfg!(", "cfg_attr("].iter().any(|it| line.text.contains(it));
        let setting = line.text.split('"').skip(1).step_by(2).any(|text| {
            names.iter().any(|name| text.contains(name)) && text == text.to_uppercase()
        });
        builds || (line.file == "shared/src/config.rs" && setting)
    };
    let found: Vec<_> = lines().filter(switches).map(|line| (line.file, line.text)).collect();

    assert!(found.is_empty(), "{found:#?}");
    for package in files::functions().iter().map(|name| format!("functions/{name}")) {
        assert!(!files::read(&format!("{package}/Cargo.toml")).contains("[features]"), "{package}");
    }
    assert!(!files::read("shared/Cargo.toml").contains("[features]"));
}

/// Every line of the functions and of `shared`, without tests and comments.
fn lines() -> impl Iterator<Item = Line> {
    ["functions", "shared/src"].into_iter().flat_map(|folder| {
        let root = files::path("");
        let name =
            move |file: &Path| file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let sources = files::sources(folder).into_iter().map(move |file| (name(&file), file));
        sources.filter(|(name, _)| !is_test(name)).flat_map(|(name, file)| {
            let mut inside = String::new();
            let code = code(&fs::read_to_string(file).unwrap());
            let line = |text: &str| {
                if let Some((_, rest)) = text.split_once("fn ") {
                    rest.split(['(', '<']).next().unwrap().clone_into(&mut inside);
                }
                Line { file: name.clone(), inside: inside.clone(), text: text.trim().to_owned() }
            };
            code.lines().map(line).collect::<Vec<_>>()
        })
    })
}

/// Whether a file is compiled into tests only: by how such files are called.
fn is_test(name: &str) -> bool {
    ["tests.rs", "properties.rs"].iter().any(|end| name.ends_with(end)) || name.contains("/tests/")
}
