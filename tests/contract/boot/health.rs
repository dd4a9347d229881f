//! `health`, the function that starts with whatever it gets: what is missing is what it has to say.

use local::bundle::{Bundle, Options};
use serde_json::{Value, json};

use super::{functions, secrets_of, stop};

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_lacks_nothing_is_well() {
    let bundle = with_health_alone(&[]).await;

    let (status, health) = health_of(&bundle).await;

    assert_eq!((status, &health["status"]), (200, &json!("ok")), "{health}");
    assert_eq!(health["checks"]["settings"], "ok");
    assert_eq!(health["checks"]["table"], "ok");
    assert_eq!(health["url"], bundle.addresses.public);
    assert_eq!(health.get("settings"), None);
    stop(bundle).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_secrets_it_starts_and_says_which_settings_are_missing() {
    let missing = ["SLACK_SIGNING_SECRET", "SLACK_CLIENT_SECRET", "MASTER_KEY"];
    let bundle = with_health_alone(&missing).await;

    let (status, health) = health_of(&bundle).await;

    assert_eq!((status, &health["status"]), (503, &json!("failing")), "{health}");
    assert_eq!(health["checks"]["settings"], "failing");
    assert_eq!(health["checks"]["table"], "ok");
    let said = health["settings"].to_string();
    for setting in missing {
        assert!(said.contains(&format!("{setting} is missing")), "{said}");
    }
    stop(bundle).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_names_no_secret_and_tells_a_stranger_no_details() {
    let bundle = with_health_alone(&["PUBLIC_URL"]).await;

    let (_, health) = health_of(&bundle).await;

    let said = [health.to_string(), bundle.logs.lines().join("\n")].concat();
    assert!(health["settings"].to_string().contains("PUBLIC_URL"), "{said}");
    assert_eq!(health.get("details"), None);
    for secret in secrets_of(&bundle.secrets) {
        assert!(!said.contains(secret), "{said}");
    }
    stop(bundle).await;
}

/// A bundle of one function, whose settings of these names are blank.
async fn with_health_alone(blank: &[&str]) -> Bundle {
    let health = functions().get_key_value("health").unwrap();
    let binaries = [(health.0.clone(), health.1.clone())].into();
    let settings = blank.iter().map(|name| ((*name).to_owned(), String::new()));
    let options = Options { settings: settings.collect(), ..Options::new(binaries) };
    let bundle = Bundle::start(options).await.unwrap();
    assert!(bundle.unready.is_empty(), "{:?}", bundle.unready);
    bundle
}

async fn health_of(bundle: &Bundle) -> (u16, Value) {
    let http = shared::transport::client(None).unwrap();
    let url = format!("{}/health", bundle.addresses.public);
    let response = http.get(url).send().await.unwrap();
    (response.status().as_u16(), serde_json::from_str(&response.text().await.unwrap()).unwrap())
}
