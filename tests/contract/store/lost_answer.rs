//! Writes whose answer is lost: the SDK makes them again, and is refused because of what it has written
//! itself. That is not somebody else's. (Amazon's DynamoDB Local leaves the item out of a refusal, so
//! that it cannot tell whose it is.)

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use shared::{
    job::{NotClaimed, Outcome},
    store::{
        AdmitJob, Created, FollowFlow, HearEvents, Hearing, OpenFlow, RenewTokens, WorkJobs,
        Written, dynamo::DynamoStore,
    },
    transport::SdkTransport,
};

use super::{
    dynamo::Dynamo,
    front::{self, operation},
    records::{after, alice_linked, flow, job, opened, tokens},
    table::Table,
    tokens::stored,
};
use crate::harness::{ALICE, NOON};

every_table! { tables(dynoxide) {
    a_flow_is_new_to_whoever_has_begun_it,
    a_flow_that_somebody_else_has_begun_is_there_already,
    an_event_is_first_heard_by_whoever_has_taken_it,
    an_event_that_somebody_else_has_is_busy,
    an_event_that_somebody_else_dealt_with_is_done,
    a_flow_has_moved_on_for_whoever_moved_it,
    a_flow_that_somebody_else_moved_on_is_outdated,
    a_job_is_claimed_by_whoever_has_claimed_it,
    a_job_that_somebody_else_has_claimed_is_not_due,
    a_job_is_settled_by_whoever_has_settled_it,
    tokens_are_renewed_by_whoever_has_the_lease,
    tokens_that_somebody_else_renews_are_left_to_them,
    tokens_are_kept_by_whoever_has_renewed_them,
    tokens_that_somebody_else_has_renewed_are_outdated,
}}

/// How the first answer is lost.
type Loss = fn() -> Result<HttpResponse, ConnectorError>;

/// Each way in which an answer is lost that the SDK tries again after.
const LOSSES: [(&str, Loss); 3] = [
    ("connection", || Err(ConnectorError::io("cut".into()))),
    ("time-out", || Err(ConnectorError::timeout("late".into()))),
    ("500", || Ok(HttpResponse::new(StatusCode::try_from(500).unwrap(), "{}".into()))),
];

/// The way to a table on which the answer to the first write is lost.
#[derive(Debug, Clone)]
struct Losing {
    inner: SdkTransport,
    loss: Loss,
    writes: Arc<AtomicUsize>,
}

impl Losing {
    fn by(loss: Loss) -> Self {
        Self { inner: front::open(), loss, writes: Arc::default() }
    }

    fn store(&self, table: &Dynamo) -> DynamoStore {
        table.persistent_store_by(self.clone())
    }

    /// How many writes came along.
    fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }
}

impl HttpConnector for Losing {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let is_write = ["PutItem", "UpdateItem"].contains(&operation(&request));
        let is_first = is_write && self.writes.fetch_add(1, Ordering::SeqCst) == 0;
        let (answer, loss) = (self.inner.call(request), self.loss);
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            if is_first { loss() } else { answer }
        })
    }
}

async fn a_flow_is_new_to_whoever_has_begun_it(table: Dynamo) {
    for (lost, loss) in LOSSES {
        let (way, flow) = (Losing::by(loss), flow(lost, ALICE, 0));

        let created = way.store(&table).open_flow(&flow).await;

        assert_eq!((created, way.writes()), (Ok(Created::New), 2), "{lost}");
        assert_eq!(table.store().flow(&flow.id).await, Ok(Some(flow)), "{lost}");
    }
}

async fn a_flow_that_somebody_else_has_begun_is_there_already(table: Dynamo) {
    for (lost, loss) in LOSSES {
        let (way, flow) = (Losing::by(loss), opened(&table.store(), flow(lost, ALICE, 0)).await);

        let created = way.store(&table).open_flow(&flow).await;

        assert_eq!((created, way.writes()), (Ok(Created::Already), 2), "{lost}");
    }
}

async fn an_event_is_first_heard_by_whoever_has_taken_it(table: Dynamo) {
    for (lost, loss) in LOSSES {
        let way = Losing::by(loss);

        let heard = way.store(&table).hear(lost, NOON, after(15)).await;

        assert_eq!((heard, way.writes()), (Ok(Hearing::First), 2), "{lost}");
        assert_eq!(table.store().hear(lost, NOON, after(15)).await, Ok(Hearing::Busy), "{lost}");
    }
}

async fn an_event_that_somebody_else_has_is_busy(table: Dynamo) {
    for (lost, loss) in LOSSES {
        let way = Losing::by(loss);
        table.store().hear(lost, NOON, after(15)).await.unwrap();

        let heard = way.store(&table).hear(lost, NOON, after(15)).await;

        assert_eq!((heard, way.writes()), (Ok(Hearing::Busy), 2), "{lost}");
    }
}

async fn an_event_that_somebody_else_dealt_with_is_done(table: Dynamo) {
    for (lost, loss) in LOSSES {
        let way = Losing::by(loss);
        table.store().heard(lost, NOON).await.unwrap();

        let heard = way.store(&table).hear(lost, NOON, after(15)).await;

        assert_eq!((heard, way.writes()), (Ok(Hearing::Done), 2), "{lost}");
    }
}

async fn a_flow_has_moved_on_for_whoever_moved_it(table: Dynamo) {
    for (lost, loss) in LOSSES {
        let (way, flow) = (Losing::by(loss), opened(&table.store(), flow(lost, ALICE, 0)).await);
        let next = flow.exchanging();

        let advanced = way.store(&table).advance(&next).await;

        assert_eq!((advanced, way.writes()), (Ok(Written::Yes), 2), "{lost}");
        assert_eq!(table.store().flow(&next.id).await, Ok(Some(next)), "{lost}");
    }
}

async fn a_flow_that_somebody_else_moved_on_is_outdated(table: Dynamo) {
    for (lost, loss) in LOSSES {
        let (way, flow) = (Losing::by(loss), opened(&table.store(), flow(lost, ALICE, 0)).await);
        let next = flow.exchanging();
        table.store().advance(&next).await.unwrap();

        let advanced = way.store(&table).advance(&next).await;

        assert_eq!((advanced, way.writes()), (Ok(Written::Outdated), 2), "{lost}");
    }
}

async fn a_job_is_claimed_by_whoever_has_claimed_it(table: Dynamo) {
    for (lost, loss) in LOSSES {
        let (way, admitted) = (Losing::by(loss), job(lost));
        table.store().admit(&admitted).await.unwrap();

        let claimed = way.store(&table).claim(&admitted.key, NOON).await;

        assert_eq!((claimed, way.writes()), (Ok(admitted.claim(NOON)), 2), "{lost}");
    }
}

async fn a_job_that_somebody_else_has_claimed_is_not_due(table: Dynamo) {
    for (lost, loss) in LOSSES {
        let (way, admitted) = (Losing::by(loss), job(lost));
        table.store().admit(&admitted).await.unwrap();
        table.store().claim(&admitted.key, NOON).await.unwrap().unwrap();

        let claimed = way.store(&table).claim(&admitted.key, NOON).await;

        assert_eq!((claimed, way.writes()), (Ok(Err(NotClaimed::NotDue)), 2), "{lost}");
    }
}

async fn a_job_is_settled_by_whoever_has_settled_it(table: Dynamo) {
    for (lost, loss) in LOSSES {
        let (way, admitted) = (Losing::by(loss), job(lost));
        table.store().admit(&admitted).await.unwrap();
        let claimed = table.store().claim(&admitted.key, NOON).await.unwrap().unwrap();

        let settled = way.store(&table).settle(&claimed.finish(Outcome::Done)).await;

        assert_eq!((settled, way.writes()), (Ok(Written::Yes), 2), "{lost}");
    }
}

async fn tokens_are_renewed_by_whoever_has_the_lease(table: Dynamo) {
    let (_, alice) = alice_linked(&table).await;
    for ((lost, loss), second) in LOSSES.into_iter().zip(0..) {
        let way = Losing::by(loss);

        let leased =
            way.store(&table).lease_refresh(&alice, after(second), after(second + 1)).await;

        assert_eq!((leased, way.writes()), (Ok(Written::Yes), 2), "{lost}");
    }
}

async fn tokens_that_somebody_else_renews_are_left_to_them(table: Dynamo) {
    let (store, alice) = alice_linked(&table).await;
    store.lease_refresh(&alice, NOON, after(20)).await.unwrap();
    for (lost, loss) in LOSSES {
        let way = Losing::by(loss);

        let leased = way.store(&table).lease_refresh(&alice, NOON, after(20)).await;

        assert_eq!((leased, way.writes()), (Ok(Written::Outdated), 2), "{lost}");
    }
}

async fn tokens_are_kept_by_whoever_has_renewed_them(table: Dynamo) {
    let (store, _) = alice_linked(&table).await;
    for (lost, loss) in LOSSES {
        let (way, alice) = (Losing::by(loss), stored(&store).await);

        let kept = way.store(&table).save_tokens(&alice, &tokens(lost)).await;

        assert_eq!((kept, way.writes()), (Ok(Written::Yes), 2), "{lost}");
        assert_eq!(stored(&store).await.tokens, tokens(lost), "{lost}");
    }
}

async fn tokens_that_somebody_else_has_renewed_are_outdated(table: Dynamo) {
    let (store, alice) = alice_linked(&table).await;
    store.save_tokens(&alice, &tokens("theirs")).await.unwrap();
    for (lost, loss) in LOSSES {
        let way = Losing::by(loss);

        let kept = way.store(&table).save_tokens(&alice, &tokens(lost)).await;

        assert_eq!((kept, way.writes()), (Ok(Written::Outdated), 2), "{lost}");
        assert_eq!(stored(&store).await.tokens, tokens("theirs"), "{lost}");
    }
}
