//! `GET /api/client-config/`: what Sentry tells a browser before anybody has signed in, among it which
//! Sentry it is.
//!
//! Source: `sentry/web/client_config.py`. The address works with and without its slash, and asks for
//! no token.

use axum::extract::State;
use axum::{Json, Router, routing::get};
use serde_json::{Value, json};

use super::Sentry;

/// The version the stand-in passes for.
const VERSION: &str = "26.1.0";

/// The one address, spelled both ways.
pub(super) fn routes() -> Router<Sentry> {
    Router::new()
        .route("/api/client-config/", get(client_config))
        .route("/api/client-config", get(client_config))
}

async fn client_config(State(sentry): State<Sentry>) -> Json<Value> {
    Json(json!({
        "customerDomain": null,
        "singleOrganization": false,
        "supportEmail": "root@localhost",
        "urlPrefix": sentry.base(),
        "version": {
            "current": VERSION,
            "latest": VERSION,
            "build": VERSION,
            "upgradeAvailable": false,
        },
        "features": ["organizations:create"],
        "distPrefix": "/_static/dist/sentry/",
        "needsUpgrade": false,
        "dsn": "",
        "statuspage": null,
        "messages": [],
        "apmSampling": 0.0,
        "isOnPremise": true,
        "isSelfHosted": true,
        "invitesEnabled": true,
        "gravatarBaseUrl": "https://gravatar.com",
        "termsUrl": null,
        "privacyUrl": null,
        "lastOrganization": null,
        "languageCode": "en",
        "userIdentity": { "ip_address": "127.0.0.1" },
        "csrfCookieName": "sc",
        "demoMode": false,
        "enableAnalytics": false,
        "links": { "organizationUrl": null, "regionUrl": null, "sentryUrl": sentry.base() },
        "isAuthenticated": false,
        "user": null,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::Mode;
    use super::super::testing::Scene;
    use crate::plain_http::send;

    #[tokio::test]
    async fn anybody_learns_the_version_with_and_without_the_slash() {
        let scene = Scene::of("101").await;

        for path in ["api/client-config/", "api/client-config"] {
            let answer = send("GET", &format!("{}/{path}", scene.origin), "", "").await;

            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.json()["version"]["current"], "26.1.0");
            assert_eq!(answer.json()["isSelfHosted"], true);
        }
    }

    #[tokio::test]
    async fn an_ill_sentry_says_nothing_here_either_unless_it_is_about_a_member() {
        let scene = Scene::of("101").await;
        let address = format!("{}/api/client-config/", scene.origin);

        for (mode, status) in [(Mode::Down, 503), (Mode::SsoRequired, 200), (Mode::NoSeat, 200)] {
            scene.sentry.set_mode(mode);
            assert_eq!(send("GET", &address, "", "").await.status, status, "{mode:?}");
        }
    }
}
