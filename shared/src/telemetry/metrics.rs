//! Numbers for `CloudWatch`, written into the log in its Embedded Metric Format:
//!
//! ```json
//! {"_aws":{"Timestamp":1767614400000,"CloudWatchMetrics":[{"Namespace":"Belay/belay",
//!  "Dimensions":[["Function"]],"Metrics":[{"Name":"Acks","Unit":"Count"}]}]},
//!  "Function":"action","Acks":1}
//! ```
//! (`CloudWatch` user guide, "Specification: Embedded metric format"). `CloudWatch` takes the numbers from the
//! log, so no call to it is made and none is waited for. A line that is JSON already is not wrapped where
//! Lambda's log format is JSON, but counts as INFO (Lambda developer guide, "Configuring JSON and plain
//! text log formats"): with Lambda's own log level above INFO there would be no numbers.
//!
//! | metric | unit | dimension | is |
//! |---|---|---|---|
//! | `Acks` | count | `Function` | requests that were answered |
//! | `AckTime` | ms | `Function` | from the event to the answer |
//! | `Errors` | count | `Function` | answers with a 5xx |
//! | `Refused` | count | `Reason` | requests and clicks that were refused |
//! | `Admitted` | count | `Function` | clicks written down |
//! | `Done`, `Superseded`, `GaveUp` | count | `Function` | clicks that ended so |
//! | `ClickTime` | ms | `Function` | from writing the click down to its end |
//! | `JobAge` | s | `Function` | how old a click is at an attempt; at a sweep, how long the oldest has been due |
//! | `SweepFinds` | count | `Function` | lost wake-ups that a sweep made good |
//! | `SentryUnreachable` | count | `Function` | 1 where a look at Sentry found it out of reach, else 0 |
//! | `Refreshes`, `RefreshesFailed` | count | `Function` | tokens of people and workspaces |
//!
//! Each has one dimension: the format's schema wants at least one. A dimension has few values: never a person, a workspace, an issue or a text. Where a number is
//! made, it is a `tracing` event of [`TARGET`]: numbers are metrics, texts are dimensions.

use std::{fmt, io::Write, time::Duration};

use serde::{Serialize, Serializer, ser::SerializeMap};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, fmt::MakeWriter, layer::Context};

use crate::{
    clock::{Clock, SystemClock, Timestamp},
    job::Outcome,
};

/// The target of events that are numbers.
pub const TARGET: &str = "metrics";

/// Units that are not counts.
const UNITS: [(&str, &str); 3] =
    [("AckTime", "Milliseconds"), ("ClickTime", "Milliseconds"), ("JobAge", "Seconds")];

/// Writes the numbers of one namespace.
#[derive(Debug)]
pub struct Metrics<W> {
    namespace: String,
    writer: W,
}

impl<W> Metrics<W> {
    /// Into this.
    pub fn new(namespace: String, writer: W) -> Self {
        Self { namespace, writer }
    }
}

impl<S, W> Layer<S> for Metrics<W>
where
    S: Subscriber,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut read = Numbers::default();
        event.record(&mut read);
        let line = Line::of(&read, &self.namespace, SystemClock.now());
        // Whole at once, so that no other line gets between. A number that is lost is not mourned.
        if let Ok(mut line) = serde_json::to_vec(&line) {
            line.push(b'\n');
            let _ = self.writer.make_writer().write_all(&line);
        }
    }
}

/// Who ends clicks.
const PERFORM: &str = "perform";

/// A click has ended so, this long after it was written down.
pub fn ended(outcome: Outcome, took: Duration) {
    let took = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match outcome {
        Outcome::Done | Outcome::Offered => {
            tracing::info!(target: TARGET, Function = PERFORM, Done = 1_u64, ClickTime = took);
        }
        Outcome::Superseded => {
            tracing::info!(target: TARGET, Function = PERFORM, Superseded = 1_u64, ClickTime = took);
        }
        Outcome::GaveUp | Outcome::Unreadable => {
            tracing::info!(target: TARGET, Function = PERFORM, GaveUp = 1_u64, ClickTime = took);
        }
        Outcome::NotLinked
        | Outcome::NotAMember
        | Outcome::NoRight
        | Outcome::IssueGone
        | Outcome::SignInExpired
        | Outcome::Refused
        | Outcome::Uninstalled => refused(outcome.name()),
    }
}

/// A request or a click was refused.
pub fn refused(reason: &str) {
    tracing::info!(target: TARGET, Refused = 1_u64, Reason = reason);
}

/// What one event holds.
#[derive(Default)]
struct Numbers {
    metrics: Vec<(&'static str, u64)>,
    dimensions: Vec<(&'static str, String)>,
}

impl Visit for Numbers {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.metrics.push((field.name(), value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.dimensions.push((field.name(), value.to_owned()));
    }

    fn record_debug(&mut self, _field: &Field, _value: &dyn fmt::Debug) {}
}

/// What one event holds, as it is written; the fields are the format's.
struct Line<'a> {
    numbers: &'a Numbers,
    about: About<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct About<'a> {
    timestamp: i64,
    cloud_watch_metrics: [Directive<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive<'a> {
    namespace: &'a str,
    dimensions: [Vec<&'a str>; 1],
    metrics: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    unit: &'static str,
}

impl Definition {
    fn of(name: &'static str) -> Self {
        let known = UNITS.iter().find(|(other, _)| name == *other);
        Self { name, unit: known.map_or("Count", |(_, unit)| *unit) }
    }
}

impl<'a> Line<'a> {
    fn of(numbers: &'a Numbers, namespace: &'a str, now: Timestamp) -> Self {
        let directive = Directive {
            namespace,
            dimensions: [numbers.dimensions.iter().map(|(name, _)| *name).collect()],
            metrics: numbers.metrics.iter().map(|(name, _)| Definition::of(name)).collect(),
        };
        let about = About { timestamp: now.millis(), cloud_watch_metrics: [directive] };
        Self { numbers, about }
    }
}

/// The names are only known from the event, so this is a map.
impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_map(None)?;
        line.serialize_entry("_aws", &self.about)?;
        for (name, text) in &self.numbers.dimensions {
            line.serialize_entry(name, text)?;
        }
        for (name, number) in &self.numbers.metrics {
            line.serialize_entry(name, number)?;
        }
        line.end()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::{Value, json};
    use tracing_subscriber::{layer::SubscriberExt, registry};

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines_of(act: impl FnOnce()) -> Vec<Value> {
        let sink = Sink::default();
        let writer = sink.clone();
        let metrics = Metrics::new("Belay/test".into(), move || writer.clone());
        tracing::subscriber::with_default(registry().with(metrics), act);
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_declares_every_number_it_holds_and_holds_every_dimension_it_declares() {
        let lines = lines_of(|| {
            tracing::info!(target: TARGET, Acks = 1_u64, AckTime = 7_u64, Function = "action");
            tracing::info!(target: TARGET, Function = "perform", JobAge = 0_u64, SweepFinds = 0_u64);
        });

        assert_eq!(lines.len(), 2);
        for line in &lines {
            assert!(line["_aws"]["Timestamp"].as_u64().unwrap() > 1_700_000_000_000);
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            assert_eq!(directive["Namespace"], "Belay/test");
            for metric in directive["Metrics"].as_array().unwrap() {
                assert!(line[metric["Name"].as_str().unwrap()].is_u64(), "{metric}");
            }
            for dimension in directive["Dimensions"][0].as_array().unwrap() {
                assert!(!line[dimension.as_str().unwrap()].as_str().unwrap().is_empty());
            }
            // The schema's `minItems`.
            assert!(!directive["Dimensions"][0].as_array().unwrap().is_empty());
            let named = directive["Metrics"].as_array().unwrap().len()
                + directive["Dimensions"][0].as_array().unwrap().len();
            assert_eq!(line.as_object().unwrap().len(), 1 + named);
        }
        let units = &lines[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"];
        assert_eq!(units[1], json!({"Name": "AckTime", "Unit": "Milliseconds"}));
    }

    #[test]
    fn every_end_of_a_click_is_counted_once() {
        for (outcome, metric) in [
            (Outcome::Done, "Done"),
            (Outcome::Superseded, "Superseded"),
            (Outcome::GaveUp, "GaveUp"),
            (Outcome::NoRight, "Refused"),
        ] {
            let lines = lines_of(|| ended(outcome, Duration::from_millis(800)));

            assert_eq!(lines.len(), 1);
            assert_eq!(lines[0][metric], 1, "{outcome:?}");
        }
        assert_eq!(lines_of(|| ended(Outcome::NoRight, Duration::ZERO))[0]["Reason"], "no_right");
    }
}
