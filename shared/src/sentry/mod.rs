//! Sentry: what an issue is ([`issue`]), who can be given one ([`assignees`]), how it is asked and
//! told ([`client`], [`oauth`]), and what it tells by itself ([`webhook`]).

pub mod assignees;
pub mod client;
pub mod issue;
pub mod oauth;
pub mod organizations;
pub mod webhook;
