//! A click that cannot be written down is refused, so that Slack says so; nothing else refuses it.

use local::sentry::Mode;

use super::{
    scene::Scene,
    table::{Part, Table, status_of},
};
use crate::harness::{ALICE, BOB};

#[tokio::test]
async fn a_click_that_cannot_be_written_down_is_refused_and_leaves_nothing() {
    for part in [Part::ReadClicker, Part::Admit] {
        let scene = Scene::new().await;
        let table = Table::of(&scene);
        table.break_down(part);
        let click = scene.slack.click(ALICE, &scene.alert, "status::resolved", "resolved").unwrap();
        let before = (scene.rows(), scene.calls(), scene.queue.sent());

        let status = status_of(&table.action(&scene), &click).await;

        assert_eq!(status, 503, "{part:?}");
        assert_eq!((scene.rows(), scene.calls(), scene.queue.sent()), before, "{part:?}");
    }
}

#[tokio::test]
async fn a_link_is_not_shown_when_what_is_behind_it_cannot_be_written() {
    for part in [Part::ReadClicker, Part::OpenFlow] {
        let scene = Scene::new().await;
        let table = Table::of(&scene);
        table.break_down(part);
        let click = scene.slack.click(BOB, &scene.alert, "status::resolved", "resolved").unwrap();
        let before = (scene.rows(), scene.calls());

        let status = status_of(&table.action(&scene), &click).await;

        assert_eq!(status, 503, "{part:?}");
        assert_eq!((scene.rows(), scene.calls()), before, "{part:?}");
    }
}

#[tokio::test]
async fn the_same_click_is_taken_once_the_table_is_back() {
    let scene = Scene::new().await;
    let table = Table::of(&scene);
    let action = table.action(&scene);
    let click = scene.slack.click(ALICE, &scene.alert, "status::resolved", "resolved").unwrap();
    table.break_down(Part::Admit);
    assert_eq!(status_of(&action, &click).await, 503);

    table.repair();
    let status = status_of(&action, &click).await;
    scene.work().await;

    assert_eq!((status, scene.changes().len()), (200, 1));
}

#[tokio::test]
async fn a_click_that_was_written_without_an_answer_is_carried_out_once() {
    let scene = Scene::new().await;
    let table = Table::of(&scene);
    let action = table.action(&scene);
    let click = scene.slack.click(ALICE, &scene.alert, "status::resolved", "resolved").unwrap();
    table.break_down(Part::AnswerOfAdmit);
    assert_eq!(status_of(&action, &click).await, 503);
    assert!(scene.queue.waiting().is_empty());
    table.repair();

    let again = status_of(&action, &click).await;
    scene.later(60);
    scene.sweep().await;
    scene.work().await;

    assert_eq!((again, scene.changes().len(), scene.redraws()), (200, 1, 1));
}

#[tokio::test]
async fn a_queue_that_fails_refuses_no_click() {
    let scene = Scene::new().await;
    scene.queue.break_down();

    let key = scene.click_on("resolved").await;

    assert_eq!((scene.outcome(&key), scene.queue.waiting()), (None, vec![]));
    assert!(scene.told().is_empty());
}

#[tokio::test]
async fn an_unwell_sentry_is_not_noticed_by_the_click() {
    let scene = Scene::new().await;
    scene.sentry.set_mode(Mode::Down);
    let calls = scene.calls();

    let key = scene.click_on("resolved").await;

    assert_eq!((scene.calls(), scene.outcome(&key)), (calls, None));
}
