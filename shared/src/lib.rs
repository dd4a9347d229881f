//! What the functions share, in four layers. A module uses its own layer and those above it in this
//! table; the first two have no `async`, no clock, no table and no network.
//!
//! | layer | modules |
//! |---|---|
//! | words | [`ids`] [`clock`] [`secret`] [`identity`] |
//! | pure | [`signing`] [`sealing`] [`change`] [`slack::interaction`] [`slack::command`] [`slack::message`] [`slack::suggestion`] [`slack::response_url`] [`slack::reply_to`] [`slack::alert`] [`slack::modal`] [`sentry::issue`] [`messages`] [`routes`] [`job`] [`flow`] [`prompt`] |
//! | edge | [`store`] [`transport`] [`slack::client`] [`slack::reply`] [`sentry::client`] [`sentry::assignees`] [`sentry::oauth`] [`queue`] |
//! | frame | [`config`] [`error`] [`http`] [`browser`] [`visit`] [`telemetry`] |

pub mod browser;
pub mod change;
pub mod clock;
pub mod config;
pub mod error;
pub mod flow;
pub mod http;
pub mod identity;
pub mod ids;
pub mod job;
pub mod messages;
pub mod prompt;
pub mod queue;
pub mod routes;
pub mod sealing;
pub mod secret;
pub mod sentry;
pub mod signing;
pub mod slack;
pub mod store;
pub mod telemetry;
pub mod transport;
pub mod visit;
