//! Writes every page into a directory, to look at:
//! `cargo run -p templates --example samples -- DIR`.

use std::{env, fs, io, path::PathBuf};

fn main() -> io::Result<()> {
    let directory = env::args_os().nth(1).map_or_else(|| PathBuf::from("pages"), PathBuf::from);
    fs::create_dir_all(&directory)?;
    for (name, html) in templates::samples::samples() {
        fs::write(directory.join(name).with_extension("html"), html)?;
    }
    println!("{}", directory.display());
    Ok(())
}
