//! What the functions share, in four layers. A module uses its own layer and those above it in this
//! table; the first two have no `async`, no clock, no table and no network.
//!
//! | layer | modules |
//! |---|---|
//! | words | [`ids`] [`clock`] [`secret`] [`identity`] |
//! | pure | [`signing`] [`sealing`] [`change`] [`slack::interaction`] [`slack::command`] [`slack::event`] [`slack::grant`] [`slack::manifest`] [`slack::message`] [`slack::suggestion`] [`slack::response_url`] [`slack::reply_to`] [`slack::alert`] [`slack::belonging`] [`slack::modal`] [`sentry::issue`] [`sentry::issue_link`] [`sentry::lenient`] [`sentry::webhook`] [`messages`] [`routes`] [`job`] [`post`] [`unfurl`] [`audit`] [`flow`] [`prompt`] [`installation`] [`setup`] [`health`] |
//! | edge | [`store`] [`transport`] [`slack::client`] [`slack::conversations`] [`slack::install`] [`slack::reply`] [`sentry::client`] [`sentry::assignees`] [`sentry::oauth`] [`sentry::organizations`] [`sqs`] [`queue`] [`deadline`] |
//! | frame | [`config`] [`error`] [`http`] [`browser`] [`visit`] [`assistance`] [`once`] [`posting`] [`telemetry`] |

pub mod assistance;
pub mod audit;
pub mod browser;
pub mod change;
pub mod clock;
pub mod config;
pub mod deadline;
pub mod error;
pub mod flow;
pub mod health;
pub mod http;
pub mod identity;
pub mod ids;
pub mod installation;
pub mod job;
pub mod messages;
pub mod once;
pub mod post;
pub mod posting;
pub mod prompt;
pub mod queue;
pub mod routes;
pub mod sealing;
pub mod secret;
pub mod sentry;
pub mod setup;
pub mod signing;
pub mod slack;
pub mod sqs;
pub mod store;
pub mod telemetry;
pub mod transport;
pub mod unfurl;
pub mod visit;
