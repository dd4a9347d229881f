//! The checkout, as a test reads it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A file or folder of the checkout.
pub(super) fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(relative)
}

/// A text file of the checkout.
pub(super) fn read(relative: &str) -> String {
    let path = path(relative);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What is in a folder.
pub(super) fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Every Rust file in a folder of the checkout, and below it.
pub(super) fn sources(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![path(folder)];
    while let Some(folder) = folders.pop() {
        let (inner, files): (Vec<_>, Vec<_>) =
            entries(&folder).into_iter().partition(|path| path.is_dir());
        folders.extend(inner);
        found
            .extend(files.into_iter().filter(|path| path.extension().is_some_and(|it| it == "rs")));
    }
    found
}

/// The folders under `functions`: one function each.
pub(super) fn functions() -> BTreeSet<String> {
    let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    entries(&path("functions")).into_iter().filter(|path| path.is_dir()).map(name).collect()
}
