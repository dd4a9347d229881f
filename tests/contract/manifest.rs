//! The manifest that is in the checkout, and the command that makes it.

use local::{command_line, manifest};

use super::files;

const FILE: &str = "infra/slack-app-manifest.yaml";

#[test]
fn the_manifest_in_the_checkout_is_what_the_command_in_it_prints() {
    let file = files::read(FILE);
    let (comment, manifest): (Vec<_>, Vec<_>) = file.lines().partition(|l| l.starts_with('#'));

    let printed = printed(&comment);

    assert_eq!(
        manifest.join("\n").trim(),
        printed.trim(),
        "{FILE} is old: write it anew below its comment"
    );
}

/// What the command in the comment, `cargo dev …`, prints.
fn printed(comment: &[&str]) -> String {
    let command = comment.iter().find_map(|line| line.split_once("cargo dev ")).unwrap().1;
    match command_line::read(command.split_whitespace().map(str::to_owned)) {
        Ok(command_line::Command::Manifest(wanted)) => manifest::text(&wanted).unwrap(),
        other => panic!("{command}: {other:?}"),
    }
}
