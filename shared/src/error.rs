//! What went wrong, for a request that we cannot trust or cannot serve, in one table: status, name
//! in the log, and how loudly.
//!
//! A person's mistake is no error: it has its own words (an outcome of the route). An error has
//! one public face per status, so that a forger learns nothing; the log has the cause, once.

use std::error::Error as _;

use http::{Method, StatusCode};
use tracing::Level;

use crate::{
    queue::NotWoken,
    sealing::SealError,
    sentry::{client::SentryError, webhook::WebhookError},
    signing::{NoRandomness, link::LinkError, request::SignatureError},
    slack::{client::SlackError, interaction::PayloadError},
    store::StoreError,
    telemetry::metrics,
};

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The path is not this function's.
    #[error("no such path")]
    NotFound,
    /// The path has other methods.
    #[error("method not allowed")]
    MethodNotAllowed(&'static [Method]),
    /// The gateway marked a body as base64 that is none.
    #[error("body is no base64")]
    NotBase64,
    /// The body is too large to be Slack's or a form of ours.
    #[error("body too large")]
    TooLarge,
    /// Slack did not sign this.
    #[error("request signature refused")]
    Signature(#[from] SignatureError),
    /// Slack signed it, but it is not what Slack documents.
    #[error("payload refused")]
    Payload(#[from] PayloadError),
    /// Sentry did not sign this.
    #[error("webhook signature refused")]
    HookSignature(#[source] SignatureError),
    /// Sentry signed it, but it is not what Sentry documents.
    #[error("webhook refused")]
    Webhook(#[from] WebhookError),
    /// The app is not installed in this workspace, or no more.
    #[error("unknown workspace")]
    UnknownWorkspace,
    /// The issue is of an organization that the workspace is not bound to.
    #[error("issue of a foreign organization")]
    ForeignOrganization,
    /// The signed link is not ours, or too old.
    #[error("signed link refused")]
    Link(#[from] LinkError),
    /// The form did not come from our page in this browser.
    #[error("form refused")]
    Form,
    /// Others are at the same thing: it is being dealt with, or changed all the time.
    #[error("others are at it")]
    Busy,
    /// The table failed.
    #[error("store failed")]
    Store(#[from] StoreError),
    /// The queue failed, and there is no sweep to make it good.
    #[error("queue failed")]
    Queue(#[from] NotWoken),
    /// Slack failed while a browser waited.
    #[error("Slack failed")]
    Slack(#[from] SlackError),
    /// Sentry failed while a browser waited.
    #[error("Sentry failed")]
    Sentry(#[from] SentryError),
    /// A sealed value did not open, or could not be sealed.
    #[error("sealing failed")]
    Seal(#[from] SealError),
    /// No randomness.
    #[error("no nonce")]
    Randomness(#[from] NoRandomness),
    /// A value of our own did not serialize, or could not be signed.
    #[error("internal")]
    Internal,
}

impl Error {
    /// The table.
    const fn row(&self) -> (StatusCode, &'static str, Level) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "request.not_found", Level::DEBUG),
            Self::MethodNotAllowed(_) => {
                (StatusCode::METHOD_NOT_ALLOWED, "request.method", Level::DEBUG)
            }
            Self::NotBase64 => (StatusCode::BAD_REQUEST, "request.base64", Level::WARN),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "request.too_large", Level::WARN),
            Self::Signature(_) => (StatusCode::UNAUTHORIZED, "slack.signature", Level::WARN),
            Self::Payload(_) => (StatusCode::BAD_REQUEST, "slack.payload", Level::WARN),
            Self::HookSignature(_) => (StatusCode::UNAUTHORIZED, "sentry.signature", Level::WARN),
            Self::Webhook(_) => (StatusCode::BAD_REQUEST, "sentry.webhook", Level::WARN),
            Self::UnknownWorkspace => (StatusCode::FORBIDDEN, "slack.workspace", Level::WARN),
            Self::ForeignOrganization => (StatusCode::FORBIDDEN, "slack.organization", Level::WARN),
            Self::Link(LinkError::Expired) => (StatusCode::GONE, "link.expired", Level::INFO),
            Self::Link(_) => (StatusCode::NOT_FOUND, "link.refused", Level::WARN),
            Self::Form => (StatusCode::FORBIDDEN, "form.refused", Level::WARN),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "request.busy", Level::WARN),
            Self::Store(StoreError::Unavailable) => {
                (StatusCode::SERVICE_UNAVAILABLE, "store.unavailable", Level::ERROR)
            }
            Self::Queue(_) => (StatusCode::SERVICE_UNAVAILABLE, "queue.failed", Level::ERROR),
            Self::Slack(_) => (StatusCode::SERVICE_UNAVAILABLE, "slack.failed", Level::ERROR),
            Self::Sentry(_) => (StatusCode::SERVICE_UNAVAILABLE, "sentry.failed", Level::ERROR),
            Self::Store(StoreError::Corrupt) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "store.corrupt", Level::ERROR)
            }
            Self::Seal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "seal.failed", Level::ERROR),
            Self::Randomness(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal.no_nonce", Level::ERROR)
            }
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", Level::ERROR),
        }
    }

    /// What the caller sees of it.
    pub const fn status(&self) -> StatusCode {
        self.row().0
    }

    /// Logs it, once, at the edge: its name and its cause. Causes are words of ours, without causes of
    /// their own: a parser's words would repeat what it could not read. None carries a token, a URL or
    /// a body.
    pub fn log(&self) {
        let (status, event, level) = self.row();
        if status.is_client_error() {
            metrics::refused(event);
        }
        let status = status.as_u16();
        let cause = self.source().map(ToString::to_string).unwrap_or_default();
        match level {
            Level::ERROR => tracing::error!(event, status, cause, "{self}"),
            Level::WARN => tracing::warn!(event, status, cause, "{self}"),
            Level::INFO => tracing::info!(event, status, cause, "{self}"),
            // Counted, and the access log has it.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_forgery_of_a_link_looks_the_same() {
        for error in [LinkError::Malformed, LinkError::UnknownKey, LinkError::Mismatch] {
            assert_eq!(Error::Link(error).status(), StatusCode::NOT_FOUND);
        }
    }

    #[test]
    fn every_bad_signature_looks_the_same() {
        for error in [
            SignatureError::Header,
            SignatureError::Malformed,
            SignatureError::Stale,
            SignatureError::Mismatch,
        ] {
            assert_eq!(Error::Signature(error).status(), StatusCode::UNAUTHORIZED);
            assert_eq!(Error::HookSignature(error).status(), StatusCode::UNAUTHORIZED);
        }
    }
}
