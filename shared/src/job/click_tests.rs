//! Clicks and their names: which of two counts, what only fills a modal, what a person can quote.

use std::time::Duration;

use super::{
    Click, JobKey, KEPT, ModalStep, NewestClick,
    tests::{a_click, job},
};
use crate::{
    change::{Change, Dialog},
    clock::Timestamp,
};

/// A click of a thousandth of a second later, or earlier.
fn made_at(action_ts: &str) -> Click {
    Click { action_ts: action_ts.into(), ..a_click() }
}

fn in_a_modal(chosen: bool) -> Click {
    let external_id = "1700000000.1".into();
    let modal = ModalStep { dialog: Dialog::Resolve, external_id, chosen, trigger_id: None };
    Click { modal: Some(modal), ..a_click() }
}

fn newest(click: &Click) -> NewestClick {
    NewestClick::of(click, &click.key()).unwrap()
}

#[test]
fn an_open_job_is_kept_for_a_week() {
    assert_eq!(KEPT, Duration::from_hours(168));
}

#[test]
fn of_two_clicks_in_the_same_moment_neither_overtakes_the_other() {
    let (one, other) = (a_click(), Click { person_name: "else".into(), ..a_click() });
    let elsewhere = JobKey::of_flow("elsewhere");

    assert!(!newest(&one).overtakes(&other, &elsewhere));
    assert!(newest(&made_at("1700000000.404007")).overtakes(&one, &elsewhere));
    assert!(!newest(&made_at("1700000000.402007")).overtakes(&one, &elsewhere));
}

#[test]
fn a_click_does_not_overtake_itself() {
    let later = made_at("1700000001.403007");

    assert!(!newest(&later).overtakes(&a_click(), &later.key()));
}

#[test]
fn a_choice_is_as_late_as_it_was_made_and_never_earlier_than_the_click_that_led_to_it() {
    let decided = |secs| Click { decided_at: Some(Timestamp::from_secs(secs)), ..in_a_modal(true) };
    let (opened, late) = (in_a_modal(true), decided(1_700_000_030));

    assert_eq!(late.made_at(), Timestamp::from_secs(1_700_000_030));
    assert_eq!((late.clicked_at(), late.key()), (opened.made_at(), opened.key()));
    // The second of the click itself, rounded down.
    assert_eq!(decided(1_700_000_000).made_at(), opened.made_at());
}

#[test]
fn a_click_that_was_kept_before_choices_had_a_time_is_still_read() {
    let kept = serde_json::to_value(a_click()).unwrap();

    assert_eq!(kept.get("decided_at"), None);
    assert_eq!(serde_json::from_value::<Click>(kept).unwrap(), a_click());
}

#[test]
fn a_wish_is_repeated_by_the_same_person_for_the_same_change_alone() {
    let click = a_click();
    let mut of_bob = a_click();
    of_bob.person.user = crate::ids::SlackUserId::parse("U0BOB00001").unwrap();
    let archive = Click { change: Change::parse_status("ignored").unwrap(), ..a_click() };

    assert!(newest(&click).repeats(&click));
    assert!(!newest(&of_bob).repeats(&click));
    assert!(!newest(&archive).repeats(&click));
}

#[test]
fn only_a_modal_without_a_choice_is_only_filled() {
    assert!(in_a_modal(false).only_fills_a_modal());
    assert!(!in_a_modal(true).only_fills_a_modal());
    assert!(!a_click().only_fills_a_modal());
}

#[test]
fn what_only_fills_a_modal_is_no_newest_click_and_gives_way_to_none() {
    let filling = in_a_modal(false);
    let later = made_at("1700000001.403007");

    assert_eq!(NewestClick::of(&filling, &filling.key()), None);
    assert!(!newest(&later).overtakes(&filling, &filling.key()));
    assert_ne!(filling.key(), in_a_modal(true).key());
}

#[test]
fn a_key_is_64_lower_case_hexadecimal_digits_and_nothing_else() {
    let digits = "0123456789abcdef".repeat(4);
    let read = |text: &str| JobKey::parse(text).map(|key| key.as_str().to_owned());

    assert_eq!(read(&digits), Some(digits.clone()));
    for none in
        [&digits[1..], &format!("{digits}0"), &digits.to_uppercase(), &digits.replace('0', "g"), ""]
    {
        assert_eq!(read(none), None, "{none}");
    }
}

#[test]
fn a_job_remembers_the_request_that_asked_for_it_if_it_is_one() {
    let longest = "x".repeat(super::MAX_REQUEST);
    for name in ["JKJaXmPLvHcESHA=", &longest] {
        assert_eq!(job().asked_by(name).request.as_deref(), Some(name));
    }
    for none in ["", "two words", "caf\u{e9}", "tab\t", &format!("{longest}x")] {
        assert_eq!(job().asked_by(none).request, None, "{none:?}");
    }
}

#[test]
fn what_a_person_can_quote_is_how_the_key_begins() {
    let job = job();

    assert_eq!(job.reference().len(), super::REFERENCE);
    assert!(job.reference().len() >= 8 && job.key.as_str().starts_with(job.reference()));
}
