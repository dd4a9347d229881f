//! Settings in a file: one `NAME=value` a line, no quotes. Lines that begin with `#` are comments.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    path::Path,
};

/// The file's text.
pub(crate) fn text(variables: &BTreeMap<String, String>) -> String {
    let lines: Vec<_> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    lines.join("\n") + "\n"
}

/// Writes a file of secrets, for its owner alone.
pub(crate) fn write_privately(path: &Path, text: &str) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// The settings in a file's text.
pub(crate) fn parse(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_comments_are_not() {
        let written = BTreeMap::from([("KEY".to_owned(), "a=b c".to_owned())]);

        let read = parse(&format!("# OLD=1\n\n{}", text(&written)));

        assert_eq!(read, written);
    }
}
