//! Slack: what it sends ([`interaction`]), what it is told ([`message`], [`alert`]), and how
//! ([`client`], [`reply`]).

pub mod alert;
pub mod client;
pub mod interaction;
pub mod message;
pub mod reply;
pub mod response_url;
