//! `/sentry alerts here` and `… off`: where a workspace's alerts go whose rule names no channel.

use shared::{
    audit::Row,
    clock::{Clock, Timestamp},
    error::Error,
    identity::Installation,
    ids::ChannelId,
    messages,
    slack::{command as slash, command::Wanted, message::Message},
    store::{ChangeInstallation, LoadClicker, OpenFlow, Written},
};

use crate::Command;

/// How often it is decided anew because somebody else wrote in between.
const MOST_TRIES: u8 = 5;

/// What follows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Decision {
    /// The person is told why not.
    Refuse(Message),
    /// Alerts go there from now on, or nowhere.
    Move(Option<ChannelId>),
}

/// Judges who typed what where. Whoever installed the app decides; nobody else is known to.
pub(crate) fn decide(command: &slash::Command, installation: &Installation) -> Decision {
    if installation.installer != command.person.user.as_str() {
        return Decision::Refuse(messages::only_the_installer(&installation.installer));
    }
    match (&command.wanted, &command.channel) {
        (Wanted::AlertsOff, _) => Decision::Move(None),
        (_, Some(channel)) if !channel.as_str().starts_with('D') => {
            Decision::Move(Some(channel.clone()))
        }
        _ => Decision::Refuse(messages::alerts_in_a_channel()),
    }
}

impl<S, C> Command<S, C>
where
    S: LoadClicker + OpenFlow + ChangeInstallation,
    C: Clock,
{
    pub(crate) async fn move_alerts(
        &self,
        command: &slash::Command,
        installation: &Installation,
        now: Timestamp,
    ) -> Result<Message, Error> {
        let mut newest = installation.clone();
        for _ in 0..MOST_TRIES {
            let channel = match decide(command, &newest) {
                Decision::Refuse(words) => return Ok(words),
                Decision::Move(channel) => channel,
            };
            let next = newest.alerting_in(channel.clone());
            let who = command.person.user.as_str();
            let row = Row::of_installation(&next, Some(who), "alerts", None, now);
            if self.store.change_installation(&next, Some(&row)).await? == Written::Yes {
                return Ok(channel.map_or_else(messages::alerts_off, |c| messages::alerts_here(&c)));
            }
            let stored = self.store.installation(&newest.tenant).await?;
            newest = stored.filter(Installation::is_active).ok_or(Error::UnknownWorkspace)?;
        }
        Err(Error::Busy)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::{identity::Person, ids::SlackUserId};

    use super::*;

    fn installation() -> Installation {
        serde_json::from_value(json!({
            "tenant": "T0ACME0001", "bot_token": "s1.x.bot", "scopes": [], "app_id": "A0BELAY001",
            "bot_user": "U0BELAY001", "installer": "U0ADMIN001", "name": "Acme", "icon": null,
            "domain": "acme", "organizations": [], "status": "ACTIVE", "installed_at": 0,
        }))
        .unwrap()
    }

    fn typed(user: &str, channel: &str, wanted: Wanted) -> slash::Command {
        let installation = installation();
        slash::Command {
            person: Person { tenant: installation.tenant, user: SlackUserId::parse(user).unwrap() },
            person_name: "somebody".into(),
            team: None,
            channel: ChannelId::parse(channel).ok(),
            wanted,
            response_url: None,
            trigger_id: "1.2".into(),
        }
    }

    fn decided(user: &str, channel: &str, wanted: Wanted) -> Decision {
        decide(&typed(user, channel, wanted), &installation())
    }

    #[test]
    fn who_installed_the_app_moves_the_alerts_here_or_stops_them() {
        let here = decided("U0ADMIN001", "C0ALERTS01", Wanted::AlertsHere);
        let off = decided("U0ADMIN001", "D0DIRECT01", Wanted::AlertsOff);

        assert_eq!(here, Decision::Move(ChannelId::parse("C0ALERTS01").ok()));
        assert_eq!(off, Decision::Move(None));
    }

    #[test]
    fn nobody_else_does_and_no_direct_message_gets_them() {
        let stranger = decided("U0ALICE001", "C0ALERTS01", Wanted::AlertsHere);
        let direct = decided("U0ADMIN001", "D0DIRECT01", Wanted::AlertsHere);

        assert_eq!(stranger, Decision::Refuse(messages::only_the_installer("U0ADMIN001")));
        assert_eq!(direct, Decision::Refuse(messages::alerts_in_a_channel()));
    }
}
