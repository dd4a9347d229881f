//! Stories across functions.

mod act;
mod forget;
mod install;
mod link;
mod modal;
mod order;
mod removal;
mod rotation;
