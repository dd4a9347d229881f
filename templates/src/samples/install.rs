//! The pages of an install.

use crate::{
    AlreadyInstalled, AppInSlack, ChooseOrganization, InstallAgain, InstallChoice, Installed,
    Markup, MayNotInstall, MissingScope, MissingScopes, SentrySide, StartInstall,
    install_for_status,
};

/// What a free field says, given what it says on an ordinary page.
pub(super) type Say<'a> = &'a dyn Fn(&str) -> String;

/// The same.
pub(super) const PLAIN: Say = &|text| text.to_owned();

/// The pages that say what they are told.
pub(super) fn free(say: Say) -> Vec<(&'static str, Markup)> {
    vec![
        ("start-install", start(say)),
        ("choose-organization", choose(say, 3)),
        ("choose-only-organization", choose(say, 1)),
        ("installed", installed(say, false)),
        ("installed-again", installed(say, true)),
        ("already-installed", already_installed(say)),
        ("missing-scopes", missing_scopes(say)),
        ("may-not-install", MayNotInstall { account: account(say) }.render()),
        ("install-try-again", install_for_status(503, &say("6f1c2a1e-8d0b-4f6e"))),
    ]
}

/// The pages that always say the same.
pub(super) fn fixed() -> Vec<(&'static str, Markup)> {
    vec![
        ("install-again", InstallAgain { cancelled: false }.render()),
        ("install-again-cancelled", InstallAgain { cancelled: true }.render()),
        ("install-refused", install_for_status(403, "")),
        ("install-not-found", install_for_status(404, "")),
        ("install-wrong-method", install_for_status(405, "")),
        ("install-bad-request", install_for_status(400, "")),
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
