//! What breaks, and what must hold while it does.
//!
//! Each file takes one thing away (Sentry, Slack, the queue, the table, a worker in the middle of
//! its work) and counts: changes in Sentry, words to the person, jobs that never end.
//!
//! Not every fault is taken on here; this is where each of them is:
//!
//! | | Fault | Told by |
//! |---|---|---|
//! | F1 | Sentry refuses connections | `a_sentry_where_nobody_listens_surely_changed_nothing`, `who_waited_in_vain_is_told_twice_and_that_nothing_was_changed` |
//! | F2 | Sentry answers late or never | `an_unwell_sentry_is_not_noticed_by_the_click`, `a_sentry_that_takes_almost_three_seconds_is_waited_for`, `a_sentry_that_takes_ten_seconds_is_given_up_and_its_change_found_later`, `a_change_whose_answer_was_lost_is_found_and_not_made_again` |
//! | F3 | Sentry fails a few times | `three_failures_and_then_one_change_told_once` |
//! | F4 | Sentry asks to wait | `the_wait_that_sentry_asks_for_is_kept`, `a_wait_that_is_given_as_a_date_is_kept`, `a_wait_that_cannot_be_read_is_the_plans_own` |
//! | F5 | the change is made, its answer lost | `a_change_whose_connection_broke_off_is_looked_for_before_it_is_repeated`, `every_kind_of_change_is_recognized_when_its_answer_was_lost` |
//! | F6 | the token has ended | `a_dead_token_is_renewed_and_the_click_done_in_one_attempt`, `a_renewal_that_is_refused_asks_once_to_sign_in_again` |
//! | F7 | Sentry forbids it | `somebody_who_is_no_member_any_more_is_offered_the_way_out`, `a_member_without_the_right_is_told_that_it_is_the_right` |
//! | F8 | somebody decides meanwhile | `what_somebody_decided_after_the_click_is_not_overwritten` |
//! | F9 | the `response_url` is over | `an_alert_whose_response_url_fails_is_updated_through_the_web_api`, `words_whose_response_url_fails_are_posted_for_the_person_alone` |
//! | F10 | Slack is down or asks to wait | `a_response_url_is_used_five_times_and_no_more`, `the_wait_that_slack_asks_for_is_kept`, `while_all_of_slack_is_down_the_result_waits_and_the_change_is_made_once`, `a_slack_that_is_silent_holds_up_nobody_who_is_to_be_asked_to_link`, `a_modal_that_slack_does_not_open_is_left_to_the_worker_while_it_can_be_opened` |
//! | F11 | the table takes no click | `a_click_that_cannot_be_written_down_is_refused_and_leaves_nothing`, `a_table_that_is_silent_refuses_the_click_in_time_and_nothing_is_written` |
//! | F12 | the table takes it and does not say so | `a_click_that_was_written_without_an_answer_is_carried_out_once`, `a_call_of_the_table_that_is_not_answered_is_made_once_more`, `a_table_that_is_slow_at_each_of_its_calls_refuses_the_click_in_time` |
//! | F13 | the same request again and again | `one_click_delivered_a_hundred_times_is_one_job_and_one_change`, `of_many_that_admit_a_job_one_does` |
//! | F14 | transactions that meet | `whatever_is_linked_and_unlinked_at_once_both_sides_agree` |
//! | F15 | the queue is down | `a_click_is_acknowledged_while_the_queue_is_down_and_swept_up_later`, `the_wake_up_of_a_retry_can_be_lost_as_well`, `a_queue_that_is_silent_holds_up_no_click` |
//! | F16 | messages twice, in any order | `one_message_ten_times_is_one_change`, `messages_in_any_order_and_again_are_one_change_each` |
//! | F17 | a worker dies | `a_worker_killed_at_any_call_leaves_one_change_that_is_told`, `a_worker_killed_at_any_call_while_a_token_is_renewed_leaves_one_change_that_is_told`, `a_worker_killed_at_any_call_for_somebody_who_is_no_member_leaves_it_told`, `a_worker_killed_at_any_call_while_sentry_fails_leaves_one_change_that_is_told`, `of_a_click_whose_workers_die_one_after_the_other_there_is_one_change_that_is_told`, `a_job_whose_worker_died_is_taken_over_when_the_lease_has_run_out`, `a_worker_that_died_after_the_change_leaves_nothing_to_do_but_to_tell`, `whatever_goes_wrong_every_click_ends_with_at_most_one_change`, `whatever_goes_wrong_before_dynamodb_every_click_ends_with_at_most_one_change`, `of_a_multitude_of_clicks_none_is_lost_doubled_or_overwrites_a_newer_decision` |
//! | F18 | a worker outlives its lease | `of_two_workers_the_one_that_holds_the_lease_writes`, `a_worker_whose_lease_ran_out_cannot_undo_the_end_of_a_job`, `a_job_is_claimed_exactly_when_its_own_rule_says_so`, `what_came_of_an_attempt_is_written_exactly_when_the_jobs_own_rule_says_so` |
//! | F19 | clocks differ | `a_request_is_believed_for_five_minutes_in_either_direction`, `of_two_workers_whose_clocks_differ_one_writes_and_there_is_one_change` |
//! | F20 | part of a batch fails | `of_a_batch_exactly_the_undecodable_messages_are_reported` |
//! | F21 | a message that is none | `what_is_no_key_is_kept_for_the_dead_letter_queue`, `a_failed_message_comes_again_alone_and_not_before_its_worker_is_over`, `an_alarm_says_that_a_message_is_given_up` |
//! | F22 | no secrets at the start | `a_function_without_a_secret_does_not_start_and_names_the_setting`, `a_secret_that_cannot_be_read_stops_the_start_by_its_settings_name`, `what_a_secret_lacks_stops_the_start_by_its_name`, `secrets_where_nobody_listens_or_answers_stop_the_start_in_time` |
//! | F23 | two versions, one table | `a_job_of_before_is_carried_out`, `a_job_that_says_more_than_is_known_is_carried_out`, `a_click_of_before_gives_way_to_a_newer_one_of_before`, `what_is_admitted_today_has_all_that_the_version_before_reads`, `a_job_that_wants_what_is_not_known_is_not_carried_out_and_says_so` |
//! | F24 | the table never forgets | `an_ended_flow_is_read_as_long_as_it_is_there`, `a_link_works_for_a_quarter_of_an_hour_and_not_a_second_longer`, `a_state_is_good_for_ten_minutes` |
//! | F25 | the table forgets early | `a_link_whose_flow_is_not_there_has_expired`, `a_flow_that_was_deleted_links_nothing`, `a_setup_that_was_deleted_after_it_was_read_does_not_advance` |
//! | F26 | fifty need the same token | `fifty_clicks_at_once_with_an_ended_token_are_one_renewal_in_every_round` |
//! | F27 | a click reaches two deployments | `a_click_that_reaches_two_deployments_at_once_is_one_job_and_one_change`, `one_click_delivered_a_hundred_times_is_one_job_and_one_change`, `of_many_workers_one_has_the_job` |
//! | F28 | a process sleeps, its connections do not | `what_is_sent_after_a_sleep_arrives_once_although_the_connection_is_dead` |

mod admission;
mod answers;
mod asleep;
mod batch;
mod between;
mod channels;
pub(crate) mod front;
mod hosts;
mod kept;
mod lease;
mod map;
mod model;
mod plan;
mod reach;
mod renewals;
mod rivals;
mod scene;
mod schedules;
mod slow;
mod step;
mod sweep;
pub(crate) mod table;
mod tokens;
mod unwritten;
