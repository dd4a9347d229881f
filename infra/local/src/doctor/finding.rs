//! What the doctor has found, and how it is shown.

use serde::Serialize;
use serde_json::json;
use shared::slack::message::plain;

/// Foreign text is cut: an answer may say anything.
const MAX_WORDS: usize = 400;

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should.
    Ok,
    /// Not as it should.
    Wrong,
    /// Nobody knows, or nobody asked.
    Unknown,
}

/// One line of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, in a word or two.
    pub check: String,
    /// How it is.
    pub state: State,
    /// What was found.
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &str, found: impl AsRef<str>) -> Self {
        Self::new(check, State::Ok, found.as_ref())
    }

    pub(super) fn unknown(check: &str, found: impl AsRef<str>) -> Self {
        Self::new(check, State::Unknown, found.as_ref())
    }

    /// What is wrong, with what to do about it.
    pub(super) fn wrong(check: &str, found: impl AsRef<str>, remedy: impl AsRef<str>) -> Self {
        let remedy = Some(plain(remedy.as_ref(), MAX_WORDS));
        Self { remedy, ..Self::new(check, State::Wrong, found.as_ref()) }
    }

    /// What is found may be foreign words: they move no cursor.
    fn new(check: &str, state: State, found: &str) -> Self {
        Self { check: plain(check, MAX_WORDS), state, found: plain(found, MAX_WORDS), remedy: None }
    }
}

/// Whether nothing is wrong.
pub(super) fn is_well(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.state != State::Wrong)
}

/// The report for a person; in colours for a terminal that has them.
pub(super) fn text(origin: &str, findings: &[Finding], colours: bool) -> String {
    let paint = |state: State, text: &str| match (colours, state) {
        (false, _) => text.to_owned(),
        (true, State::Ok) => format!("\x1b[32m{text}\x1b[0m"),
        (true, State::Wrong) => format!("\x1b[31m{text}\x1b[0m"),
        (true, State::Unknown) => format!("\x1b[2m{text}\x1b[0m"),
    };
    let width = findings.iter().map(|finding| finding.check.chars().count()).max();
    let width = width.unwrap_or_default();
    let mut lines = vec![format!("Belay at {origin}"), String::new()];
    for Finding { check, state, found, remedy } in findings {
        let mark = paint(*state, mark(*state));
        lines.push(format!("  {mark} {check:width$}  {found}"));
        lines.extend(remedy.iter().map(|remedy| format!("    {:width$}  → {remedy}", "")));
    }
    lines.extend([String::new(), summary(findings), String::new()]);
    lines.join("\n")
}

/// The report for a program.
pub(super) fn json(origin: &str, findings: &[Finding]) -> String {
    format!("{:#}\n", json!({"url": origin, "ok": is_well(findings), "findings": findings}))
}

fn mark(state: State) -> &'static str {
    match state {
        State::Ok => "✓",
        State::Wrong => "✗",
        State::Unknown => "–",
    }
}

/// What could not be looked at is counted, so that nobody takes silence for health.
fn summary(findings: &[Finding]) -> String {
    let how_many = |state| findings.iter().filter(|finding| finding.state == state).count();
    match (how_many(State::Wrong), how_many(State::Unknown)) {
        (0, 0) => "Nothing is wrong.".to_owned(),
        (0, 1) => "Nothing is wrong as far as could be seen; one thing could not (–).".to_owned(),
        (0, unknown) => {
            format!("Nothing is wrong as far as could be seen; {unknown} things could not (–).")
        }
        (1, _) => "One thing is wrong.".to_owned(),
        (wrong, _) => format!("{wrong} things are wrong."),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const ORIGIN: &str = "https://belay.example.com";

    fn findings() -> Vec<Finding> {
        vec![
            Finding::ok("reach", "Belay 0.1.0 answers"),
            Finding::wrong("settings", "setting SENTRY_URL is missing", "set it"),
            Finding::unknown("schedule", "not yet"),
        ]
    }

    #[test]
    fn a_report_has_a_line_each_and_below_what_is_wrong_the_remedy() {
        let report = text(ORIGIN, &findings(), false);

        assert_eq!(
            report,
            "Belay at https://belay.example.com\n\
             \n  ✓ reach     Belay 0.1.0 answers\
             \n  ✗ settings  setting SENTRY_URL is missing\
             \n              → set it\
             \n  – schedule  not yet\n\
             \nOne thing is wrong.\n"
        );
    }

    #[test]
    fn what_could_not_be_seen_is_counted_where_nothing_is_wrong() {
        let (well, unseen) = (Finding::ok("a", ""), Finding::unknown("b", ""));

        assert_eq!(summary(std::slice::from_ref(&well)), "Nothing is wrong.");
        assert_eq!(
            summary(&[well.clone(), unseen.clone()]),
            "Nothing is wrong as far as could be seen; one thing could not (–)."
        );
        assert_eq!(
            summary(&[well, unseen.clone(), unseen]),
            "Nothing is wrong as far as could be seen; 2 things could not (–)."
        );
    }

    #[test]
    fn only_a_terminal_gets_colours() {
        assert!(text(ORIGIN, &findings(), true).contains("\x1b[31m✗\x1b[0m"));
        assert!(!text(ORIGIN, &findings(), false).contains('\x1b'));
    }

    #[test]
    fn foreign_words_move_no_cursor() {
        let finding = Finding::ok("reach", "\x1b[2J\u{202e}gone\nnew line");

        assert!(!finding.found.contains(['\x1b', '\u{202e}', '\n']), "{finding:?}");
    }

    #[test]
    fn a_program_reads_the_same() {
        let report: Value = serde_json::from_str(&json(ORIGIN, &findings())).unwrap();

        assert_eq!(report["ok"], false);
        assert_eq!(report["findings"][1]["state"], "wrong");
        assert_eq!(report["findings"][1]["remedy"], "set it");
        assert_eq!(report["findings"][0].get("remedy"), None);
    }

    #[test]
    fn what_nobody_knows_is_not_wrong() {
        assert!(is_well(&[Finding::ok("a", ""), Finding::unknown("b", "")]));
        assert!(!is_well(&findings()));
    }
}
