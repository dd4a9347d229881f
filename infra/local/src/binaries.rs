//! One `cargo build` for all of them; cargo itself says where they are.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{self, BufRead, BufReader},
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
};

use serde::Deserialize;
use shared::routes::{BACKGROUND, ROUTES};

/// The executables, by the functions' names.
pub type Binaries = BTreeMap<String, PathBuf>;

/// Why there are no binaries.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo could not be run, or not be read.
    #[error("cannot run cargo")]
    Cargo(#[from] io::Error),
    /// Cargo has said what is wrong, on standard error.
    #[error("the functions do not build ({0})")]
    Failed(ExitStatus),
    /// Cargo built no binary of that name.
    #[error("there is no binary of function {0}")]
    Missing(&'static str),
}

/// A line of `cargo build --message-format=json`.
#[derive(Deserialize)]
struct Message {
    target: Target,
    executable: PathBuf,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// The functions, each once.
pub fn functions() -> Vec<&'static str> {
    let mut names: Vec<_> = ROUTES.iter().map(|route| route.function).collect();
    names.extend(BACKGROUND);
    names.sort_unstable();
    names.dedup();
    names
}

/// Builds these functions in the profile this was built in. Cargo shows its progress and the
/// compiler's messages on standard error; `quiet` leaves out the progress.
pub fn build(functions: &[&'static str], quiet: bool) -> Result<Binaries, BuildError> {
    let mut cargo = Command::new(cargo());
    cargo
        .args(["build", "--message-format=json-render-diagnostics"])
        // Named as well, so that cargo settles on the features this was built with and compiles
        // no dependency twice.
        .args(["--package", "local"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    for function in functions {
        cargo.args(["--package", function]);
    }
    for name in told_by_cargo() {
        cargo.env_remove(name);
    }
    if quiet {
        cargo.arg("--quiet");
    }
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let mut child = cargo.spawn()?;
    let messages = child.stdout.take().map(BufReader::new);
    let built = built(messages.into_iter().flat_map(BufRead::lines))?;
    let status = child.wait()?;
    if !status.success() {
        return Err(BuildError::Failed(status));
    }
    pick(built, functions)
}

fn built(lines: impl Iterator<Item = io::Result<String>>) -> io::Result<Binaries> {
    let mut built = Binaries::new();
    for line in lines {
        // The other lines are about libraries and build scripts.
        if let Ok(message) = serde_json::from_str::<Message>(&line?) {
            built.insert(message.target.name, message.executable);
        }
    }
    Ok(built)
}

fn pick(mut built: Binaries, functions: &[&'static str]) -> Result<Binaries, BuildError> {
    let picked =
        functions.iter().map(|name| built.remove_entry(*name).ok_or(BuildError::Missing(name)));
    picked.collect()
}

#[expect(clippy::disallowed_methods, reason = "cargo tells its children where it is: no setting")]
fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// What `cargo run` tells the program it runs about itself (The Cargo Book, "Environment variables
/// Cargo sets for crates"). A build script that listens to them, ring's for one, would take them for
/// news and compile everything again, each time.
fn told_by_cargo() -> Vec<OsString> {
    let about_us = |name: &OsString| {
        let name = name.to_string_lossy();
        name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
    };
    std::env::vars_os().map(|(name, _)| name).filter(about_us).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_function_with_two_routes_is_built_once() {
        let functions = functions();

        assert_eq!(functions.iter().filter(|name| **name == "sign-in").count(), 1);
        assert!(functions.contains(&"perform"));
    }

    #[test]
    fn executables_are_told_from_libraries() {
        let lines = [
            r#"{"reason":"compiler-artifact","target":{"name":"shared"},"executable":null}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"action"},"executable":"/t/action"}"#,
            r#"{"reason":"build-finished","success":true}"#,
        ];

        let built = built(lines.into_iter().map(|line| Ok(line.to_owned()))).unwrap();

        assert_eq!(built, Binaries::from([("action".to_owned(), PathBuf::from("/t/action"))]));
    }

    /// `cargo run` compiles this package alone, and then `build` all of them.
    #[test]
    fn nothing_is_compiled_twice() {
        let alone = packages_with_features(&["local"]);

        let together = packages_with_features(&[&["local"], &*functions()].concat());

        let anew: Vec<_> = alone.difference(&together).collect();
        assert!(anew.is_empty(), "with other features beside the functions: {anew:#?}");
        assert!(alone.iter().any(|package| package.starts_with("shared ")), "{alone:#?}");
    }

    fn packages_with_features(packages: &[&str]) -> BTreeSet<String> {
        let mut tree = Command::new(cargo());
        tree.args(["tree", "--locked", "--edges", "normal,build", "--prefix", "none"])
            .args(["--format", "{p} {f}"])
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        for package in packages {
            tree.args(["--package", package]);
        }
        let told = tree.output().unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        let lines = String::from_utf8(told.stdout).unwrap();
        // What was shown before is marked.
        lines.lines().map(|line| line.trim_end_matches(" (*)").trim_end().to_owned()).collect()
    }

    #[test]
    fn a_missing_binary_is_named() {
        assert!(matches!(pick(Binaries::new(), &["action"]), Err(BuildError::Missing("action"))));
    }
}
