//! A table behind DynamoDB's protocol whose requests are written down.

use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::HttpRequest,
};
use local::{
    database::{self, Database, TABLE},
    installation,
};
use shared::{
    store::dynamo::DynamoStore,
    transport::{self, SdkTransport},
};

use super::journal::{Journal, travel};

/// The way to a table, as long as the ones to Slack and Sentry.
#[derive(Debug)]
struct Way(SdkTransport);

impl HttpConnector for Way {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            travel().await;
            answer
        })
    }
}

/// An empty table, watched.
pub(crate) struct Watched {
    pub(crate) store: DynamoStore,
    pub(crate) journal: Journal,
    /// To look at what the store has written.
    pub(crate) database: Database,
}

impl Watched {
    /// Written down in this journal.
    pub(crate) async fn with(journal: Journal) -> Self {
        let database = database::start(None).await.unwrap();
        let way =
            SharedHttpConnector::new(Way(SdkTransport::new(transport::client(None).unwrap())));
        let config = installation::table_config(database.url())
            .http_client(http_client_fn(move |_, _| way.clone()))
            .interceptor(journal.clone())
            .build();
        let client = aws_sdk_dynamodb::Client::from_conf(config);
        let store = DynamoStore::new(client, TABLE.to_owned());
        Self { store, journal, database }
    }
}
