//! A select whose options the app loads while one types. The script asks for them; each is a button
//! that delivers the choice, so that Enter takes the first.

use axum::{
    extract::{Query, State},
    response::Html,
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::{
    blocks::{Reader, Spot, string},
    mrkdwn::plain,
};
use crate::slack::{MessageTs, Offer, Slack};

/// The select, closed.
pub(super) fn select(element: &Value, spot: Spot, reader: &Reader) -> Markup {
    let action_id = string(element, "action_id");
    let label = element.get("placeholder").map(|text| string(text, "text")).unwrap_or_default();
    let id = spot.id_of(action_id);
    html! {
        form.typeahead method="post" action="/ui/click" data-quiet data-clear {
            input type="hidden" name="user" value=(reader.me.id);
            input type="hidden" name="at" value=(spot.id());
            (spot.field())
            input type="hidden" name="action_id" value=(action_id);
            input type="text" id=(id) name="typed" role="combobox" autocomplete="off"
                aria-label=(label) placeholder=(label);
            div role="listbox" {}
        }
    }
}

/// What is typed into which select.
#[derive(Deserialize)]
pub(super) struct Question {
    user: String,
    at: String,
    unfurl: Option<String>,
    action_id: String,
    typed: String,
}

/// `GET /ui/suggest`: the select, open.
pub(super) async fn offer(
    State(slack): State<Slack>,
    Query(asked): Query<Question>,
) -> Html<String> {
    let ts = MessageTs::new(asked.at);
    let (user, link) = (&asked.user, asked.unfurl.as_deref());
    let offer = slack.type_into_at(user, &ts, link, &asked.action_id, &asked.typed).await;
    Html(options(&offer.unwrap_or(Offer::Trouble)).into_string())
}

fn options(offer: &Offer) -> Markup {
    let groups = match offer {
        Offer::Groups(groups) => groups,
        Offer::Trouble => return html! { p.warning { "⚠ The options could not be loaded" } },
    };
    html! {
        @if groups.is_empty() { p.quiet { "No results" } }
        @for group in groups {
            @if !group.label.is_empty() { p.quiet { (group.label) } }
            @for (text, value) in &group.options {
                button type="submit" role="option" name="value" value=(value) { (plain(text)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::OfferedGroup;

    #[test]
    fn each_option_is_a_button_that_chooses_it() {
        let options = vec![("<b>Eve".to_owned(), "user:1".to_owned())];
        let offer = Offer::Groups(vec![OfferedGroup { label: "People".to_owned(), options }]);

        let html = super::options(&offer).into_string();

        assert!(html.contains("People"), "{html}");
        assert!(html.contains(r#"name="value" value="user:1">&lt;b&gt;Eve</button>"#), "{html}");
    }

    #[test]
    fn nothing_to_choose_and_no_answer_look_different() {
        let none = options(&Offer::Groups(Vec::new())).into_string();
        let trouble = options(&Offer::Trouble).into_string();

        assert!(none.contains("No results") && trouble.contains("could not be loaded"));
    }
}
