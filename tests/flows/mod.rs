//! Stories across functions.

mod act;
mod alert;
mod channel_trouble;
mod follow;
mod link;
mod modal;
mod order;
mod pace;
mod thread;
