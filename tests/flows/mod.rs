//! Stories across functions.

mod act;
mod install;
mod link;
mod modal;
mod order;
mod removal;
mod rotation;
