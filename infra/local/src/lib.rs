//! The whole bundle on one machine: `cargo dev`, and the world of the integration tests.
//!
//! The functions are the real binaries; around them is what AWS gives in production, and stand-ins
//! for Slack and Sentry that keep state and refuse what the real ones refuse. Everything listens on
//! loopback alone.
//!
//! | module | is |
//! |---|---|
//! | [`slack`], [`sentry`], [`stand_ins`] | the stand-ins |
//! | [`gateway`] | API Gateway |
//! | [`runtime_api`] | Lambda |
//! | [`queue`], [`schedule`] | SQS, `EventBridge` |
//! | [`database`] | DynamoDB |
//! | [`secrets`], [`settings`] | Secrets Manager, and what the template makes of it |
//! | [`logs`] | `CloudWatch` Logs, as far as a terminal needs them |
//! | [`installation`] | what the install flow would have left behind |
//! | [`binaries`] | the functions, built by cargo |
//! | [`bundle`] | all of it, started and stopped together |
//! | [`events`] | sample events for `cargo lambda invoke` |
//! | [`doctor`] | what is wrong with a deployment |
//! | [`audit`] | who did what in a workspace |
//! | [`removal`] | the removal of a workspace |
//! | [`deployment`] | a deployment's settings, on its operator's machine |
//! | [`manifest`] | the Slack app's manifest, as text |
//! | [`command_line`] | what `cargo dev` understands |
//! | [`server`], [`random`] | loopback servers; random names and secrets |

pub mod audit;
pub mod binaries;
pub mod bundle;
mod calendar;
pub mod command_line;
pub mod database;
pub mod deployment;
pub mod doctor;
pub mod events;
pub mod gateway;
pub mod installation;
pub mod load;
pub mod logs;
pub mod manifest;
#[cfg(test)]
mod plain_http;
pub mod queue;
pub mod random;
pub mod removal;
pub mod runtime_api;
pub mod schedule;
#[cfg(test)]
mod scratch;
pub mod secrets;
pub mod sentry;
pub mod server;
pub mod settings;
pub mod slack;
pub mod stand_ins;
mod variables;

/// The region that everything claims to be in.
pub const REGION: &str = "us-east-1";

/// The AWS account that everything claims to belong to.
pub const ACCOUNT: &str = "000000000000";
