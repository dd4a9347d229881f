//! What holds of every click, on its way into the table and out of it.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    sealing::{Field, Sealer},
    slack::interaction::Family,
};

prop_compose! {
    fn any_click()(
        tenant in "[TE][A-Z0-9]{2,11}", user in "[UW][A-Z0-9]{2,11}", name in "\\PC{0,20}",
        issue in 0..u64::MAX / 2, change in "(resolved|unresolved:ongoing|assign:none|assign:user:[1-9][0-9]{0,9})",
        channel in proptest::option::of("[CDG][A-Z0-9]{2,11}"),
        ts in "[1-9][0-9]{9}\\.[0-9]{6}", tags in proptest::option::of("\\PC{0,40}"),
        family in 0..4_usize, modal in proptest::option::of(any::<bool>()),
    ) -> Click {
        let family =
            [Family::Blocks, Family::Unfurl, Family::Attachment, Family::AttachmentUnfurl][family];
        let modal = modal.map(|chosen| json!({"dialog": "resolve", "external_id": ts, "chosen": chosen}));
        let mut click = json!({
            "tenant": tenant, "team": null, "person": {"tenant": tenant, "user": user},
            "person_name": name, "organization": {"id": "1", "slug": name, "name": name},
            "issue": issue.to_string(), "change": change, "response_url": null, "action_ts": ts,
            "alert": {"channel": channel, "message_ts": ts, "family": family, "rule": 162, "tags": tags},
        });
        if let Some(modal) = modal {
            click["modal"] = modal;
        }
        serde_json::from_value(click).unwrap()
    }
}

proptest! {
    #[test]
    fn a_click_is_read_as_it_was_written_and_keeps_its_key(click in any_click()) {
        let sealer = Sealer::new(vec![Secret::new("a-seal-key-of-thirty-two-charact")]);
        let owner = click.person.owner();

        let sealed = sealer.seal_json(owner, Field::Click, &click).unwrap();
        let read: Click = sealer.open_json(owner, Field::Click, &sealed).unwrap();

        prop_assert_eq!(read.key(), click.key());
        prop_assert_eq!(read, click);
    }

    #[test]
    fn a_job_is_read_as_it_was_written(click in any_click(), attempt in any::<u32>(), at in any::<i64>()) {
        let now = Timestamp::from_millis(at);
        let admitted = Job::admit(click.key(), &click, Sealed::from_text("s1.kid.sealed"), now);
        let job = Job { attempt, ..admitted };
        for job in [job.clone(), job.finish(Outcome::Done)] {
            let item: serde_dynamo::Item = serde_dynamo::to_item(&job).unwrap();
            prop_assert_eq!(&serde_dynamo::from_item::<_, Job>(item).unwrap(), &job);
            let json = serde_json::to_string(&job).unwrap();
            prop_assert_eq!(serde_json::from_str::<Job>(&json).unwrap(), job);
        }
    }

    /// One key for one click: who, where, what and when each make another.
    #[test]
    fn clicks_that_differ_have_different_keys(one in any_click(), other in any_click()) {
        prop_assume!(one.action_ts != other.action_ts || one.person != other.person);
        prop_assert_ne!(one.key(), other.key());
    }

    #[test]
    fn a_key_is_printed_as_it_was_read(text in "([0-9a-f]{64}|[0-9a-fA-F ]{60,66})") {
        let expected = (text.len() == 64
            && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))).then_some(text.as_str());
        let key = JobKey::parse(&text);

        prop_assert_eq!(key.as_ref().map(JobKey::as_str), expected);
    }
}
