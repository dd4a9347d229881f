//! Slack: what it sends ([`interaction`], [`suggestion`], [`command`]), what it is told ([`message`],
//! [`alert`]), and how ([`client`], [`reply`]).

pub mod alert;
pub mod client;
pub mod command;
pub mod interaction;
pub mod message;
pub mod modal;
pub mod reply;
pub mod reply_to;
pub mod response_url;
pub mod suggestion;
