//! The pages of an install.

use super::hostile_text;
use crate::{
    AlreadyInstalled, AppInSlack, ChooseOrganization, InstallAgain, InstallChoice, Installed,
    Markup, MayNotInstall, MissingScope, MissingScopes, SentrySide, StartInstall,
    install_for_status,
};

/// What a free field says, given what it says on an ordinary page.
type Say = fn(&str) -> String;

/// A name and the page, as in [`super::samples`].
pub(super) fn pages() -> Vec<(&'static str, Markup)> {
    let plain: Say = str::to_owned;
    let hostile: Say = |_| hostile_text();
    vec![
        ("start-install", start(plain)),
        ("start-install-hostile", start(hostile)),
        ("choose-organization", choose(plain, 3)),
        ("choose-organization-hostile", choose(hostile, 3)),
        ("choose-only-organization", choose(plain, 1)),
        ("choose-only-organization-hostile", choose(hostile, 1)),
        ("installed", installed(plain, false)),
        ("installed-hostile", installed(hostile, false)),
        ("installed-again", installed(plain, true)),
        ("installed-again-hostile", installed(hostile, true)),
        ("already-installed", already_installed(plain)),
        ("already-installed-hostile", already_installed(hostile)),
        ("missing-scopes", missing_scopes(plain)),
        ("missing-scopes-hostile", missing_scopes(hostile)),
        ("may-not-install", MayNotInstall { account: account(plain) }.render()),
        ("may-not-install-hostile", MayNotInstall { account: account(hostile) }.render()),
        ("install-again", InstallAgain { cancelled: false }.render()),
        ("install-again-cancelled", InstallAgain { cancelled: true }.render()),
        ("install-refused", install_for_status(403, "")),
        ("install-not-found", install_for_status(404, "")),
        ("install-wrong-method", install_for_status(405, "")),
        ("install-bad-request", install_for_status(400, "")),
        ("install-try-again", install_for_status(503, &plain("6f1c2a1e-8d0b-4f6e"))),
        ("install-try-again-hostile", install_for_status(503, &hostile(""))),
    ]
}

fn start(say: Say) -> Markup {
    StartInstall { form_token: say("Zm9ybS10b2tlbg") }.render()
}

fn choose(say: Say, organizations: usize) -> Markup {
    let all = [
        ("1", "Analytical Engines", "engines"),
        ("2", "Analytical Engines", "engines-laboratory"),
        ("3", "Difference Works", "difference"),
    ];
    let choices = all.into_iter().take(organizations);
    ChooseOrganization {
        account: account(say),
        organizations: choices
            .map(|(id, name, slug)| InstallChoice { id: say(id), name: say(name), slug: say(slug) })
            .collect(),
        form_token: say("Zm9ybS10b2tlbg"),
    }
    .render()
}

fn installed(say: Say, again: bool) -> Markup {
    let organizations = if again { &ORGANIZATIONS[..] } else { &ORGANIZATIONS[..1] };
    Installed {
        workspace: say("Engine Works"),
        organizations: organizations.iter().map(|name| say(name)).collect(),
        again,
        webhook_url: "https://belay.example.com/alert".into(),
        app: AppInSlack { team: say("T012AB3CD"), app: say("A0KRD7HC3") },
    }
    .render()
}

fn already_installed(say: Say) -> Markup {
    AlreadyInstalled {
        workspace: say("Engine Works"),
        current: ORGANIZATIONS.map(say).to_vec(),
        adding: say("Jacquard Looms"),
        form_token: say("Zm9ybS10b2tlbg"),
    }
    .render()
}

fn missing_scopes(say: Say) -> Markup {
    let missing = [
        ("chat:write", "To tell a person what came of a click, and to redraw the alert."),
        ("users:read", "To write the assignee's name."),
    ];
    MissingScopes {
        workspace: say("Engine Works"),
        missing: missing
            .map(|(scope, purpose)| MissingScope { scope: say(scope), purpose: say(purpose) })
            .to_vec(),
    }
    .render()
}

const ORGANIZATIONS: [&str; 2] = ["Analytical Engines", "Difference Works"];

fn account(say: Say) -> SentrySide {
    SentrySide { name: say("Ada King"), email: say("ada@engines.example") }
}
