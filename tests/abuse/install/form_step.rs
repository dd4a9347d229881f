//! Forms of our own pages that do not fit where the browser stands: they show where it does.

use super::form::{Scene, Step};
use crate::{
    abuse::{
        answer::{Kind, assert_answer},
        before::Before,
    },
    harness::{
        ACME, ALICE, ALICES, BOB, CAROLS, ERINS, UMBRELLA, World,
        browser::{Browser, form_of},
    },
};

#[tokio::test]
async fn an_organization_that_was_not_offered_is_not_chosen() {
    let scene = Scene::at(Step::Choose).await;
    let before = Before::of(&scene.world);
    for id in ["3", "4815", "0", "", "-1", "acme", "1,2", "1 ", "../1", "9".repeat(40).as_str()] {
        let mut sent = scene.sent();
        sent.set("organization", id);

        let answer = scene.take(&sent).await;

        assert_answer(&answer, 303, Kind::Empty, id);
        before.assert_untouched(&scene.world, id);
    }
    let mut two = scene.sent();
    two.fields.push(("organization".into(), ACME.into()));
    assert_answer(&scene.take(&two).await, 303, Kind::Empty, "two organizations");
    before.assert_untouched(&scene.world, "two organizations");
}

#[tokio::test]
async fn a_token_of_one_step_is_none_of_another() {
    for step in Step::ALL {
        for other in ["begin", "choose", "add"] {
            let scene = Scene::at(step).await;
            if other == format!("{step:?}").to_lowercase() {
                continue;
            }
            let before = Before::of(&scene.world);
            let mut sent = scene.sent();
            sent.set("step", other);

            let answer = scene.take(&sent).await;

            let case = format!("{step:?} as {other}");
            assert!([303, 403].contains(&answer.status), "{case}: {}", answer.status);
            before.assert_untouched(&scene.world, &case);
        }
    }
}

#[tokio::test]
async fn a_form_of_another_browser_s_setup_is_not_taken() {
    let scene = Scene::at(Step::Choose).await;
    let mut other = Browser::of(&scene.world, ALICE, ERINS);
    let page = other.prove_admin("").await;
    let before = Before::of(&scene.world);

    let mut sent = scene.sent();
    sent.fields = form_of(&page).with("organization", ACME).fields().to_vec();
    let answer = scene.take(&sent).await;

    assert_answer(&answer, 403, Kind::Page, "another browser's form");
    before.assert_untouched(&scene.world, "another browser's form");
}

#[tokio::test]
async fn the_choice_sent_again_when_all_is_done_does_nothing() {
    let world = World::bare().await;
    let mut browser = Browser::of(&world, ALICE, ALICES);
    let page = browser.prove_admin("").await;
    let form = form_of(&page).with("organization", ACME);
    let leaving = browser.submit_install(&form).await;
    browser.follow(leaving).await;
    let before = Before::of(&world);

    let again = browser.submit_install(&form).await;

    assert_answer(&again, 303, Kind::Empty, "the choice, again");
    before.assert_untouched(&world, "the choice, again");
    assert!(browser.install_page().await.body.contains("Belay is in Acme"));
}

#[tokio::test]
async fn the_choice_sent_twice_leads_to_slack_once() {
    let scene = Scene::at(Step::Choose).await;
    scene.take(&scene.sent()).await;
    let before = Before::of(&scene.world);

    let again = scene.take(&scene.sent()).await;

    assert_answer(&again, 303, Kind::Empty, "the choice, again");
    before.assert_untouched(&scene.world, "the choice, again");
}

#[tokio::test]
async fn the_word_for_one_organization_does_not_add_another() {
    let world = World::bare().await;
    Browser::of(&world, ALICE, ALICES).install(ACME).await;
    let mut erin = Browser::of(&world, BOB, ERINS);
    let umbrella = erin.install(UMBRELLA).await;
    let old = form_of(&umbrella);
    erin.cookies.clear();
    let page = erin.prove_admin("fjord").await;
    let leaving = erin.submit_install(&form_of(&page)).await;
    let fjord = erin.follow(leaving).await;
    let before = Before::of(&world);

    let answer = erin.submit_install(&old).await;

    assert!(fjord.body.contains("Fjord AS"), "{}", fjord.body);
    assert_answer(&answer, 403, Kind::Page, "the other page's form");
    before.assert_untouched(&world, "the other page's form");
}

#[tokio::test]
async fn a_slug_that_is_none_is_not_asked_for() {
    for slug in ["../acme", "acme/issues", "<script>", "a".repeat(65).as_str(), "ä", "a b", "%2e"]
    {
        let world = World::bare().await;

        let page = Browser::of(&world, ALICE, CAROLS).prove_admin(slug).await;

        // As if nothing had been typed: what Sentry lists is offered.
        assert!(page.body.contains("Umbrella"), "{slug}: {}", page.body);
        assert!(!page.body.contains("<script>"), "{slug}");
    }
}
