//! The app's home, as one person sees it.

use maud::{Markup, html};

use super::{
    blocks::{self, Reader, Spot},
    channel::warning,
};
use crate::slack::{message::MessageTs, state, workspace::Person};

pub(super) fn render(state: &state::State, me: &Person) -> Markup {
    if state.reach().is_none() {
        return html! { p.quiet { "Belay was removed from this workspace." } };
    }
    let Some(view) = state.homes.get(&me.id) else {
        return html! { p.quiet { "Belay has published nothing here for you yet." } };
    };
    let reader = Reader { me, people: &state.people };
    let warned = state.warnings.contains(&(me.id.clone(), MessageTs::new(view.id.clone())));
    html! {
        div.home {
            @for block in view.blocks() { (blocks::render(block, Spot::Home(&view.id), &reader)) }
            @if warned { p.warning role="alert" { (warning(state)) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::slack::{samples, web_api::tests::call, workspace::people};

    #[test]
    fn a_home_is_for_one_person_and_its_buttons_click_at_home() {
        let (mut state, _) = samples::state();
        let text = json!({"type": "plain_text", "text": "Unlink"});
        let button = json!({"type": "button", "action_id": "unlink", "value": "v", "text": text});
        let view = json!({"type": "home", "blocks": [{"type": "actions", "elements": [button]}]});
        call(&mut state, "views.publish", &json!({"user_id": "U0ALICE001", "view": view}));

        let [alice, bob, ..] = &people()[..] else { panic!("people") };
        let (hers, his) = (render(&state, alice).into_string(), render(&state, bob).into_string());

        assert!(hers.contains(r#"action="/ui/home""#) && hers.contains("Unlink"), "{hers}");
        assert!(his.contains("published nothing"), "{his}");
    }
}
