//! What becomes of a post, step by step.

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_767_614_400);
const WINDOW: Duration = Duration::from_hours(24);

fn at(secs: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(secs))
}

fn key() -> PostKey {
    PostKey::parse("post 1 I4815 T0ACME0001 C0ALERTS01").unwrap()
}

fn card(name: &str) -> Sealed {
    Sealed::from_text(format!("s1.kid.{name}"))
}

fn first() -> Post {
    Post::first(key(), card("first"), NOW, NOW)
}

/// Claimed, posted as message 1.0 and settled.
fn standing() -> Post {
    first().claim(NOW).unwrap().posted("1.0", 1, NOW)
}

fn again(post: &Post, secs: u64) -> Post {
    post.again(card("again"), WINDOW, at(secs))
}

fn otherwise(post: &Post, known: u64) -> Option<Post> {
    post.otherwise((card("other"), true), at(known), at(known))
}

#[test]
fn the_first_is_due_at_once_and_is_a_message_of_its_own() {
    let post = first();

    assert_eq!((post.next_at, post.step(), post.version), (Some(NOW), Step::Post, 1));
    assert_eq!(post.expires(), NOW.plus(KEPT));
}

#[test]
fn what_was_posted_needs_nothing_more() {
    let post = standing();

    assert_eq!(post.places, [Place { ts: "1.0".into(), at: NOW, shown: 1 }]);
    assert_eq!((post.next_at, post.leased, post.step()), (None, false, Step::Nothing));
    assert_eq!(post.claim(at(1)), Err(NotClaimed::Nothing));
}

#[test]
fn within_the_window_a_repeat_redraws_the_message_and_then_goes_into_its_thread() {
    let repeated = again(&standing(), 60);
    let claimed = repeated.claim(at(60)).unwrap();
    let redrawn = claimed.updated("1.0", claimed.revision, at(60));

    assert_eq!((repeated.next_at, repeated.repeats), (Some(at(60)), 1));
    assert_eq!(repeated.step(), Step::Update("1.0".into()));
    assert_eq!(redrawn.step(), Step::Reply("1.0".into(), 1));
    let told = redrawn.claim(at(60)).unwrap().replied(1, at(60));
    assert_eq!((told.step(), told.next_at), (Step::Nothing, None));
}

#[test]
fn after_the_window_a_repeat_is_a_message_of_its_own_that_begins_to_count_anew() {
    let repeated = again(&standing(), 60).claim(at(60)).unwrap().updated("1.0", 2, at(60));
    let last_moment = again(&repeated, 24 * 3600 - 1);
    let later = again(&repeated, 24 * 3600);

    assert_eq!((last_moment.wanted, last_moment.repeats), (false, 2));
    assert_eq!((later.wanted, later.repeats, later.told), (true, 0, 0));
    assert_eq!(later.step(), Step::Post);
}

#[test]
fn a_reply_that_was_on_its_way_when_the_window_ended_does_not_count_for_the_new_thread() {
    let five = (1..=5).fold(standing(), |post, secs| again(&post, secs));
    let redrawn = five.claim(at(5)).unwrap().updated("1.0", five.revision, at(5));
    let replying = redrawn.claim(at(24 * 3600)).unwrap();
    let ended = again(&replying, 24 * 3600).replied(5, at(24 * 3600));

    let posting = ended.claim(at(24 * 3600)).unwrap();
    let repeated = again(&posting.posted("2.0", posting.revision, at(24 * 3600)), 25 * 3600);

    assert_eq!(replying.step(), Step::Reply("1.0".into(), 5));
    assert_eq!((ended.step(), repeated.repeats, repeated.told), (Step::Post, 1, 0));
}

#[test]
fn a_repeat_of_what_is_still_to_be_posted_is_counted_for_its_thread() {
    let waiting = again(&again(&first(), 1), 2);
    let posted = waiting.claim(at(2)).unwrap().posted("1.0", waiting.revision, at(2));

    assert_eq!(waiting.step(), Step::Post);
    assert_eq!(posted.step(), Step::Reply("1.0".into(), 2));
}

#[test]
fn many_repeats_while_one_reply_is_on_its_way_are_one_more_reply() {
    let claimed = again(&standing(), 1).claim(at(1)).unwrap().updated("1.0", 2, at(1));
    let replying = claimed.claim(at(1)).unwrap();
    let meanwhile = (2..40).fold(replying, |post, secs| again(&post, secs));

    let told = meanwhile.replied(1, at(40)).claim(at(40)).unwrap().updated("1.0", 40, at(40));

    assert_eq!(told.step(), Step::Reply("1.0".into(), 39));
}

#[test]
fn an_older_state_says_nothing_and_a_newer_one_or_one_of_the_same_second_is_shown() {
    let post = otherwise(&standing(), 100).unwrap();

    assert_eq!(otherwise(&post, 99), None);
    let same_second = post.otherwise((card("late"), true), at(100), at(101)).unwrap();
    assert_eq!((same_second.revision, same_second.card), (3, card("late")));
    assert_eq!(otherwise(&post, 101).unwrap().known_at, at(101));
}

#[test]
fn within_a_second_the_milliseconds_of_ones_own_clock_do_not_count() {
    let by_own_clock = Timestamp::from_millis(NOW.millis() + 900);
    let clicked = standing().otherwise((card("click"), true), by_own_clock, by_own_clock).unwrap();

    assert!(clicked.otherwise((card("sentry"), true), NOW, by_own_clock).is_some());
}

#[test]
fn what_looks_the_same_is_kept_and_not_told() {
    let same = standing().otherwise((card("same"), false), at(5), at(5)).unwrap();

    assert_eq!((same.revision, same.next_at, same.step()), (1, None, Step::Nothing));
    assert_eq!((same.card, same.known_at, same.version), (card("same"), at(5), 4));
}

#[test]
fn of_several_messages_the_newest_is_redrawn_first() {
    let second = again(&standing(), 24 * 3600).claim(at(24 * 3600)).unwrap();
    let two = second.posted("2.0", 1, at(24 * 3600));

    assert_eq!(two.step(), Step::Update("2.0".into()));
    assert_eq!(two.updated("2.0", 2, at(24 * 3600)).step(), Step::Update("1.0".into()));
}

#[test]
fn the_eleventh_message_pushes_the_first_one_out() {
    let many = (1..=11).fold(first(), |post, n| post.posted(&format!("{n}.0"), 1, at(n)));

    assert_eq!(many.places.len(), MOST_PLACES);
    assert_eq!(many.places[0].ts, "2.0");
}

#[test]
fn one_worker_has_it_at_a_time_and_another_when_the_lease_has_ended() {
    let claimed = first().claim(NOW).unwrap();

    assert_eq!((claimed.attempt, claimed.next_at), (1, Some(NOW.plus(LEASE))));
    assert_eq!(claimed.claim(at(29)), Err(NotClaimed::Leased));
    assert_eq!(claimed.claim(at(30)).map(|post| post.attempt), Ok(2));
}

#[test]
fn a_result_of_a_lease_that_was_lost_is_not_mine() {
    let lost = first().claim(NOW).unwrap();
    let taken_over = lost.claim(at(30)).unwrap();
    let done = taken_over.posted("1.0", 1, at(31));

    assert!(lost.is_mine(&lost));
    assert!(!lost.is_mine(&taken_over) && !lost.is_mine(&done));
    assert!(taken_over.is_mine(&taken_over) && !taken_over.is_mine(&done));
}

#[test]
fn a_change_leaves_a_lease_to_its_worker() {
    let claimed = first().claim(NOW).unwrap();
    let changed = otherwise(&again(&claimed, 1), 2).unwrap();

    assert!(changed.leased && claimed.is_mine(&changed));
    assert_eq!(changed.next_at, claimed.next_at);
    assert_eq!(changed.claim(at(3)), Err(NotClaimed::Leased));
}

#[test]
fn what_changed_while_a_message_was_on_its_way_is_the_next_step() {
    let claimed = first().claim(NOW).unwrap();
    let changed = otherwise(&claimed, 1).unwrap();

    let posted = changed.posted("1.0", claimed.revision, at(1));

    assert_eq!((posted.step(), posted.next_at), (Step::Update("1.0".into()), Some(at(1))));
}

#[test]
fn what_waits_for_its_second_is_due_then_and_has_it_then() {
    let waiting = first().claim(NOW).unwrap().waits(at(7));

    assert_eq!(waiting.claim(at(6)), Err(NotClaimed::NotDue(at(7))));
    assert!(!waiting.has_slot(at(6)) && waiting.has_slot(at(7)));
    assert!(waiting.claim(at(7)).unwrap().has_slot(at(7)));
    assert_eq!(waiting.claim(at(7)).unwrap().posted("1.0", 1, at(7)).slot, None);
}

#[test]
fn who_overslept_its_second_has_it_no_more() {
    let waiting = first().claim(NOW).unwrap().waits(at(7));

    assert!(waiting.has_slot(at(17)) && !waiting.has_slot(at(18)));
    assert_eq!((waiting.slot_ahead(at(6)), waiting.slot_ahead(at(7))), (Some(at(7)), None));
}

#[test]
fn a_message_is_redrawn_while_a_reply_waits_for_its_second() {
    let repeated = again(&standing(), 1).claim(at(1)).unwrap().updated("1.0", 2, at(1));
    let waiting = repeated.claim(at(1)).unwrap().waits(at(600));

    let changed = otherwise(&waiting, 2).unwrap();

    assert_eq!((changed.next_at, changed.step()), (Some(at(2)), Step::Update("1.0".into())));
    let redrawn = changed.claim(at(2)).unwrap().updated("1.0", 3, at(2));
    assert_eq!((redrawn.step(), redrawn.slot), (Step::Reply("1.0".into(), 1), Some(at(600))));
    let first_waits = first().claim(NOW).unwrap().waits(at(600));
    assert_eq!(otherwise(&first_waits, 2).unwrap().next_at, Some(at(600)));
}

#[test]
fn an_update_that_is_outrun_does_not_take_a_message_back() {
    let shown = otherwise(&standing(), 1).unwrap().updated("1.0", 2, at(1));

    assert_eq!(shown.updated("1.0", 1, at(2)).places[0].shown, 2);
    assert_eq!(shown.replied(0, at(2)).told, 0);
}

#[test]
fn a_message_that_is_gone_is_forgotten_and_the_next_repeat_is_a_message_of_its_own() {
    let gone = otherwise(&standing(), 1).unwrap().gone("1.0", at(1));

    assert_eq!((gone.step(), gone.next_at), (Step::Nothing, None));
    assert_eq!(again(&gone, 2).step(), Step::Post);
}

#[test]
fn what_the_thread_of_a_message_that_is_gone_was_not_told_is_a_message_of_its_own() {
    let gone = again(&standing(), 1).claim(at(1)).unwrap().gone("1.0", at(1));

    assert_eq!((gone.step(), gone.repeats, gone.next_at), (Step::Post, 0, Some(at(1))));
}

#[test]
fn what_slack_did_not_answer_is_tried_again_for_half_a_day_and_then_kept_as_failed() {
    let (mut post, mut now, mut waits) = (first(), NOW, Vec::new());
    while post.failed.is_none() {
        post = post.claim(now).unwrap().put_off(None, now);
        if let Some(next) = post.next_at {
            waits.push(next.since(now));
            now = next;
        }
    }

    assert_eq!(waits, RETRIES);
    assert_eq!((post.failed.as_deref(), post.next_at), (Some("unavailable"), None));
    assert_eq!(post.step(), Step::Nothing);
}

#[test]
fn being_asked_to_wait_is_no_failure_and_gives_the_second_back() {
    let waiting = first().claim(NOW).unwrap().waits(NOW).claim(NOW).unwrap();
    let asked = waiting.put_off(Some(Duration::from_secs(30)), NOW);

    assert_eq!((asked.next_at, asked.failures, asked.slot), (Some(at(30)), 0, None));
    assert_eq!(waiting.put_off(Some(Duration::ZERO), NOW).next_at, Some(at(1)));
}

#[test]
fn an_answer_ends_a_row_of_failures() {
    let failing = first().claim(NOW).unwrap().put_off(None, NOW);

    let posted = failing.claim(at(2)).unwrap().posted("1.0", 1, at(2));

    assert_eq!((failing.failures, posted.failures), (1, 0));
}

#[test]
fn what_failed_rests_whatever_changes_until_it_happens_again() {
    let failed = again(&first(), 1).claim(at(1)).unwrap().failed("not_in_channel", at(1));
    let changed = otherwise(&failed, 2).unwrap();
    let tried_anew = again(&changed, 3);

    assert_eq!((failed.step(), failed.next_at), (Step::Nothing, None));
    assert_eq!((changed.step(), changed.next_at), (Step::Nothing, None));
    assert_eq!((tried_anew.step(), tried_anew.next_at), (Step::Post, Some(at(3))));
    assert_eq!((tried_anew.failed, tried_anew.repeats), (None, 0));
}

#[test]
fn a_worker_that_finds_nothing_to_tell_lets_go() {
    let claimed = Post { wanted: false, ..first() }.claim(NOW).unwrap();

    let rests = claimed.rests(NOW);

    assert_eq!((rests.leased, rests.next_at), (false, None));
}

/// Two workers and changes in every order of a few steps: what Slack took is what is written.
#[test]
fn whatever_comes_in_between_no_message_is_posted_twice() {
    for order in 0..4_u32.pow(6) {
        let (mut stored, mut posted, mut now) = (first(), 0, NOW);
        let mut hands: [Option<Post>; 2] = [None, None];
        for turn in 0..6 {
            now = now.plus(Duration::from_secs(3));
            let hand = (order / 4_u32.pow(turn)) % 4;
            match hand {
                2 => stored = stored.again(card("again"), WINDOW, now),
                3 => {
                    stored = stored
                        .otherwise((card("other"), true), now, now)
                        .unwrap_or_else(|| stored.clone());
                }
                worker => {
                    let worker = &mut hands[worker as usize];
                    match worker.take() {
                        None => {
                            if let Ok(claimed) = stored.claim(now) {
                                posted += u32::from(claimed.step() == Step::Post);
                                stored = claimed.clone();
                                *worker = Some(claimed);
                            }
                        }
                        Some(mine) if mine.is_mine(&stored) => {
                            stored = match mine.step() {
                                Step::Post => stored.posted("1.0", mine.revision, now),
                                Step::Update(ts) => stored.updated(&ts, mine.revision, now),
                                Step::Reply(_, count) => stored.replied(count, now),
                                Step::Nothing => stored.rests(now),
                            };
                        }
                        Some(_) => {}
                    }
                }
            }
        }
        assert!(posted <= 1, "order {order}: posted {posted} times");
    }
}

#[test]
fn a_channel_gives_away_one_second_after_the_other() {
    let lane = Lane::new(key().tenant, key().channel, NOW);
    let (lane, first) = lane.reserved(NOW);
    let (lane, second) = lane.reserved(NOW);
    let (held, third) = lane.held(at(30), at(1)).reserved(at(1));
    let (rested, much_later) = held.reserved(at(600));

    assert_eq!([first, second, third, much_later], [NOW, at(1), at(30), at(600)]);
    assert_eq!((rested.free_at, rested.version), (at(601), 5));
    assert_eq!(rested.expires(), at(600).plus(KEPT));
}

#[test]
fn a_trouble_is_new_once() {
    let lane = Lane::new(key().tenant, key().channel, NOW);
    let troubled = lane.with_trouble(Some("is_archived"), NOW).unwrap();

    assert_eq!(lane.with_trouble(None, NOW), None);
    assert_eq!(troubled.with_trouble(Some("is_archived"), at(1)), None);
    assert!(troubled.with_trouble(Some("not_in_channel"), at(1)).is_some());
    assert_eq!(troubled.with_trouble(None, at(1)).unwrap().trouble, None);
}

#[test]
fn a_key_reads_as_it_was_written() {
    for text in ["post 1 I4815 T0ACME0001 C0ALERTS01", "post 99 M7 E0GRID0001 C0BACKEND1"] {
        assert_eq!(PostKey::parse(text).map(|key| key.to_text()).as_deref(), Some(text));
    }
}

#[test]
fn anything_else_is_no_key() {
    for text in [
        "",
        "post",
        "post 1 I4815 T0ACME0001",
        "post 1 I4815 T0ACME0001 C0ALERTS01 more",
        "post 1 I4815 T0ACME0001 C0ALERTS01 ",
        "post  1 I4815 T0ACME0001 C0ALERTS01",
        "Post 1 I4815 T0ACME0001 C0ALERTS01",
        "post 1 4815 T0ACME0001 C0ALERTS01",
        "post 1 X4815 T0ACME0001 C0ALERTS01",
        "post 1 I T0ACME0001 C0ALERTS01",
        "post 1 é815 T0ACME0001 C0ALERTS01",
        "post 1 I4#815 T0ACME0001 C0ALERTS01",
        "post 1 I4815 nobody C0ALERTS01",
        "post 1 I4815 T0ACME0001 alerts",
        "post acme! I4815 T0ACME0001 C0ALERTS01",
    ] {
        assert_eq!(PostKey::parse(text), None, "{text:?}");
    }
}

#[test]
fn a_post_is_stored_and_read_as_it_is() {
    let post = again(&standing(), 1).claim(at(1)).unwrap().waits(at(2));

    let read: Post = serde_json::from_str(&serde_json::to_string(&post).unwrap()).unwrap();

    assert_eq!(read, post);
}
