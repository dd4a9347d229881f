//! Sentry: what an issue is ([`issue`]), who can be given one ([`assignees`]), and how it is asked and
//! told ([`client`], [`oauth`]).

pub mod assignees;
pub mod client;
pub mod issue;
pub mod oauth;
pub mod organizations;
