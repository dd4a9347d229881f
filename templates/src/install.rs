//! Adding Belay to Slack: what will happen, for which organization, and that it is there.
//!
//! All pages stand at `/install`. They are for whoever looks after a workspace, once.

use maud::{Markup, html};

use crate::account::{SentrySide, chain, organization, single};
use crate::form::{AppInSlack, ORGANIZATION, form, step};
use crate::layout::{Tone, page};

/// Where it begins again: from the first page on, whatever the browser was at.
pub(crate) const AGAIN: &str = "/install?again";

/// Page 1 (200): what will happen, and who may do it.
pub struct StartInstall {
    /// The form's token.
    pub form_token: String,
}

impl StartInstall {
    /// The page.
    pub fn render(&self) -> Markup {
        let content = html! {
            p.lead { "This connects a Slack workspace with a Sentry organization." }
            ol.steps {
                li { "Sign in to Sentry. You must be an owner or manager of the organization." }
                li { "Choose the organization." }
                li { "Approve Belay in Slack." }
            }
            (form(step::BEGIN, &self.form_token, &html! {
                button { "Continue with Sentry" }
                (elsewhere())
            }))
        };
        page(Tone::Ask, "Add Belay to Slack", &content)
    }
}

/// Page 2 (200): for which organization.
pub struct ChooseOrganization {
    /// The Sentry account that signed in.
    pub account: SentrySide,
    /// The organizations it may install for: at least one.
    pub organizations: Vec<InstallChoice>,
    /// The form's token.
    pub form_token: String,
}

/// An organization that can be chosen.
#[derive(Clone)]
pub struct InstallChoice {
    /// Its id, which is sent as [`ORGANIZATION`].
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its slug, which tells two of the same name apart.
    pub slug: String,
}

impl ChooseOrganization {
    /// The page.
    pub fn render(&self) -> Markup {
        let account = self.account.card(None);
        let (heading, cards, field) = match self.organizations.as_slice() {
            [only] => (
                "Connect this organization?",
                chain(&[account, organization(&only.name, &only.slug)]),
                html! { input type="hidden" name=(ORGANIZATION) value=(only.id); },
            ),
            several => ("Choose the organization", single(&account), radios(several)),
        };
        let content = html! {
            p.lead { "Belay will act on its issues, always as the person who clicks in Slack." }
            (cards)
            (form(step::CHOOSE, &self.form_token, &html! {
                (field)
                button { "Continue to Slack" }
            }))
            p.hint {
                "Not your account? Sign out of Sentry and " a href=(AGAIN) { "begin again" } "."
            }
        };
        page(Tone::Ask, heading, &content)
    }
}

/// Page 3 (200): it is done, and what makes it useful.
pub struct Installed {
    /// The workspace's name.
    pub workspace: String,
    /// The names of all organizations Belay now acts in.
    pub organizations: Vec<String>,
    /// Whether Belay was in the workspace before.
    pub again: bool,
    /// Where Sentry's webhooks go.
    pub webhook_url: String,
    /// The way to Belay in Slack.
    pub app: AppInSlack,
}

/// What makes Belay an action of Sentry's alert rules: the integration's *Schema*.
const ALERT_ACTION: &str = include_str!("../../infra/sentry-alert-action.json");

impl Installed {
    /// The page.
    pub fn render(&self) -> Markup {
        let heading = if self.again {
            format!("Belay is up to date in {}", self.workspace)
        } else {
            format!("Belay is in {}", self.workspace)
        };
        let content = html! {
            p.lead { "Acts in: " (listed(&self.organizations)) }
            section.next {
                h2 { "What to do next" }
                ol.steps {
                    li {
                        "Invite Belay to the channels with Sentry alerts: type "
                        code { "/invite @Belay" } " there."
                    }
                    li {
                        "Link your own account: Belay has sent you a direct message, or type "
                        code { "/sentry link" } "."
                    }
                    li { "Your colleagues are asked at their first click." }
                }
            }
            (alerts(&self.webhook_url))
            (self.app.button())
            p.hint { a href=(AGAIN) { "Install in another workspace, or add an organization" } }
        };
        page(Tone::Done, &heading, &content)
    }
}

/// For who wants Sentry's alerts posted by Belay, and redrawn when the issue changes.
fn alerts(webhook_url: &str) -> Markup {
    html! {
        details {
            summary { "Let Belay post the alerts, too" }
            ol.steps {
                li {
                    "In Sentry, open the organization's Settings, Custom Integrations, and create an "
                    strong { "internal integration" } " named Belay."
                }
                li { "Webhook URL: " code { (webhook_url) } }
                li {
                    "Turn " strong { "Alert Rule Action" } " on, and paste this as the schema:"
                    pre tabindex="0" { code { (ALERT_ACTION.trim_end()) } }
                }
                li {
                    "Permissions: " strong { "Issue & Event: Read" } ". Webhooks: " strong { "issue" } ". Save."
                }
                li {
                    "Whoever runs Belay writes the integration's client secret into Belay's front secret as "
                    code { "SENTRY_HOOKS" } ", one line " code { "organization=secret" }
                    ", and its token into the vault as " code { "SENTRY_READ_TOKENS" }
                    " in the same form; then the functions have to start anew."
                }
                li {
                    "In an alert rule, choose the action " strong { "Post in Slack with Belay" }
                    ". For rules that name no channel, type " code { "/sentry alerts here" } " in Slack."
                }
            }
        }
    }
}

/// The names in a sentence: `A`, `A and B`, `A, B and C`.
pub(crate) fn listed(names: &[String]) -> Markup {
    html! {
        @for (place, name) in names.iter().enumerate() {
            @if place > 0 { @if place + 1 == names.len() { " and " } @else { ", " } }
            bdi { (name) }
        }
    }
}

fn radios(organizations: &[InstallChoice]) -> Markup {
    html! {
        fieldset {
            legend { "Organization" }
            @for choice in organizations {
                label.tick {
                    input type="radio" name=(ORGANIZATION) value=(choice.id) required;
                    span {
                        bdi { (choice.name) }
                        " " bdi.detail { (choice.slug) }
                    }
                }
            }
        }
    }
}

/// For an organization that sentry.io's list of a person's organizations leaves out, because it
/// lives in another region: it is found by its slug.
fn elsewhere() -> Markup {
    html! {
        details {
            summary { "Is your organization's data stored outside the US?" }
            label.field {
                "Organization slug"
                input type="text" name=(ORGANIZATION) autocapitalize="none" spellcheck="false"
                    aria-describedby="where";
            }
            p.hint #where { "In Sentry: Settings → General → Organization Slug." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_as_in_a_sentence() {
        let names = ["A", "B", "C"].map(str::to_owned);

        let lists = [1, 2, 3].map(|n| listed(&names[..n]).into_string());

        assert_eq!(
            lists,
            [
                "<bdi>A</bdi>",
                "<bdi>A</bdi> and <bdi>B</bdi>",
                "<bdi>A</bdi>, <bdi>B</bdi> and <bdi>C</bdi>",
            ]
        );
    }
}
