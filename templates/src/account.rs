//! The two sides of a link, each as a card: whose Slack identity, which Sentry account.
//!
//! Names come from people and may hold anything: they are isolated with `<bdi>`, so a name written
//! from right to left, or one that tries to reverse the text around it, stays in its own place.

use maud::{Markup, html};

/// The Slack side of a link.
#[derive(Clone)]
pub struct SlackSide {
    /// The person's display name.
    pub name: String,
    /// The workspace's name.
    pub workspace: String,
}

/// The Sentry side of a link.
#[derive(Clone)]
pub struct SentrySide {
    /// The account's name.
    pub name: String,
    /// The account's e-mail address. The caller masks it where its reader has not signed in to
    /// Sentry.
    pub email: String,
}

/// How the two sides stand to each other.
#[derive(Clone, Copy)]
pub(crate) enum Bond {
    /// Linked.
    Tied,
    /// Not linked, or not yet.
    Open,
}

impl SlackSide {
    /// The card of this side.
    pub(crate) fn card(&self) -> Markup {
        card("Slack", Some(&self.workspace), &self.name, None)
    }
}

impl SentrySide {
    /// The card of this side, with the organization where the page is about it.
    pub(crate) fn card(&self, organization: Option<&str>) -> Markup {
        card("Sentry", organization, &self.name, Some(&self.email))
    }
}

/// Both cards, one above the other, with the bond between them.
pub(crate) fn pair(slack: &SlackSide, bond: Bond, sentry: &Markup) -> Markup {
    let class = match bond {
        Bond::Tied => "accounts tied",
        Bond::Open => "accounts",
    };
    html! {
        ul class=(class) role="list" { (slack.card()) (sentry) }
    }
}

/// The card of an organization, for a page that is about one.
pub(crate) fn organization(name: &str, slug: &str) -> Markup {
    card("Sentry organization", None, name, Some(slug))
}

/// Cards that belong together, one above the other.
pub(crate) fn chain(cards: &[Markup]) -> Markup {
    html! {
        ul.accounts role="list" { @for card in cards { (card) } }
    }
}

/// One card alone.
pub(crate) fn single(card: &Markup) -> Markup {
    html! {
        ul.accounts role="list" { (card) }
    }
}

/// A Sentry side that is not known, or not there: an empty place with words in it.
pub(crate) fn empty_sentry(organization: Option<&str>, title: &str, detail: &str) -> Markup {
    html! {
        li.account.empty {
            span.monogram aria-hidden="true" {}
            div {
                (service("Sentry", organization))
                p.name { (title) }
                p.detail { (detail) }
            }
        }
    }
}

fn card(service_name: &str, home: Option<&str>, name: &str, detail: Option<&str>) -> Markup {
    html! {
        li.account {
            span.monogram aria-hidden="true" { (initial(name)) }
            div {
                (service(service_name, home))
                p.name { bdi { (name) } }
                @if let Some(detail) = detail { p.detail { bdi { (detail) } } }
            }
        }
    }
}

/// The service and, behind a dot, the workspace or organization.
fn service(name: &str, home: Option<&str>) -> Markup {
    html! {
        p.service {
            (name)
            @if let Some(home) = home { " · " bdi { (home) } }
        }
    }
}

/// The letter in the circle. A name without letters gets a dot.
fn initial(name: &str) -> String {
    name.chars()
        .find(|c| c.is_alphanumeric())
        .map_or_else(|| "·".to_owned(), |c| c.to_uppercase().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_initial_is_the_first_letter_in_upper_case() {
        assert_eq!(initial("@émile"), "É");
    }

    #[test]
    fn a_name_without_letters_has_a_dot_for_an_initial() {
        assert_eq!(initial("<>"), "·");
    }
}
