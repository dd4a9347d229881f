//! What the person is told who installed the app.

use super::command::where_it_acts;
use crate::{
    identity::{Installation, Organization},
    slack::message::{Message, link, name},
};

/// The app is in the workspace: what to do next. `url` links the person's own account; none if it is
/// linked already.
pub fn installed(installation: &Installation, url: Option<&str>) -> Message {
    let own = url.map_or_else(
        || "Your own Sentry account is linked already.".to_owned(),
        |url| format!("{} to act as yourself.", link(url, "Link your own Sentry account")),
    );
    let lines = [
        format!(
            "Belay is in *{}* now. {}",
            name(&installation.name),
            where_it_acts(&installation.organizations)
        ),
        format!("• {own}"),
        "• Invite the app to the channels that your Sentry alerts go to: type `/invite @` and its name \
         there."
            .to_owned(),
        "• Everybody else is asked to link their account at their first click, or with \
         `/sentry link`."
            .to_owned(),
    ];
    Message::text(lines.join("\n"))
}

/// Somebody else has added an organization.
pub fn organization_added(installation: &Installation, added: &Organization, who: &str) -> Message {
    Message::text(format!(
        "<@{}> has added the Sentry organization *{}* to Belay in *{}*. Where alerts go is still \
         decided by you: type `/sentry alerts here` or `/sentry alerts off`.",
        name(who),
        name(&added.name),
        name(&installation.name)
    ))
}

/// The app's token could not be renewed: soon it can neither answer nor redraw.
pub fn token_not_renewed(installation: &Installation, install_url: &str) -> Message {
    Message::text(format!(
        "Slack did not renew Belay's access to *{}*, and the present one ends within hours. Please \
         {}. Nobody's link is lost by that.",
        name(&installation.name),
        link(install_url, "install it once more")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::tests::an_installation;

    #[test]
    fn the_installer_is_offered_the_normal_link_and_nothing_else() {
        let offered = installed(&an_installation(), Some("https://b.example/l")).text;
        let linked = installed(&an_installation(), None).text;

        assert!(
            offered.contains("<https://b.example/l|Link your own Sentry account>"),
            "{offered}"
        );
        assert!(linked.contains("linked already"), "{linked}");
        assert!(!linked.contains("https://"), "{linked}");
    }

    #[test]
    fn a_token_that_was_not_renewed_is_told_with_the_way_out() {
        let words = token_not_renewed(&an_installation(), "https://b.example/install").text;

        assert!(words.contains("<https://b.example/install|install it once more>"), "{words}");
    }
}
