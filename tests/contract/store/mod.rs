//! One suite for every table: what `shared::store` promises, held against the map, against dynoxide
//! and, where `BELAY_DYNAMODB_URL` names one, against Amazon's own DynamoDB Local.
//!
//! A case is a function of any `Table`; `every_table!` makes a test of it for each.

/// Makes every case a test of every table: `memory::…`, `dynoxide::…`, `dynamodb_local::…`; or, with
/// `tables(…)` before the cases, of the tables that are named.
macro_rules! every_table {
    (tables($($table:ident),+) $cases:tt) => {
        $(every_table!(@ $table $cases);)+
    };
    (@ memory { $($case:ident,)+ }) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                super::$case($crate::contract::store::table::Memory::default()).await;
            })+
        }
    };
    (@ dynoxide { $($case:ident,)+ }) => {
        mod dynoxide {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                super::$case($crate::contract::store::dynamo::Dynamo::dynoxide().await).await;
            })+
        }
    };
    (@ dynamodb_local { $($case:ident,)+ }) => {
        mod dynamodb_local {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                if let Some(table) = $crate::contract::store::dynamo::Dynamo::amazons().await {
                    super::$case(table).await;
                }
            })+
        }
    };
    ($($case:ident,)+) => {
        every_table!(tables(memory, dynoxide, dynamodb_local) { $($case,)+ });
    };
}

mod audit;
mod audit_items;
mod change_installation;
mod clicker;
mod collide;
mod dynamo;
mod empty_text;
mod expiry;
mod flow;
mod front;
mod half_links;
mod health;
mod hear;
mod installation_epoch;
mod job;
mod job_forms;
mod left_over;
mod link;
mod link_audit;
mod link_refused;
mod lost_answer;
mod members;
mod no_table;
mod order;
mod own_rules;
mod posts;
mod posts_items;
mod races;
pub(crate) mod records;
mod remove_identity;
mod remove_member;
mod settle;
mod setup;
pub(crate) mod table;
mod tend;
mod tokens;
mod unlink;
mod unversioned;
mod wipe;
