//! The buttons and the command box of the page: what is clicked or typed is built, signed and
//! delivered, and its acknowledgement taken.

use serde_json::Value;

use super::{
    CHANNEL, Slack,
    answer::Place,
    clicks::NotShown,
    delivery::{self, Ack, Origin, Undelivered},
    message::MessageTs,
};

impl Slack {
    /// Clicks a message's button, as [`Slack::click`] describes, and delivers it.
    pub async fn press(
        &self,
        user: &str,
        message: &MessageTs,
        action_id: &str,
        value: &str,
    ) -> Result<Ack, Undelivered> {
        self.press_at(user, message, None, action_id, value).await
    }

    /// The same; in the unfurl of this link alone, if one is named.
    pub(super) async fn press_at(
        &self,
        user: &str,
        message: &MessageTs,
        link: Option<&str>,
        action_id: &str,
        value: &str,
    ) -> Result<Ack, Undelivered> {
        let (payload, place) = {
            let mut state = self.state();
            let clicked = state.message(message).cloned().ok_or(NotShown)?;
            let source = Some(clicked.ts);
            let (user, channel, thread) = (user.to_owned(), clicked.channel, clicked.thread);
            let unfurl = link.map(str::to_owned);
            let place = Place { user, channel, source, thread, unfurl };
            (state.click_at(&place.user, message, link, action_id, value)?, place)
        };
        let origin = match payload.get("type").and_then(Value::as_str) {
            Some("interactive_message") => Origin::InteractiveMessage { place },
            _ => Origin::BlockActions { place },
        };
        delivery::deliver(self, user, value, origin, self.sign_payload(&payload)).await
    }

    /// Types a command in the channel, as [`Slack::command`] describes, and delivers it.
    pub async fn type_command(
        &self,
        user: &str,
        command: &str,
        text: &str,
    ) -> Result<Ack, Undelivered> {
        self.type_command_in(user, CHANNEL, command, text).await
    }

    /// The same in another conversation, as [`Slack::command_in`] describes.
    pub async fn type_command_in(
        &self,
        user: &str,
        channel: &str,
        command: &str,
        text: &str,
    ) -> Result<Ack, Undelivered> {
        let request = self.command_in(user, channel, command, text)?;
        let origin = Origin::Command { place: Place::typing(user, channel) };
        delivery::deliver(self, user, &format!("{command} {text}"), origin, request).await
    }

    /// Submits a modal, as [`Slack::submit`] describes, and delivers it.
    pub async fn press_submit(
        &self,
        user: &str,
        view_id: &str,
        choices: &[(String, String)],
    ) -> Result<Ack, Undelivered> {
        let request = self.submit(user, view_id, choices)?;
        let origin = Origin::Modal { view_id: view_id.to_owned() };
        delivery::deliver(self, user, "view_submission", origin, request).await
    }

    /// Writes to the app, as [`Slack::direct_message`] describes, and delivers the event in the
    /// background, if the app may read direct messages.
    pub(super) fn press_message(&self, user: &str, text: &str) -> Result<(), Undelivered> {
        if !self.is_installed() {
            return Err(Undelivered::Removed);
        }
        let event = self.direct_message(user, text)?;
        if self.state().hears_messages() {
            self.send_events(vec![event]);
        }
        Ok(())
    }

    /// Writes in a channel. The app hears of the links to its domain, in the background.
    pub(super) fn press_post(
        &self,
        user: &str,
        channel: &str,
        typed: &str,
    ) -> Result<(), Undelivered> {
        let event = {
            let mut state = self.state();
            let ts = state.write(user, channel, typed)?;
            state.share(&ts).map(|event| state.event(&event))
        };
        self.send_events(event.into_iter().collect());
        Ok(())
    }

    /// Closes a modal. The app hears of it if the modal asked for that (`notify_on_close`).
    pub async fn press_close(&self, user: &str, view_id: &str) -> Result<(), Undelivered> {
        let Some(payload) = self.state().close_view(user, view_id)? else { return Ok(()) };
        let origin = Origin::Modal { view_id: view_id.to_owned() };
        let request = self.sign_payload(&payload);
        delivery::deliver(self, user, "view_closed", origin, request).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, routing::post};
    use http::{HeaderMap, StatusCode};
    use shared::transport;

    use super::*;
    use crate::{
        server::{self, Server},
        slack::{Alert, samples},
    };

    const ALICE: &str = "U0ALICE001";

    /// A command's answer with a button in it.
    const ASKS: &str = r#"{"response_type":"ephemeral","text":"Sure?","blocks":[{"type":"actions",
        "elements":[{"type":"button","action_id":"sure","value":"v","style":"danger",
        "text":{"type":"plain_text","text":"Yes"}}]}]}"#;

    /// A stand-in whose app answers with this status, once the signature of the request is right.
    async fn with_app(status: StatusCode) -> (Slack, MessageTs, Server) {
        let (slack, _) = samples::slack();
        let signer = slack.clone();
        let app = async move |headers: HeaderMap, body: axum::body::Bytes| {
            let signature = signer.sign(&body).signature;
            if headers["x-slack-signature"] == signature.as_str() {
                (status, if body.starts_with(b"payload=") { r#"{"text":"Done"}"# } else { ASKS })
            } else {
                (StatusCode::UNAUTHORIZED, "")
            }
        };
        let listener = server::listen(0).await.unwrap();
        let url = format!("{}/app", server::origin(&listener).unwrap());
        let server = Server::start(listener, Router::new().route("/app", post(app)));
        slack.deliver_to(&url, transport::client(None).unwrap());
        slack.deliver_commands_to(&url);
        let alert = slack.post_legacy_alert(&Alert::type_error("http://sentry.test"));
        (slack, alert, server)
    }

    #[tokio::test]
    async fn a_click_is_delivered_signed_and_its_answer_taken() {
        let (slack, alert, _server) = with_app(StatusCode::OK).await;

        let ack = slack.press(ALICE, &alert, "status", "resolved").await.unwrap();

        assert_eq!(ack.status, Some(200));
        assert_eq!(slack.message(&alert).unwrap().words(), "Done");
    }

    #[tokio::test]
    async fn an_app_that_refuses_a_click_is_a_warning_and_no_more() {
        let (slack, alert, _server) = with_app(StatusCode::SERVICE_UNAVAILABLE).await;

        slack.press(ALICE, &alert, "status", "resolved").await.unwrap();

        assert!(slack.is_warned(ALICE, &alert));
        assert_eq!(slack.message(&alert).unwrap().revision, 0);
    }

    #[tokio::test]
    async fn a_button_in_a_commands_answer_is_a_click_like_any_other() {
        let (slack, _, _server) = with_app(StatusCode::OK).await;

        slack.type_command(ALICE, "/sentry", "unlink").await.unwrap();
        let asked = slack.ephemerals(ALICE).pop().unwrap();
        let ack = slack.press(ALICE, &asked.ts, "sure", "v").await.unwrap();

        assert_eq!(asked.words(), "Sure?\nYes");
        assert!(ack.accepted());
        assert!(!slack.is_warned(ALICE, &asked.ts));
    }

    #[tokio::test]
    async fn an_app_without_a_url_gets_no_clicks() {
        let (slack, _) = samples::slack();
        let alert = slack.post_alert(&Alert::type_error("http://sentry.test"));

        let pressed = slack.press(ALICE, &alert, "status::resolved", "resolved").await;

        assert_eq!(pressed, Err(Undelivered::NoUrl));
    }

    #[tokio::test]
    async fn an_app_that_was_removed_gets_no_clicks_and_the_person_is_told() {
        let (slack, alert, _server) = with_app(StatusCode::OK).await;
        slack.uninstall();

        let pressed = slack.press(ALICE, &alert, "status", "resolved").await;
        let typed = slack.type_command(ALICE, "/sentry", "link").await;

        assert_eq!((pressed, typed), (Err(Undelivered::Removed), Err(Undelivered::Removed)));
        assert!(slack.is_warned(ALICE, &alert));
        assert!(slack.ephemerals(ALICE)[0].words().contains("was removed"));
    }
}
