//! What the processes of a function use, by Linux's own books (proc(5)); elsewhere nothing is known.

use std::{fs, path::Path, time::Duration};

/// A tick of the processor's books; Linux shows them in hundredths of a second to everybody.
const TICK: Duration = Duration::from_millis(10);
const PAGE: u64 = 4096;

/// All processes of one program together.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Usage {
    pub(super) processes: usize,
    processor: Duration,
    /// Bytes that are resident.
    pub(super) memory: u64,
}

impl Usage {
    /// The processor time since then.
    pub(super) fn since(&self, before: &Self) -> Duration {
        self.processor.saturating_sub(before.processor)
    }
}

/// What the children of this process that run `binary` use.
pub(super) fn usage(binary: &Path) -> Usage {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let of_binary = processes
        .map(|entry| entry.path())
        .filter(|path| fs::read_link(path.join("exe")).is_ok_and(|exe| exe == binary));
    of_binary.filter_map(|path| child(&path)).fold(Usage::default(), |sum, one| Usage {
        processes: sum.processes + 1,
        processor: sum.processor + one.processor,
        memory: sum.memory + one.memory,
    })
}

/// What this process uses: gateway, queue, table, the stand-ins, and whoever clicks.
pub(super) fn own() -> Usage {
    read(Path::new("/proc/self")).map(|(_, usage)| usage).unwrap_or_default()
}

/// One process, if it is ours.
fn child(process: &Path) -> Option<Usage> {
    let (parent, usage) = read(process)?;
    (parent == u64::from(std::process::id())).then_some(usage)
}

/// A process's parent, and what it uses.
fn read(process: &Path) -> Option<(u64, Usage)> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    // The name stands in brackets and may hold anything; the state is field 3.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    let ticks = u32::try_from(number(14)? + number(15)?).ok()?;
    let usage = Usage { processes: 1, processor: TICK * ticks, memory: PAGE * number(24)? };
    Some((number(4)?, usage))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{
        io::{Read, Write},
        process::{Command, Stdio},
    };

    use super::*;

    #[test]
    fn a_child_is_seen_and_a_stranger_is_not() {
        let cat = fs::canonicalize("/bin/cat").unwrap();
        let mut child =
            Command::new(&cat).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        // Who has just been started has no page yet in the books; who has answered has.
        child.stdin.as_mut().unwrap().write_all(b"?").unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();

        let seen = usage(&cat);
        let stranger = super::child(Path::new("/proc/self"));

        child.kill().unwrap();
        child.wait().unwrap();
        assert!(seen.processes >= 1 && seen.memory > 0, "{seen:?}");
        assert!(stranger.is_none(), "{stranger:?}");
        assert!(own().memory > 0);
    }
}
