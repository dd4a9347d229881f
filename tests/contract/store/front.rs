//! What stands in front of a table: it answers instead of it, or lets a request through.

use std::fmt::Debug;

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture},
    orchestrator::{HttpRequest, HttpResponse},
};
use shared::transport::{self, SdkTransport};

/// The table's own way.
pub(super) fn open() -> SdkTransport {
    SdkTransport::new(transport::client(None).unwrap())
}

/// What is asked of the table, by DynamoDB's name for it.
pub(super) fn operation(request: &HttpRequest) -> &str {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default()
}

/// Answers a request, or leaves it to the table.
pub(super) trait Answers: Clone + Debug + Send + Sync + 'static {
    fn answer(&self, request: &HttpRequest) -> Option<HttpResponse>;
}

/// The way to a table with this in front of it.
#[derive(Debug)]
pub(super) struct Front<A>(SdkTransport, A);

impl<A: Answers> Front<A> {
    pub(super) fn of(answers: &A) -> Self {
        Self(open(), answers.clone())
    }
}

impl<A: Answers> HttpConnector for Front<A> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self.1.answer(&request) {
            Some(answer) => HttpConnectorFuture::ready(Ok(answer)),
            None => self.0.call(request),
        }
    }
}
