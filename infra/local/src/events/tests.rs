//! The committed events are what is written, and the others are what the functions believe.

use std::collections::BTreeSet;

use shared::{
    clock::{ManualClock, SystemClock},
    routes::{BACKGROUND, ROUTES},
};

use super::*;
use crate::scratch::Directory;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");

fn read(directory: &Path, name: &str) -> String {
    fs::read_to_string(directory.join(name).with_extension("json")).unwrap()
}

#[test]
fn the_committed_events_are_what_is_written() {
    for sample in unsigned::samples().unwrap() {
        let committed: Value =
            serde_json::from_str(&read(COMMITTED.as_ref(), sample.name)).unwrap();
        assert_eq!(committed, sample.event, "{}", sample.name);
    }
}

#[test]
fn what_is_signed_is_not_committed() {
    let directory = Directory::new();
    let environment = Environment::at(&directory.path().join(ENVIRONMENT)).unwrap();

    let ignored = fs::read_to_string(Path::new(COMMITTED).join(".gitignore")).unwrap();
    let ignored: BTreeSet<&str> = ignored.lines().collect();
    let signed = signed::samples(&environment, Arc::new(SystemClock)).unwrap();
    let mut expected: BTreeSet<String> =
        signed.iter().map(|sample| format!("/{}.json", sample.name)).collect();
    expected.insert("/.env".to_owned());
    assert_eq!(ignored, expected.iter().map(String::as_str).collect());
}

#[test]
fn every_function_has_an_event() {
    let directory = Directory::new();

    write(directory.path(), Arc::new(SystemClock)).unwrap();

    let files: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap()).collect();
    let functions = ROUTES.iter().map(|route| route.function).chain(BACKGROUND.iter().copied());
    for function in functions {
        let own = |name: &str| name.starts_with(&format!("{function}-"));
        let has = files.iter().any(|file| own(&file.file_name().to_string_lossy()));
        assert!(has, "{function}");
    }
}

#[test]
fn a_second_run_signs_under_the_same_keys() {
    let directory = Directory::new();
    let clock = ManualClock::at(Timestamp::from_secs(1_700_000_000));
    let path = write(directory.path(), Arc::new(clock.clone())).unwrap();
    let (first, kept) =
        (read(directory.path(), "action-linked"), fs::read_to_string(&path).unwrap());

    clock.advance(std::time::Duration::from_mins(6));
    write(directory.path(), Arc::new(clock)).unwrap();

    assert_ne!(read(directory.path(), "action-linked"), first);
    assert_eq!(fs::read_to_string(&path).unwrap(), kept);
}

#[test]
fn an_environment_that_lacks_a_key_is_refused_by_name() {
    let directory = Directory::new();
    fs::write(directory.path().join(ENVIRONMENT), "SENTRY_URL=http://127.0.0.1:9\n").unwrap();

    let error = write(directory.path(), Arc::new(SystemClock)).unwrap_err();

    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("has no SLACK_SIGNING_SECRET"), "{cause}");
}

#[cfg(unix)]
#[test]
fn the_environment_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new();

    let path = write(directory.path(), Arc::new(SystemClock)).unwrap();

    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
}
