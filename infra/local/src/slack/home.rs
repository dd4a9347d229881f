//! App Home: a view for each person, published by the app with `views.publish`, which hears of every
//! visit by the event `app_home_opened` (Slack: docs.slack.dev/surfaces/app-home,
//! docs.slack.dev/reference/methods/views.publish, `docs.slack.dev/reference/events/app_home_opened`).

use serde_json::{Value, json};

use super::{
    Ack, SignedRequest, Slack, Undelivered,
    clicks::NotShown,
    delivery::{self, Origin},
    message::insert,
    reply::Refusal,
    state::State,
    surface::{Surface, definition},
    used::find_in,
    views::{self, View},
    web_api::Arguments,
    workspace::direct_channel,
};
use crate::random;

impl Slack {
    /// What `user` sees at the app's home, if the app has published anything.
    pub fn home(&self, user: &str) -> Option<View> {
        self.state().homes.get(user).cloned()
    }

    /// `user` opens the app's Home tab; the event that tells the app. It is not delivered.
    pub fn open_home(&self, user: &str) -> Result<SignedRequest, NotShown> {
        self.open_tab(user, "home")
    }

    /// `user` opens the app's Messages tab; the same event, with another `tab`.
    pub fn open_messages(&self, user: &str) -> Result<SignedRequest, NotShown> {
        self.open_tab(user, "messages")
    }

    /// The request Slack sends when `user` clicks an element of the app's home. It is not sent.
    pub fn click_home(
        &self,
        user: &str,
        action_id: &str,
        value: &str,
    ) -> Result<SignedRequest, NotShown> {
        Ok(self.sign_payload(&self.click_home_payload(user, action_id, value)?))
    }

    /// The same, before it is encoded and signed: to be tampered with.
    pub fn click_home_payload(
        &self,
        user: &str,
        action_id: &str,
        value: &str,
    ) -> Result<Value, NotShown> {
        let mut state = self.state();
        let view = state.homes.get(user).ok_or(NotShown)?.clone();
        state.click_view(user, &view, action_id, value)
    }

    /// Clicks an element of the app's home, as [`Slack::click_home`] describes, and delivers it.
    pub async fn press_home(
        &self,
        user: &str,
        action_id: &str,
        value: &str,
    ) -> Result<Ack, Undelivered> {
        let request = self.click_home(user, action_id, value)?;
        let view_id = self.home(user).ok_or(NotShown)?.id;
        let what = if value.is_empty() { action_id } else { value };
        delivery::deliver(self, user, what, Origin::Home { view_id }, request).await
    }

    fn open_tab(&self, user: &str, tab: &str) -> Result<SignedRequest, NotShown> {
        let mut state = self.state();
        let opened = state.opened(user, tab)?;
        Ok(state.event(&opened))
    }
}

impl State {
    /// `views.publish`: what is published again keeps its id.
    pub(super) fn publish_view(&mut self, arguments: &Arguments) -> Result<Value, Refusal> {
        let user = arguments.required("user_id")?.to_owned();
        let definition = definition(arguments, Surface::Home)?;
        let reader = self.person(&user).filter(|person| !person.is_bot && !person.deleted);
        reader.ok_or(Refusal::new("user_not_found"))?;
        let before = self.homes.get(&user);
        if let Some(seen) = arguments.text("hash")
            && before.is_some_and(|view| view.hash != seen)
        {
            return Err(Refusal::new("hash_conflict"));
        }
        let id = before.map(|view| view.id.clone());
        let id = id.unwrap_or_else(|| format!("V{}", random::hex(5).to_ascii_uppercase()));
        let external_id = views::text(&definition, "external_id").to_owned();
        if self.has_view_named(&external_id, &id) {
            return Err(Refusal::new("duplicate_external_id"));
        }
        let view = View::new(id, user.clone(), self.mint_hash(), definition);
        let answer = json!({"view": self.view_json(&view, &json!({}))});
        self.homes.insert(user, view);
        Ok(answer)
    }

    fn opened(&mut self, user: &str, tab: &str) -> Result<Value, NotShown> {
        let person = self.person(user).filter(|person| !person.is_bot).ok_or(NotShown)?;
        let mut event = json!({
            "type": "app_home_opened",
            "user": person.id,
            "channel": direct_channel(&person.id),
            "tab": tab,
        });
        insert(&mut event, "event_ts", json!(self.mint_ts()));
        if let Some(view) = self.homes.get(user).filter(|_| tab == "home") {
            insert(&mut event, "view", self.view_json(view, &json!({})));
        }
        Ok(event)
    }

    /// A click in a view: there is no channel, no message and no `response_url`.
    fn click_view(
        &mut self,
        user: &str,
        view: &View,
        action_id: &str,
        value: &str,
    ) -> Result<Value, NotShown> {
        let person = self.person(user).ok_or(NotShown)?.clone();
        let action = find_in(view.blocks(), action_id, value).ok_or(NotShown)?;
        let mut payload = self.envelope("block_actions", &person);
        payload.insert("team".into(), self.team_of_view());
        payload.insert("container".into(), json!({"type": "view", "view_id": view.id}));
        payload.insert("view".into(), self.view_json(view, &action.state()));
        payload.insert("actions".into(), json!([action.json(&self.mint_ts())]));
        Ok(payload.into())
    }
}
