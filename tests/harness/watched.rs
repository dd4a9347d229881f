//! A table behind DynamoDB's protocol whose requests are written down.

use local::{
    database::{self, Database, TABLE},
    installation,
};
use shared::{
    store::dynamo::DynamoStore,
    transport::{self, SdkTransport},
};

use super::journal::Journal;

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
        let config = installation::table_config(database.url())
            .http_client(SdkTransport::new(transport::client(None).unwrap()))
            .interceptor(journal.clone())
            .build();
        let client = aws_sdk_dynamodb::Client::from_conf(config);
        let store = DynamoStore::new(client, TABLE.to_owned());
        Self { store, journal, database }
    }
}
