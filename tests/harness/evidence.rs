//! What left the functions while the tests ran, for `.ci/secrets` to look for secrets in it: their log,
//! their answers, what they put into the queue, what they left in the table. Every secret of the tests
//! and of the stand-ins is a canary: it has a known word in it.
//!
//! Kept only where `BELAY_EVIDENCE` names a folder: a file for each kind and process, a line for each
//! thing.

use std::{
    collections::{HashMap, hash_map::Entry},
    env,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process,
    sync::{Mutex, Once, OnceLock, PoisonError},
};

use serde::Serialize;
use shared::store::memory::{MemoryStore, Rows};
use tracing_subscriber::{Layer, filter::LevelFilter, fmt, layer::SubscriberExt, registry};

/// What a line of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Log,
    Answer,
    Queue,
    Table,
}

/// Keeps one thing, if evidence is wanted.
pub(crate) fn keep(kind: Kind, what: impl FnOnce() -> String) {
    if let Some(folder) = folder() {
        write(folder, kind, what().as_bytes()).unwrap();
    }
}

/// A table whose rows are kept at its end.
pub(crate) struct KeptRows(pub(crate) MemoryStore);

impl Drop for KeptRows {
    fn drop(&mut self) {
        keep_rows(&self.0.rows());
    }
}

/// Keeps the rows of a table, of every kind (of an event that was heard its name is all there is): what
/// holds no secret today may tomorrow.
fn keep_rows(rows: &Rows) {
    let Rows {
        installations,
        identities,
        reverse,
        epochs,
        flows,
        jobs,
        newest,
        setups,
        events,
        audit,
        look,
        posts,
        lanes,
    } = rows;
    keep_each(installations.values());
    keep_each(identities.values());
    keep_each(reverse);
    keep_each(epochs);
    keep_each(flows.values());
    keep_each(jobs.values());
    keep_each(newest);
    keep_each(setups.values());
    keep_each(events.keys());
    keep_each(audit.values());
    keep_each(look);
    keep_each(posts.values());
    keep_each(lanes.values());
}

fn keep_each(rows: impl IntoIterator<Item = impl Serialize>) {
    for row in rows {
        keep(Kind::Table, || serde_json::to_string(&row).unwrap());
    }
}

/// Listens to what every thread writes into its log from now on, with the details of every crate, and
/// keeps it if evidence is wanted.
///
/// It listens in any case: what is first written by a thread that nobody listens to may be taken for
/// something that nobody wants (`tracing` remembers it), and a test that listens for itself misses it.
pub(crate) fn listen_to_logs() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let lines = folder().map(|folder| {
            fmt::layer()
                .json()
                .flatten_event(true)
                .with_writer(move || Lines(folder))
                .with_filter(LevelFilter::DEBUG)
        });
        tracing::subscriber::set_global_default(registry().with(lines)).unwrap();
    });
}

struct Lines(&'static Path);

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        write(self.0, Kind::Log, line.trim_ascii_end())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "of the tests, not of the bundle's settings")]
fn folder() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = PathBuf::from(env::var_os("BELAY_EVIDENCE")?);
        fs::create_dir_all(&folder).unwrap();
        Some(folder)
    });
    folder.as_deref()
}

fn write(folder: &Path, kind: Kind, line: &[u8]) -> io::Result<()> {
    static FILES: Mutex<Option<HashMap<Kind, File>>> = Mutex::new(None);
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let files = files.get_or_insert_default();
    let file = match files.entry(kind) {
        Entry::Occupied(open) => open.into_mut(),
        Entry::Vacant(none) => {
            let path = folder.join(format!("{kind:?}-{}", process::id()).to_lowercase());
            none.insert(File::options().create(true).append(true).open(path)?)
        }
    };
    file.write_all(&[line, b"\n"].concat())
}
