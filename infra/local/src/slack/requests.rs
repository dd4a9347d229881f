//! What Slack would send for what people do, signed and not sent: a test delivers it as it likes.

use serde_json::Value;

use super::{
    CHANNEL, FORM, MessageTs, SignedRequest, Slack,
    clicks::{self, NotShown},
    signing,
};

impl Slack {
    /// The request Slack sends when `user` clicks the element `action_id` that has this value (or,
    /// in a select, chooses it). It is not sent. In a legacy alert, `action_id` is the name.
    pub fn click(
        &self,
        user: &str,
        message: &MessageTs,
        action_id: &str,
        value: &str,
    ) -> Result<SignedRequest, NotShown> {
        let payload = self.state().click(user, message, action_id, value)?;
        Ok(self.sign_payload(&payload))
    }

    /// The same in the unfurl of this link alone: a message can have several.
    pub fn click_unfurl(
        &self,
        user: &str,
        message: &MessageTs,
        url: &str,
        action_id: &str,
        value: &str,
    ) -> Result<SignedRequest, NotShown> {
        let payload = self.state().click_at(user, message, Some(url), action_id, value)?;
        Ok(self.sign_payload(&payload))
    }

    /// A click, as [`Slack::click`] describes, before it is encoded and signed: to be tampered with.
    pub fn click_payload(
        &self,
        user: &str,
        message: &MessageTs,
        action_id: &str,
        value: &str,
    ) -> Result<Value, NotShown> {
        self.state().click(user, message, action_id, value)
    }

    /// The request Slack sends when `user` submits a modal; choices by `action_id`.
    pub fn submit(
        &self,
        user: &str,
        view_id: &str,
        choices: &[(String, String)],
    ) -> Result<SignedRequest, NotShown> {
        let payload = self.state().submit_view(user, view_id, choices)?;
        Ok(self.sign_payload(&payload))
    }

    /// The request Slack sends for a slash command typed in the channel.
    pub fn command(
        &self,
        user: &str,
        command: &str,
        text: &str,
    ) -> Result<SignedRequest, NotShown> {
        self.command_in(user, CHANNEL, command, text)
    }

    /// The same typed in another conversation: `D…`, the person's own with the app.
    pub fn command_in(
        &self,
        user: &str,
        channel: &str,
        command: &str,
        text: &str,
    ) -> Result<SignedRequest, NotShown> {
        let body = self.state().command(user, channel, command, text)?;
        Ok(self.sign(&body))
    }

    /// Encodes and signs a payload.
    pub fn sign_payload(&self, payload: &Value) -> SignedRequest {
        self.sign(&clicks::form(payload))
    }

    /// Signs a body made by hand; its content type is that of a form.
    pub fn sign(&self, body: &[u8]) -> SignedRequest {
        let state = self.state();
        signing::sign(&state.settings.signing_secret, state.now().secs(), FORM, body.to_vec())
    }
}
