//! The workspaces that have the app, each with what it lacks.

use shared::{
    clock::Timestamp, health::Workspace, identity::InstallationStatus, routes::Urls,
    slack::grant::BOT_SCOPES,
};

use crate::doctor::finding::Finding;

/// So many workspaces that are well have a line of their own.
const MOST_WELL: usize = 8;

pub(super) fn judge(workspaces: &[Workspace], now: Timestamp, urls: &Urls) -> Vec<Finding> {
    if workspaces.is_empty() {
        let found = format!("none has the app yet: install it at {}", urls.install());
        return vec![Finding::unknown("workspaces", found)];
    }
    let (mut findings, mut well) = (Vec::new(), Vec::new());
    for workspace in workspaces {
        let wrong = faults(workspace, now, urls);
        if wrong.is_empty() { well.push(line(workspace)) } else { findings.extend(wrong) }
    }
    let more = well.split_off(well.len().min(MOST_WELL));
    findings.extend(well);
    if !more.is_empty() {
        findings.push(Finding::ok("workspaces", format!("{} more are in order", more.len())));
    }
    findings
}

fn line(workspace: &Workspace) -> Finding {
    match workspace.status {
        InstallationStatus::Active => {
            Finding::ok("workspace", format!("{}: active, {}", name(workspace), acts_in(workspace)))
        }
        InstallationStatus::Disabled => {
            Finding::unknown("workspace", format!("{}: removed in Slack", name(workspace)))
        }
    }
}

fn faults(workspace: &Workspace, now: Timestamp, urls: &Urls) -> Vec<Finding> {
    if workspace.status == InstallationStatus::Disabled {
        return Vec::new();
    }
    let name = name(workspace);
    let again = format!("install it again at {}", urls.install());
    let wrong = |found: String, remedy: String| Finding::wrong("workspace", found, remedy);
    let mut faults = Vec::new();
    if !workspace.missing_scopes.is_empty() {
        let lacks = workspace.missing_scopes.join(", ");
        let purposes = purposes(&workspace.missing_scopes);
        faults.push(wrong(format!("{name}: lacks {lacks}"), format!("{again}{purposes}")));
    }
    if let Some(trouble) = &workspace.trouble {
        faults.push(wrong(format!("{name}: Slack says {trouble}"), again.clone()));
    } else if workspace.token_expires.is_some_and(|end| end <= now) {
        let remedy =
            format!("perform's log in CloudWatch says why it is not renewed; else {again}");
        faults.push(wrong(format!("{name}: its token has ended"), remedy));
    }
    if workspace.organizations.is_empty() {
        faults.push(wrong(format!("{name}: acts in no organization"), again));
    }
    faults
}

/// What the scopes are for, as far as we know them.
fn purposes(scopes: &[String]) -> String {
    let known = BOT_SCOPES.iter().filter(|scope| scopes.iter().any(|name| name == scope.name));
    let purposes: Vec<_> =
        known.map(|scope| format!("{} to {}", scope.name, scope.purpose)).collect();
    if purposes.is_empty() { String::new() } else { format!(": {}", purposes.join("; ")) }
}

fn name(workspace: &Workspace) -> String {
    format!("{} ({})", workspace.name, workspace.tenant)
}

fn acts_in(workspace: &Workspace) -> String {
    format!("acts in {}", workspace.organizations.join(", "))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;
    use crate::doctor::{
        examination::tests::{NOW, health_with_details, urls},
        finding::State,
    };

    fn a_workspace() -> Value {
        health_with_details()["details"]["workspaces"][0].clone()
    }

    fn judged(list: &Value) -> Vec<Finding> {
        judge(&Vec::<Workspace>::deserialize(list).unwrap(), NOW, &urls())
    }

    /// The lines about a workspace that is changed so.
    fn changed(edit: impl FnOnce(&mut Value)) -> Vec<Finding> {
        let mut workspace = a_workspace();
        edit(&mut workspace);
        judged(&json!([workspace]))
    }

    #[test]
    fn missing_scopes_are_told_with_what_they_are_for() {
        let findings = changed(|w| w["missing_scopes"] = json!(["im:history", "new:scope"]));

        let [finding] = findings.as_slice() else { panic!("{findings:?}") };
        assert_eq!(finding.found, "Acme (T0ACME0001): lacks im:history, new:scope");
        let remedy = finding.remedy.as_deref().unwrap();
        assert_eq!(
            remedy,
            "install it again at https://belay.example.com/install: \
             im:history to read what people write to it directly"
        );
    }

    #[test]
    fn a_token_is_wrong_once_it_has_ended_and_trouble_is_slacks_word() {
        let ends = |at: i64| changed(|w| w["token_expires"] = json!(NOW.millis() + at));
        let trouble = changed(|w| w["trouble"] = json!("token_revoked"));

        assert_eq!(ends(1)[0].state, State::Ok);
        assert_eq!(ends(0)[0].found, "Acme (T0ACME0001): its token has ended");
        assert_eq!(trouble[0].found, "Acme (T0ACME0001): Slack says token_revoked");
    }

    #[test]
    fn one_that_was_removed_is_nothing_wrong() {
        let findings = changed(|workspace| {
            workspace["status"] = json!("DISABLED");
            workspace["missing_scopes"] = json!(["commands"]);
        });

        assert_eq!(findings[0].state, State::Unknown);
    }

    #[test]
    fn many_workspaces_stay_on_one_screen() {
        let findings = judged(&json!(vec![a_workspace(); 30]));

        assert_eq!(findings.len(), MOST_WELL + 1);
        assert_eq!(findings[MOST_WELL].found, "22 more are in order");
    }

    #[test]
    fn where_nobody_has_the_app_it_is_said_how_to_install_it() {
        let findings = judged(&json!([]));

        assert_eq!((findings.len(), findings[0].state), (1, State::Unknown));
        assert!(findings[0].found.ends_with("https://belay.example.com/install"), "{findings:?}");
    }
}
