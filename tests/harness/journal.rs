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
    under_way: usize,
}

impl Journal {
    /// The requests to the table since this was asked last: the operation, and what was sent.
    pub(crate) fn requests(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.0.lock().unwrap().requests)
    }

    /// Everything since this was asked last, in rounds: those of one were under way together.
    pub(crate) fn rounds(&self) -> Vec<Vec<String>> {
        let mut rounds = std::mem::take(&mut self.0.lock().unwrap().rounds);
        for round in &mut rounds {
            round.sort();
        }
        rounds
    }

    /// The same server, its requests written down under this name.
    pub(crate) fn of(&self, name: &'static str, server: Router) -> Router {
        let journal = self.clone();
        server.layer(middleware::from_fn(move |request: Request, next: middleware::Next| {
            let journal = journal.clone();
            async move {
                journal.begin(name);
                let answer = next.run(request).await;
                journal.end();
                answer
            }
        }))
    }

    /// Something begins.
    pub(crate) fn begin(&self, name: &str) {
        let mut pages = self.0.lock().unwrap();
        if pages.under_way == 0 {
            pages.rounds.push(Vec::new());
        }
        pages.under_way += 1;
        pages.rounds.last_mut().unwrap().push(name.to_owned());
    }

    /// Something that began has ended.
    pub(crate) fn end(&self) {
        self.0.lock().unwrap().under_way -= 1;
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
