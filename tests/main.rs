//! Stories across the functions, each against the models of Slack and Sentry that `cargo dev` runs.
//!
//! Time stands still until a test moves it, nothing sleeps, and what a test does not mention does
//! not happen: the queue delivers when it is told to.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should say where"
)]
#![expect(clippy::large_futures, reason = "a story is one future, whole functions inside it")]

mod abuse;
mod contract;
mod faults;
mod flows;
mod harness;
mod routes;
