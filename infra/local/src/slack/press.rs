//! The buttons of the page: each click is built, signed, delivered, and its acknowledgement taken.

use serde_json::Value;

use super::{
    Slack,
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
        let (payload, place) = {
            let mut state = self.state();
            let clicked = state.message(message).cloned().ok_or(NotShown)?;
            let source = Some(clicked.ts);
            let (user, channel, thread) = (user.to_owned(), clicked.channel, clicked.thread);
            let place = Place { user, channel, source, thread };
            (state.click(&place.user, message, action_id, value)?, place)
        };
        let origin = match payload.get("type").and_then(Value::as_str) {
            Some("interactive_message") => Origin::InteractiveMessage { place },
            _ => Origin::BlockActions { place },
        };
        delivery::deliver(self, user, value, origin, self.sign_payload(&payload)).await
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

    /// A stand-in whose app answers with this status, once the signature of the request is right.
    async fn with_app(status: StatusCode) -> (Slack, MessageTs, Server) {
        let (slack, _) = samples::slack();
        let signer = slack.clone();
        let app = async move |headers: HeaderMap, body: axum::body::Bytes| {
            let signature = signer.sign(&body).signature;
            if headers["x-slack-signature"] == signature.as_str() {
                (status, r#"{"text":"Done"}"#)
            } else {
                (StatusCode::UNAUTHORIZED, "")
            }
        };
        let listener = server::listen(0).await.unwrap();
        let url = format!("{}/action", server::origin(&listener).unwrap());
        let server = Server::start(listener, Router::new().route("/action", post(app)));
        slack.deliver_to(&url, transport::client(None).unwrap());
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
    async fn an_app_without_a_url_gets_no_clicks() {
        let (slack, _) = samples::slack();
        let alert = slack.post_alert(&Alert::type_error("http://sentry.test"));

        let pressed = slack.press(ALICE, &alert, "status::resolved", "resolved").await;

        assert_eq!(pressed, Err(Undelivered::NoUrl));
    }
}
