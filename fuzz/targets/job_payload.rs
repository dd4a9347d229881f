//! What a worker is woken with, and what it finds then, is read as it was written or not at all.
#![no_main]

use std::{fmt::Debug, sync::LazyLock};

use fuzz::{NOW, assert_tame, edited};
use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};
use shared::{
    job::{Click, Job, JobKey},
    post::{Card, PostKey},
    sealing::{Field, Sealer},
    secret::{Sealed, Secret},
    unfurl::{SealedUnfurl, Unfurl},
};

static SEALER: LazyLock<Sealer> =
    LazyLock::new(|| Sealer::new(vec![Secret::new("fuzz-seal-key-0123456789abcdefgh")]));

fuzz_target!(|data: &[u8]| {
    let (script, json) = data.split_at(data.len().min(8));
    for json in [json, data] {
        if let Some(click) = comes_back::<Click>(json) {
            a_sealed_click_opens_for_its_owner_alone(&click, script);
        }
        comes_back::<Job>(json);
        comes_back::<Card>(json);
        comes_back::<Unfurl>(json);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        a_message_of_the_queue_is_one_thing(text);
    }
});

/// A record that can be read is written and read again without a change.
fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(json: &[u8]) -> Option<T> {
    let record: T = serde_json::from_slice(json).ok()?;
    let written = serde_json::to_vec(&record).unwrap();
    let read: T = serde_json::from_slice(&written).unwrap();
    assert_eq!(read, record);
    assert_eq!(serde_json::to_vec(&read).unwrap(), written);
    Some(record)
}

fn a_sealed_click_opens_for_its_owner_alone(click: &Click, script: &[u8]) {
    let owner = click.person.owner();
    let sealed = SEALER.seal_json(owner, Field::Click, click).unwrap();
    let opened = SEALER.open_json::<Click>(owner, Field::Click, &sealed).unwrap();
    assert_eq!(&opened, click);
    assert_eq!(opened.key(), click.key());
    assert!(SEALER.open(owner, Field::Card, &sealed).is_err());

    let bent = Sealed::from_text(edited(sealed.as_text(), script));
    if bent != sealed {
        assert!(SEALER.open(owner, Field::Click, &bent).is_err(), "a bent seal opens");
    }
    let job = Job::admit(click.key(), click, sealed, NOW);
    assert_eq!(comes_back::<Job>(&serde_json::to_vec(&job).unwrap()), Some(job));
}

/// The text of one kind is not that of another, and each is printed as it was read.
fn a_message_of_the_queue_is_one_thing(text: &str) {
    let job = JobKey::parse(text).map(|key| key.as_str().to_owned());
    let post = PostKey::parse(text).inspect(|key| {
        assert_tame(key.channel.as_str());
        assert_tame(key.tenant.as_str());
    });
    let unfurl = SealedUnfurl::parse(text).inspect(|unfurl| {
        assert_tame(unfurl.person.user.as_str());
    });
    let read: Vec<String> =
        [job, post.map(|key| key.to_text()), unfurl.map(|unfurl| unfurl.to_text())]
            .into_iter()
            .flatten()
            .collect();
    assert!(read.len() <= 1, "{read:?}");
    if let Some(printed) = read.first() {
        assert_eq!(printed, text);
    }
}
