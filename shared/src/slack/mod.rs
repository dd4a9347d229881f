//! Slack: what it sends ([`interaction`], [`suggestion`], [`command`], [`event`]), what it grants
//! ([`grant`]), what it is told ([`message`], [`alert`]), and how ([`client`],
//! [`conversations`], [`install`], [`reply`]).

pub mod alert;
pub mod belonging;
pub mod client;
pub mod command;
pub mod conversations;
pub mod event;
pub mod grant;
pub mod install;
pub mod interaction;
pub mod manifest;
pub mod message;
pub mod modal;
pub mod reply;
pub mod reply_to;
pub mod response_url;
pub mod suggestion;
