//! What several parts promise one another, held against each of them: the table and its stand-ins,
//! files that must agree, layers that must hold, and the real processes.

mod boot;
mod bundle;
mod files;
mod guards;
mod layers;
mod log_events;
mod manifest;
mod queue;
mod rights;
pub(crate) mod store;
mod template;
