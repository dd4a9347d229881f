//! Stories across functions.

mod act;
mod forget;
mod grid;
mod install;
mod link;
mod modal;
mod order;
mod removal;
mod rotation;
