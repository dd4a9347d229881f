//! The doctor, called to the real processes: what it expects of a bundle in order is what one does.

use std::{fs, path::PathBuf};

use local::{
    doctor::{self, State, Wanted},
    events::Environment,
};
use shared::clock::SystemClock;
use url::Url;

use super::{Bundle, started, stop};

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_a_bundle_in_order_and_a_secret_that_differs() {
    let bundle = started().await;
    let good = settings_of(&bundle, "good.env");
    let bad = good.with_file_name("bad.env");
    let secret = &bundle.secrets.slack_signing_secret;
    fs::write(&bad, fs::read_to_string(&good).unwrap().replace(secret, &"x".repeat(64))).unwrap();

    let (in_order, differing) = (wrong(&bundle, good).await, wrong(&bundle, bad).await);

    assert_eq!(in_order, [""; 0]);
    assert_eq!(differing, ["Events URL", "command URL"]);
    stop(bundle).await;
}

/// What the doctor finds wrong, if it knows this file of settings.
async fn wrong(bundle: &Bundle, file: PathBuf) -> Vec<String> {
    let url = Url::parse(&bundle.addresses.public).unwrap();
    let wanted = Wanted { url, environment: Some(file), alert: Some("acme".into()), json: false };
    let report = doctor::examine(&wanted, SystemClock).await.unwrap();
    let wrong = report.findings().iter().filter(|finding| finding.state == State::Wrong);
    wrong.map(|finding| finding.check.clone()).collect()
}

fn settings_of(bundle: &Bundle, name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    Environment::keep(&path, &bundle.addresses, &bundle.secrets).unwrap();
    path
}
