//! The panel of the app: whether it is in the workspace, and how it is added and removed.

use axum::{
    Form,
    extract::State,
    response::{IntoResponse, Response},
};
use maud::{Markup, html};

use super::actions::{Fields, back, field};
use crate::slack::{
    Slack,
    installs::Reach,
    state,
    workspace::{ENTERPRISE, ENTERPRISE_NAME, TEAM_NAME},
};

pub(super) fn render(state: &state::State) -> Markup {
    html! {
        h2 { "The app in this workspace" }
        p {
            @match state.reach() {
                Some(Reach::Workspace) => { "Belay is installed in " (TEAM_NAME) "." }
                Some(Reach::Organization) => { "Belay is installed in all of " (ENTERPRISE_NAME) "." }
                None => { "Belay is not installed." }
            }
        }
        @if let Some(url) = &state.install_url {
            p {
                a.button href=(url) target="_blank" rel="noopener" {
                    @if state.reach().is_some() { "Add it again" } @else { "Add Belay to Slack" }
                }
            }
        }
        @if state.reach().is_some() {
            form method="post" action="/ui/app/remove" data-quiet {
                button.danger type="submit" { "Remove the app" }
            }
        }
        (switch("rotation", "Token rotation: new tokens expire", state.installs.rotation))
        (switch("grid", "Acme is part of an organization (Enterprise Grid)", state.enterprise.is_some()))
        (events(state))
    }
}

/// A setting that is on or off.
fn switch(name: &str, words: &str, on: bool) -> Markup {
    html! {
        form method="post" action="/ui/app/settings" data-quiet {
            input type="hidden" name="setting" value=(name);
            label.switch {
                input type="checkbox" id=(name) name="on" value="true" checked[on] data-submit;
                span { (words) }
            }
            noscript { button type="submit" { "Set" } }
        }
    }
}

/// Whether the app has answered at its URL for events.
fn events(state: &state::State) -> Markup {
    let Some(events) = &state.events_url else { return html! {} };
    html! {
        @if events.verified {
            p.quiet { "Events: the app's URL is verified." }
        } @else {
            form method="post" action="/ui/app/verify" data-quiet {
                p.warning { "Events: the app's URL did not answer the challenge." }
                button type="submit" { "Verify it again" }
            }
        }
    }
}

/// `POST /ui/app/remove`: an admin removes the app, and the app is told.
pub(super) async fn remove(State(slack): State<Slack>) -> Response {
    slack.send_events(slack.uninstall());
    back(Ok(()))
}

/// `POST /ui/app/settings`.
pub(super) async fn set(State(slack): State<Slack>, Form(form): Fields) -> Response {
    let on = field(&form, "on") == "true";
    match field(&form, "setting") {
        "rotation" => slack.set_token_rotation(on),
        "grid" => slack.set_enterprise(on.then_some(ENTERPRISE)),
        _ => {}
    }
    back(Ok(())).into_response()
}

/// `POST /ui/app/verify`.
pub(super) async fn verify(State(slack): State<Slack>) -> Response {
    slack.verify_events_url().await;
    back(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::samples;

    #[test]
    fn an_app_that_is_there_can_be_removed_and_one_that_is_not_added() {
        let (mut state, _) = samples::state();
        state.install_url = Some("http://belay.test/install".to_owned());
        let before = render(&state).into_string();

        state.uninstall(Reach::Workspace);

        let after = render(&state).into_string();
        assert!(before.contains("Remove the app") && before.contains("Add it again"), "{before}");
        assert!(after.contains("Belay is not installed") && after.contains("Add Belay to Slack"));
        assert!(!after.contains("Remove the app"), "{after}");
    }
}
