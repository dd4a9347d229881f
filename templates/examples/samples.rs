//! Writes every page into a directory, to look at:
//! `cargo run -p templates --example samples -- DIR`.
//!
//! With a file of texts as well, `-- DIR TEXTS`, the pages are also written with each of its lines in
//! every free field, the pages of the first line into `DIR/1`. Lines that begin with `# ` are notes.

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let directory = arguments.next().unwrap_or_else(|| "pages".into());
    let directory = Path::new(&directory);
    write(directory, templates::samples::samples())?;
    if let Some(texts) = arguments.next() {
        let texts = fs::read_to_string(texts)?;
        let texts = texts.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
        for (number, text) in (1..).zip(texts) {
            write(&directory.join(u32::to_string(&number)), templates::samples::samples_of(text))?;
        }
    }
    println!("{}", directory.display());
    Ok(())
}

fn write(directory: &Path, pages: Vec<(String, String)>) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for (name, html) in pages {
        fs::write(directory.join(name).with_extension("html"), html)?;
    }
    Ok(())
}
