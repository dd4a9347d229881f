//! Where the functions' log lines go.
//!
//! A function writes one JSON object per line, `{"level":"INFO",…}`, as it does for `CloudWatch`;
//! what is no such object (a panic's message) is taken for an error.

use std::{
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// A place for log lines. Clones write to the same place.
#[derive(Debug, Clone)]
pub struct Logs(Arc<Place>);

#[derive(Debug)]
enum Place {
    Terminal,
    File(Mutex<File>),
    Memory(Mutex<Vec<String>>),
}

impl Logs {
    /// Warnings and errors to standard error; the rest is dropped.
    pub fn terminal() -> Self {
        Self(Arc::new(Place::Terminal))
    }

    /// Every line, at the end of the file at `path`.
    pub fn file(path: &Path) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        Ok(Self(Arc::new(Place::File(Mutex::new(file)))))
    }

    /// Every line, kept for a test to read with [`Logs::lines`].
    pub fn memory() -> Self {
        Self(Arc::new(Place::Memory(Mutex::new(Vec::new()))))
    }

    /// What was written so far, each line behind its function's name; empty unless kept in memory.
    pub fn lines(&self) -> Vec<String> {
        match &*self.0 {
            Place::Memory(lines) => lines.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Place::Terminal | Place::File(_) => Vec::new(),
        }
    }

    /// Writes one line of `function`. A full disk loses lines, never a request.
    pub fn write(&self, function: &str, line: &str) {
        let named = format!("{function}  {line}");
        match &*self.0 {
            Place::Terminal if is_quiet(line) => {}
            Place::Terminal => eprintln!("{named}"),
            Place::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let _ = writeln!(file, "{named}");
            }
            Place::Memory(lines) => {
                lines.lock().unwrap_or_else(PoisonError::into_inner).push(named);
            }
        }
    }

    /// Copies what a process writes until it closes its end.
    pub(crate) async fn copy(self, function: String, from: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            self.write(&function, &line);
        }
    }
}

/// Whether a line may be left out of the terminal: it says nothing, or nothing to worry about.
fn is_quiet(line: &str) -> bool {
    #[derive(Deserialize)]
    struct Line {
        level: String,
    }
    let calm = |line: Line| matches!(line.level.as_str(), "INFO" | "DEBUG" | "TRACE");
    line.is_empty() || serde_json::from_str(line).is_ok_and(calm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminal_shows_warnings_errors_and_what_nobody_formatted() {
        assert!(is_quiet(r#"{"level":"INFO","message":"admitted"}"#));
        assert!(!is_quiet(r#"{"level":"WARN","message":"slow"}"#));
        assert!(!is_quiet("thread 'main' panicked at src/main.rs"));
    }

    #[tokio::test]
    async fn lines_are_kept_behind_their_functions_name() {
        let logs = Logs::memory();

        logs.clone().copy("action".to_owned(), &b"one\ntwo"[..]).await;

        assert_eq!(logs.lines(), ["action  one", "action  two"]);
    }
}
