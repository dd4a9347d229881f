//! Sentry: what an issue is ([`issue`]), and how it is asked and told ([`client`], [`oauth`]).

pub mod client;
pub mod issue;
pub mod oauth;
