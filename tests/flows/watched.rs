//! What an operator sees of a click: its numbers, its lines in the log, and the reference that leads
//! from what a person was told to them.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use local::sentry::Mode;
use serde_json::{Value, json};
use shared::telemetry::metrics::{Metrics, TARGET};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::{Layer, filter::filter_fn, fmt, layer::SubscriberExt, registry};

use crate::{
    faults::table::{Part, Table},
    harness::{ALICE, ALICES, World, queue::sqs_event},
};

/// Everything that was written to standard output.
#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    /// Written by this thread, as long as the guard lives.
    fn listen(&self) -> DefaultGuard {
        let (lines, numbers) = (self.clone(), self.clone());
        let lines = fmt::layer()
            .json()
            .flatten_event(true)
            .with_writer(move || lines.clone())
            .with_filter(filter_fn(|about| about.target() != TARGET));
        let numbers = Metrics::new("Belay/test".into(), move || numbers.clone())
            .with_filter(filter_fn(|about| about.target() == TARGET));
        tracing::subscriber::set_default(registry().with(lines).with(numbers))
    }

    fn lines(&self) -> Vec<Value> {
        let text = String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The sum of a metric; none if it was not written.
fn sum(lines: &[Value], metric: &str) -> Option<u64> {
    let numbers = lines.iter().filter(|line| line["_aws"].is_object());
    numbers.filter_map(|line| line[metric].as_u64()).reduce(|sum, more| sum + more)
}

#[tokio::test]
async fn a_click_is_counted_when_it_is_written_down_and_when_it_is_done() {
    let world = World::with_linked(ALICE, ALICES).await;
    let (output, alert) = (Output::default(), world.post_alert());
    let _listening = output.listen();

    world.click(ALICE, &alert, "resolved").await;
    world.clock.advance(Duration::from_secs(2));
    world.work().await;

    let lines = output.lines();
    assert_eq!(sum(&lines, "Admitted"), Some(1));
    assert_eq!(sum(&lines, "Done"), Some(1));
    assert_eq!(sum(&lines, "ClickTime"), Some(2_000));
    assert_eq!(sum(&lines, "JobAge"), Some(2));
}

#[tokio::test]
async fn an_attempt_that_fails_at_once_says_all_the_same_how_old_the_click_is() {
    let world = World::with_linked(ALICE, ALICES).await;
    let (output, alert, table) = (Output::default(), world.post_alert(), Table::of(&world));
    world.click(ALICE, &alert, "resolved").await;
    let key = world.queue.take_due().unwrap();
    world.clock.advance(Duration::from_secs(700));
    table.break_down(Part::ReadClicker);
    let _listening = output.listen();

    table.perform(&world).handle(sqs_event(&[&key])).await;

    assert_eq!(sum(&output.lines(), "JobAge"), Some(700));
}

#[tokio::test]
async fn a_sweep_says_each_time_how_old_the_oldest_click_is() {
    let world = World::with_linked(ALICE, ALICES).await;
    let (output, alert) = (Output::default(), world.post_alert());
    let _listening = output.listen();

    world.sweep().await;
    let calm = output.lines();
    world.click(ALICE, &alert, "resolved").await;
    world.queue.lose_all();
    world.clock.advance(Duration::from_secs(700));
    world.sweep().await;
    let alarming = output.lines();

    assert_eq!((sum(&calm, "JobAge"), sum(&calm, "SweepFinds")), (Some(0), Some(0)));
    assert_eq!((sum(&alarming, "JobAge"), sum(&alarming, "SweepFinds")), (Some(700), Some(1)));
}

#[tokio::test]
async fn who_waited_in_vain_can_quote_what_leads_to_the_log() {
    let world = World::with_linked(ALICE, ALICES).await;
    let (output, alert) = (Output::default(), world.post_alert());
    let _listening = output.listen();
    world.sentry.set_mode(Mode::Down);

    world.click(ALICE, &alert, "resolved").await;
    while !world.queue.waiting().is_empty() {
        world.work().await;
        world.clock.advance(Duration::from_mins(6));
    }

    let told = world.slack.ephemerals(ALICE).pop().unwrap().content;
    let context = told.blocks[1]["elements"][0]["text"].as_str().unwrap();
    let reference = context.strip_prefix("Reference `").unwrap().trim_end_matches('`');
    assert_eq!(reference.len(), 8);
    let lines = output.lines();
    assert_eq!(sum(&lines, "GaveUp"), Some(1));
    let ended = lines.iter().find(|line| line["event"] == "job.finished").unwrap();
    assert!(ended["span"]["job"].as_str().unwrap().starts_with(reference), "{ended}");
    let admitted = lines.iter().find(|line| line["event"] == "slack.action.admitted").unwrap();
    assert!(admitted["job"].as_str().unwrap().starts_with(reference), "{admitted}");
    let asked = ended["span"]["request"].as_str().unwrap();
    assert!(!asked.is_empty(), "{ended}");
}

#[tokio::test]
async fn an_event_that_comes_again_while_it_is_dealt_with_does_not_look_like_an_outage() {
    let world = World::new().await;
    let (output, event) = (Output::default(), world.slack.direct_message(ALICE, "help").unwrap());
    let _listening = output.listen();

    let (one, two) = tokio::join!(world.hear(&event), world.hear(&event));

    assert_eq!(one.status.min(two.status), 200);
    assert_eq!(one.status.max(two.status), 503);
    let lines = output.lines();
    let said: Vec<_> = lines.iter().filter(|line| line["status"] == 503).collect();
    assert_eq!(said.len(), 1, "{lines:?}");
    assert_eq!((&said[0]["event"], &said[0]["level"]), (&json!("request.busy"), &json!("WARN")));
}
