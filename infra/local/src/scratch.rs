//! A directory for one test, gone when the test ends.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::random;

/// Removes itself.
#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("belay-{}", random::hex(8)));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // The system cleans up what is left.
        let _ = fs::remove_dir_all(&self.0);
    }
}
