//! What the buttons of the page do.

use std::time::Duration;

use axum::extract::{Form, State};
use axum::response::Redirect;
use axum::{Router, routing::post};
use serde::Deserialize;

use super::{Mode, Right, Sentry};

/// The modes one can choose on the page: name, label.
pub(super) const MODES: &[(&str, &str, Mode)] = &[
    ("normal", "Normal", Mode::Normal),
    ("slow-2", "Slow, 2 s", Mode::Slow(Duration::from_secs(2))),
    ("slow-10", "Slow, 10 s", Mode::Slow(Duration::from_secs(10))),
    ("down", "Down", Mode::Down),
    ("forbidden", "403 to writes", Mode::Forbidden),
    ("limited", "Rate limited", Mode::RateLimited { reset_after: Some(Duration::from_secs(1)) }),
    ("lost", "Answers get lost", Mode::DropAfterApply),
    ("maintenance", "Maintenance page", Mode::MaintenanceHtml200),
    ("sso", "SSO required", Mode::SsoRequired),
    ("seat", "No seat", Mode::NoSeat),
];

/// The rights one can choose on the page: name, label.
pub(super) const RIGHTS: &[(&str, &str, Right)] = &[
    ("none", "none", Right::None),
    ("read", "reader", Right::ReadOnly),
    ("write", "member", Right::Write),
    ("admin", "admin", Right::Admin),
    ("manager", "manager", Right::Manager),
    ("owner", "owner", Right::Owner),
];

/// The statuses one can set on the page: name, label.
pub(super) const STATUSES: &[(&str, &str)] = &[
    ("resolved", "Resolve as Bob"),
    ("ignored", "Archive as Bob"),
    ("unresolved", "Re-open as Bob"),
];

/// Who changes issues "in the web UI".
pub(super) const BOB: &str = "102";

/// Where the buttons of the page lead.
pub(super) fn routes() -> Router<Sentry> {
    Router::new().route("/ui/control", post(control))
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Control {
    Mode {
        mode: String,
    },
    Right {
        account: String,
        organization: String,
        right: String,
    },
    Revoke {
        account: String,
    },
    Issue {
        issue: String,
        status: String,
    },
    /// Without a button: for who wants to see what becomes of a title.
    Rename {
        issue: String,
        title: String,
    },
    Releases {
        present: bool,
    },
    Again,
    Hold,
    Older {
        older: bool,
    },
}

async fn control(State(sentry): State<Sentry>, Form(control): Form<Control>) -> Redirect {
    match control {
        Control::Mode { mode } => {
            if let Some((_, _, mode)) = MODES.iter().find(|(name, _, _)| *name == mode) {
                sentry.set_mode(*mode);
            }
        }
        Control::Right { account, organization, right } => {
            if let Some((_, _, right)) = RIGHTS.iter().find(|(name, _, _)| *name == right) {
                sentry.set_right(&account, &organization, *right);
            }
        }
        Control::Revoke { account } => sentry.revoke_tokens(&account),
        Control::Issue { issue, status } => sentry.change_issue_as(BOB, &issue, &status),
        Control::Rename { issue, title } => sentry.rename_issue(&issue, &title),
        Control::Releases { present } => sentry.set_releases(present),
        Control::Again => drop(sentry.deliver_last_again().await),
        Control::Hold => sentry.hold_back_or_release(),
        Control::Older { older } => sentry.set_older_hooks(older),
    }
    Redirect::to("/")
}
