//! How a job waits and ends.

use super::{tests::job, *};

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

#[test]
fn a_server_that_asks_for_a_quarter_of_an_hour_gets_it_and_for_more_nothing() {
    let claimed = job().claim(NOW).unwrap();
    let quarter = Duration::from_mins(15);

    let (at_the_limit, beyond) =
        (claimed.retry(NOW, quarter, 0), claimed.retry(NOW, quarter + Duration::from_millis(1), 0));

    let Retry::Later(waiting) = at_the_limit else { panic!("given up") };
    assert_eq!(waiting.next_at, NOW.plus(quarter));
    assert!(matches!(beyond, Retry::GiveUp));
}

#[test]
fn a_job_that_is_over_keeps_no_click_and_stands_where_it_was_admitted() {
    let claimed = job().claim(NOW.plus(Duration::from_mins(1))).unwrap();

    let over = claimed.finish(Outcome::Done);

    assert_eq!(over.click, Sealed::nothing());
    assert_ne!(over.click, claimed.click);
    assert_eq!(over.next_at, claimed.admitted_at);
    assert_eq!((over.phase, over.outcome), (Phase::Final, Some(Outcome::Done)));
}

#[test]
fn the_account_that_carried_it_out_is_written_down() {
    let account = AccountId::parse("101").unwrap();
    let named = job().done_as(Some(&account));

    assert_eq!((job().account, named.account.clone()), (None, Some(account)));
    assert_eq!(named.done_as(None).account, None);
}
