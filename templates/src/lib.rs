//! The pages a person sees in the browser while linking or unlinking accounts, or adding Belay to
//! Slack.
//!
//! A page is a plain struct of text with a `render`. The caller decides when it is shown and with
//! which status; this crate decides how it reads and looks. Every field is free text and escaped.
//!
//! No page has a script, a style attribute or a resource of another host, so the strictest content
//! security policy fits: `default-src 'none'; style-src 'sha256-…'; form-action 'self'`, where the
//! digest is that of [`STYLE`].

mod account;
mod form;
mod icon;
mod install;
mod install_problem;
mod install_refusal;
mod layout;
mod leaving;
mod link_identity;
mod problem;
mod refusal;
pub mod samples;
mod unlink_identity;

pub use account::{SentrySide, SlackSide};
pub use form::{
    AppInSlack, BackToSlack, FORM_TOKEN, MINE, ORGANIZATION, STEP, SURE, WITH, step, with,
};
pub use install::{ChooseOrganization, InstallChoice, Installed, StartInstall};
pub use install_problem::{InstallAgain, install_for_status};
pub use install_refusal::{AlreadyInstalled, MayNotInstall, MissingScope, MissingScopes};
pub use layout::STYLE;
pub use leaving::Leaving;
pub use link_identity::{ConfirmLink, Linked, StartLink};
pub use maud::Markup;
pub use problem::{
    Changed, Expired, ExpiredReason, Invalid, Problem, Refused, StartAgain, TryAgain, for_status,
};
pub use refusal::{
    AlreadyLinked, MissingPermission, NotAMember, TakenSide, WrongSentryAccount, WrongSlackUser,
};
pub use unlink_identity::{ConfirmUnlink, NotLinked, StartUnlink, Unlinked};
