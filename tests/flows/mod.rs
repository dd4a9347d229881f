//! Stories across functions.

mod act;
mod link;
mod modal;
mod order;
mod unfurl;
