//! The product's own types for the model's clicks: what its rules are asked about.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use serde_json::json;
use shared::{
    change::Change,
    identity::{Organization, Person},
    ids::{IssueId, OrganizationId, SlackUserId, Tenant},
    job::{Click, Job, JobKey, NewestClick},
    secret::Sealed,
    sentry::issue::{Activity, Issue},
    slack::interaction::{AlertPlace, Family},
};

use super::state::{Clicked, Decision, Moment, State, timestamp};
use crate::harness::ALICE;

/// What the clicks want, in their order.
const WANTED: [&str; 2] = ["resolved", "ignored"];

/// Alice's clicks under one alert.
pub(super) struct Clicks {
    templates: Vec<Job>,
    made: RefCell<HashMap<(usize, Moment), Rc<Click>>>,
    issue: Issue,
}

impl Clicks {
    pub(super) fn new() -> Self {
        let template = |(n, wanted): (usize, &&str)| {
            let click = click(wanted, 0);
            Job::admit(JobKey::of_flow(&n.to_string()), &click, Sealed::nothing(), timestamp(0))
        };
        Self {
            templates: WANTED.iter().enumerate().map(template).collect(),
            made: RefCell::default(),
            issue: serde_json::from_value(json!({"id": "4815", "status": "unresolved"})).unwrap(),
        }
    }

    /// The job of a click, before anything has happened to it.
    pub(super) fn template(&self, n: usize) -> &Job {
        &self.templates[n]
    }

    /// What it wants.
    pub(super) fn wanted(n: usize) -> &'static str {
        WANTED[n]
    }

    /// The click.
    pub(super) fn click(&self, n: usize, clicked: &Clicked) -> Rc<Click> {
        let mut made = self.made.borrow_mut();
        let made = made.entry((n, clicked.made_at));
        Rc::clone(made.or_insert_with(|| Rc::new(click(WANTED[n], clicked.made_at))))
    }

    /// The newest of them all.
    pub(super) fn newest(&self, state: &State) -> Option<NewestClick> {
        let (n, clicked) = state.clicks.iter().enumerate().next_back()?;
        NewestClick::of(&self.click(n, clicked), &self.templates[n].key)
    }

    /// The issue as Sentry shows it.
    pub(super) fn issue(&self, state: &State) -> Issue {
        let line = |decision: &Decision| Activity {
            kind: format!("set_{}", decision.status),
            date_created: Some(timestamp(decision.at)),
            user: None,
        };
        Issue {
            status: state.status().to_owned(),
            activity: state.history.iter().rev().map(line).collect(),
            ..self.issue.clone()
        }
    }
}

fn click(wanted: &str, made_at: Moment) -> Click {
    let tenant = Tenant::parse("T0ACME0001").unwrap();
    let millis = timestamp(made_at).millis();
    Click {
        person: Person { tenant: tenant.clone(), user: SlackUserId::parse(ALICE).unwrap() },
        tenant,
        team: None,
        person_name: "alice".into(),
        organization: Organization {
            id: OrganizationId::parse("1").unwrap(),
            slug: "acme".into(),
            name: "Acme Inc".into(),
        },
        issue: IssueId::parse("4815").unwrap(),
        change: Change::parse_status(wanted).unwrap(),
        alert: AlertPlace {
            channel: None,
            message_ts: None,
            family: Family::Blocks,
            rule: None,
            tags: None,
        },
        response_url: None,
        action_ts: format!("{}.{:03}000", millis / 1000, millis % 1000),
        decided_at: None,
        modal: None,
    }
}
