//! The log: one JSON object a line, with stable event names (`slack.signature`, `job.done`) and
//! without anything that opens something. What goes in is named field by field; bodies, URLs and
//! tokens are no fields.

use tracing_subscriber::fmt;

use crate::config;

/// Begins logging to standard output, where Lambda collects it.
pub fn init() {
    fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_max_level(config::log_level())
        .with_target(false)
        // Lambda's own collector adds the time.
        .without_time()
        .init();
}
