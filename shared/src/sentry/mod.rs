//! Sentry: what an issue is ([`issue`]) and how it is linked to ([`issue_link`]), who can be given
//! one ([`assignees`]), how it is asked and told ([`client`], [`oauth`]), what it tells by itself
//! ([`webhook`]), and how it is read where servers differ ([`lenient`]).

pub mod assignees;
pub mod client;
pub mod issue;
pub mod issue_link;
pub mod lenient;
pub mod oauth;
pub mod organizations;
pub mod webhook;
