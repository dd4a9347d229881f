//! A record of the requests that leave the functions, and of which were under way at the same time.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::{
    ConfigBag, Intercept, RuntimeComponents,
    interceptors::{
        AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    },
};
use aws_smithy_runtime_api::box_error::BoxError;
use axum::{Router, extract::Request, middleware};
use serde_json::Value;

/// What was asked of the table, of the queue, of Slack and of Sentry.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    requests: Vec<(String, Value)>,
    /// Requests that were under way together.
    rounds: Vec<Vec<String>>,
    /// Whether something has ended since something began: what begins now may have waited for it.
    has_ended: bool,
}

/// So many turns of everything else an answer takes to travel, that of the table and those of Slack
/// and Sentry alike: what is asked at the same time has begun before any of it ends.
const TURNS: usize = 50;

impl Journal {
    /// The requests to the table since this was asked last: the operation, and what was sent.
    pub(crate) fn requests(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.0.lock().unwrap().requests)
    }

    /// Everything since this was asked last, in rounds: those of one were under way together, and the
    /// next ones waited until one of them had ended.
    pub(crate) fn rounds(&self) -> Vec<Vec<String>> {
        let mut rounds = std::mem::take(&mut self.0.lock().unwrap().rounds);
        for round in &mut rounds {
            round.sort();
        }
        rounds
    }

    /// The same server, its requests written down under this name and what they ask for.
    pub(crate) fn of(&self, name: &'static str, server: Router) -> Router {
        let journal = self.clone();
        server.layer(middleware::from_fn(move |request: Request, next: middleware::Next| {
            let journal = journal.clone();
            async move {
                journal.begin(&format!("{name} {}", asked_for(&request)));
                let answer = next.run(request).await;
                travel().await;
                journal.end();
                answer
            }
        }))
    }

    /// Something begins.
    pub(crate) fn begin(&self, name: &str) {
        let mut pages = self.0.lock().unwrap();
        let has_ended = std::mem::take(&mut pages.has_ended);
        if has_ended || pages.rounds.is_empty() {
            pages.rounds.push(Vec::new());
        }
        pages.rounds.last_mut().unwrap().push(name.to_owned());
    }

    /// Something that began has ended.
    pub(crate) fn end(&self) {
        self.0.lock().unwrap().has_ended = true;
    }
}

/// An answer on its way.
pub(super) async fn travel() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}

/// A method of Slack's by its name, a `response_url` as that, and of Sentry the path.
fn asked_for(request: &Request) -> String {
    let path = request.uri().path().trim_matches('/');
    let resource = path.strip_prefix("api/0/").or_else(|| path.strip_prefix("oauth/"));
    match (resource, path.strip_prefix("api/")) {
        (Some(resource), _) => format!("{} {resource}", request.method()),
        (None, Some(method)) => method.to_owned(),
        (None, None) => "response_url".to_owned(),
    }
}

impl Intercept for Journal {
    fn name(&self) -> &'static str {
        "journal"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let target = request.headers().get("x-amz-target").unwrap();
        let operation = target.strip_prefix("DynamoDB_20120810.").unwrap();
        let body = serde_json::from_slice(request.body().bytes().unwrap())?;
        self.begin(operation);
        self.0.lock().unwrap().requests.push((operation.to_owned(), body));
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        _context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.end();
        Ok(())
    }
}
