//! What forgers, scanners and accidents can send, and the exact answer to each.
//!
//! Every row is judged alike: the status, the kind of body, the headers that every answer has, that
//! nothing was written and that nothing was sent. A table spoils one thing of a request that is
//! good otherwise; that it is good has its own test.

pub(crate) mod answer;
pub(crate) mod before;

mod action;
mod alert;
mod health;
mod install;
mod links;
mod sign_in;
mod signed;
mod unfurl;
mod wire;

use serde_json::Value;

/// A table's rows: each spoils, or changes, one thing of some JSON, and says which.
pub(crate) type Edits = &'static [(&'static str, fn(&mut Value))];
