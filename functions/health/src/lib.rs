//! `GET /health`: how the deployment is. A few words for everybody; the details for who holds its key.
//!
//! Unlike every other function, this one starts without its settings: that they are missing is what
//! it is there to say. It calls nothing but the table: what it says of Sentry is what `perform`
//! found at its last tick.

use lambda_http::http::{StatusCode, header};
use shared::{
    clock::{Clock, SystemClock, Timestamp},
    config::{ConfigError, Pace, Settings},
    error::Error,
    health::{self, Check, Checks, Details, HealthClaims, SentryLook, Workspace},
    http::{Request, Response},
    job::LEASE,
    signing::link::{Purpose, Signer},
    store::{ReadHealth, StoreError, dynamo::DynamoStore},
};

/// The details name at most so many workspaces.
const MOST: usize = 100;

/// The route, with what it needs, as far as it is there.
#[derive(Debug)]
pub struct Health<S, C> {
    /// Knows who holds the key.
    pub signer: Option<Signer>,
    /// The table.
    pub store: Option<S>,
    /// The origin that the bundle believes to be reached at.
    pub url: String,
    /// What is wrong with the settings, by their names.
    pub settings: Vec<String>,
    /// The time.
    pub clock: C,
}

/// The route as the environment describes it.
pub async fn from_env() -> Health<DynamoStore, SystemClock> {
    match Settings::load(Pace::Ack).await {
        Ok(settings) => {
            let health = of(&settings);
            if let Some(store) = &health.store {
                store.warm().await;
            }
            health
        }
        Err(error) => Health {
            signer: None,
            store: None,
            url: String::new(),
            settings: vec![error.to_string()],
            clock: SystemClock,
        },
    }
}

fn of(settings: &Settings) -> Health<DynamoStore, SystemClock> {
    let mut wrong = Vec::new();
    let url = heard(&mut wrong, settings.urls()).map(|urls| urls.origin());
    // What the other functions need: each is asked for, none is used.
    heard(&mut wrong, settings.request_verifier());
    heard(&mut wrong, settings.slack_oauth());
    heard(&mut wrong, settings.slack());
    heard(&mut wrong, settings.sentry_client_id());
    heard(&mut wrong, settings.sentry_url());
    Health {
        signer: heard(&mut wrong, settings.signer()),
        store: heard(&mut wrong, settings.store(Pace::Ack)),
        url: url.unwrap_or_default(),
        settings: wrong,
        clock: SystemClock,
    }
}

/// What is wrong is written down by the setting's name; its value is never told.
fn heard<T>(wrong: &mut Vec<String>, read: Result<T, ConfigError>) -> Option<T> {
    read.map_err(|error| wrong.push(error.to_string())).ok()
}

impl<S: ReadHealth, C: Clock> Health<S, C> {
    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response {
        let answer = self.answer(&request).await;
        answer.unwrap_or_else(|error| {
            error.log();
            Response::refusal(&error)
        })
    }

    async fn answer(&self, request: &Request) -> Result<Response, Error> {
        let now = self.clock.now();
        request.route("health")?;
        let look = self.noted(self.look().await);
        let is_there = look.is_some();
        let look = look.flatten();
        let is_ours = self.is_ours(request, now);
        let details =
            if is_ours { self.noted(self.details(look.clone(), now).await) } else { None };
        let ok = |good| if good { Check::Ok } else { Check::Failing };
        let checks = Checks {
            settings: ok(self.settings.is_empty()),
            // Who holds the key and gets no details is to know that it is not for the key.
            table: ok(is_there && is_ours == details.is_some()),
            schedule: Check::Unknown,
            sentry: Check::Unknown,
        };
        let checks = checks.with_look(look.as_ref(), now);
        let failing = checks.any_failing();
        let health = health::Health {
            status: if failing { Check::Failing } else { Check::Ok },
            version: env!("CARGO_PKG_VERSION").to_owned(),
            time: now,
            url: self.url.clone(),
            checks,
            settings: self.settings.clone(),
            details,
        };
        let body = serde_json::to_value(health).map_err(|_| Error::Internal)?;
        let status = if failing { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
        Ok(Response { status, ..Response::json(&body) })
    }

    async fn look(&self) -> Result<Option<SentryLook>, StoreError> {
        match &self.store {
            Some(store) => store.last_look().await,
            None => Err(StoreError::Unavailable),
        }
    }

    /// What was read; if it could not be, the log says why. Without a table the settings say it.
    fn noted<T>(&self, read: Result<T, StoreError>) -> Option<T> {
        if let (Err(error), Some(_)) = (&read, &self.store) {
            Error::from(*error).log();
        }
        read.ok()
    }

    /// Whether whoever asks holds the key.
    fn is_ours(&self, request: &Request, now: Timestamp) -> bool {
        let header =
            request.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let proof = header.and_then(|value| value.strip_prefix("Bearer "));
        let (Some(signer), Some(proof)) = (&self.signer, proof) else { return false };
        signer.open::<HealthClaims>(Purpose::Health, proof, now).is_ok()
    }

    async fn details(
        &self,
        sentry: Option<SentryLook>,
        now: Timestamp,
    ) -> Result<Details, StoreError> {
        let store = self.store.as_ref().ok_or(StoreError::Unavailable)?;
        let (installations, overdue) =
            tokio::join!(store.installations(MOST), store.overdue(now.minus(LEASE)));
        Ok(Details {
            sentry,
            workspaces: installations?.iter().map(Workspace::from).collect(),
            overdue: overdue?,
        })
    }
}
