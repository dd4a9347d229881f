//! The log: one JSON object a line, with stable event names (`slack.signature`, `job.finished`; all in
//! `infra/log-events.md`) and without anything that opens something. What goes in is named field by
//! field; bodies, URLs and tokens are no fields. The SDK, hyper and reqwest write those at DEBUG and
//! TRACE: nothing below INFO is compiled in, whatever level Lambda is set to.
//!
//! Every line carries the request it belongs to, in `span`: `function`, `request` (API Gateway's name
//! of it, which the access log has too and which pages show as their reference) and `invocation`
//! (Lambda's). Lines of `perform` about a click carry its `job`, and the `request` that admitted it.

pub mod metrics;

use std::{error::Error, io, iter::successors};

use tracing::{Level, Metadata, Span, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer,
    filter::{FilterExt, filter_fn},
    fmt,
    layer::SubscriberExt,
    registry,
    util::SubscriberInitExt,
};

use self::metrics::Metrics;
use crate::{config, job::Job};

/// Begins logging to standard output, where Lambda collects it.
pub fn init() {
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        // Lambda's own collector adds the time.
        .without_time()
        .with_filter(
            LevelFilter::from_level(config::log_level()).and(filter_fn(|about| !is_metric(about))),
        );
    let numbers = config::metrics_namespace()
        .map(|namespace| Metrics::new(namespace, io::stdout).with_filter(filter_fn(is_metric)));
    registry().with(lines).with(numbers).init();
}

/// Says why a function does not start, for whom an alarm has sent to the log: what `main` returns is
/// printed as a debugger would, and without a level.
pub fn start_failed<E: Error>(error: E) -> E {
    let causes = successors(error.source(), |&cause| cause.source());
    let cause = causes.fold(error.to_string(), |said, cause| format!("{said}: {cause}"));
    tracing::error!(event = "start.failed", cause);
    error
}

/// What the lines of one invocation carry.
pub fn span(function: &str, request: &str, invocation: &str) -> Span {
    tracing::span!(Level::ERROR, "request", function, request, invocation)
}

/// What the lines about a job carry, from its claim on.
pub fn job_span(job: &Job) -> Span {
    let request = job.request.as_deref().unwrap_or_default();
    tracing::span!(Level::ERROR, "job", function = "perform", job = job.key.as_str(), request)
}

fn is_metric(about: &Metadata<'_>) -> bool {
    about.target() == metrics::TARGET
}

#[cfg(test)]
mod tests {
    use tracing::level_filters::STATIC_MAX_LEVEL;

    use super::*;

    #[test]
    fn what_libraries_write_of_their_requests_is_not_compiled_in() {
        assert_eq!(STATIC_MAX_LEVEL, LevelFilter::INFO);
    }
}
