//! What Slack grants an app: the scopes that are asked for, and the reply to an install.
//!
//! ```text
//! oauth.v2.access   {ok, access_token, scope, bot_user_id, app_id, team{id,name} | null,
//!                    enterprise{id,name} | null, is_enterprise_install, authed_user{id},
//!                    expires_in?, refresh_token?}           the last two with token rotation
//! oauth.token       {ok, access_token, scope, team_id, team_name, installer_user_id}     of 2018
//! ```
//! The workspace tokens of 2018 were withdrawn; their reply differs only in the names of its fields,
//! so it is read by the same few lines
//! (docs.slack.dev/reference/methods/oauth.v2.access, docs.slack.dev/authentication/using-token-rotation).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    ids::{SlackUserId, TeamId, Tenant},
    secret::Secret,
};

/// A permission of the app's bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Slack's name for it.
    pub name: &'static str,
    /// What the bundle does with it, in words that follow "to".
    pub purpose: &'static str,
}

/// What is asked for when the app is installed, and nothing that is not used.
pub const BOT_SCOPES: &[Scope] = &[
    Scope { name: "channels:read", purpose: "offer channels for an alert rule" },
    Scope { name: "chat:write", purpose: "answer people and redraw alerts" },
    Scope { name: "commands", purpose: "offer /sentry" },
    Scope { name: "im:history", purpose: "read what people write to it directly" },
    Scope { name: "links:read", purpose: "notice links to issues that people share" },
    Scope { name: "links:write", purpose: "show those issues under the links" },
    Scope { name: "team:read", purpose: "name the workspace on its pages" },
    Scope { name: "users:read", purpose: "name people on its pages" },
];

/// What Sign in with Slack asks for. It is never mixed with the bot's.
pub const SIGN_IN_SCOPES: &[&str] = &["openid", "profile"];

/// What came of an install: the app may act in a workspace, or in a whole enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Whom it is for: the enterprise of an org-wide install, else the workspace.
    pub tenant: Tenant,
    /// The workspace; an org-wide install names none.
    pub team: Option<TeamId>,
    /// The workspace's or the enterprise's display name.
    pub name: String,
    /// The app, `A…`; empty in the reply of 2018.
    pub app_id: String,
    /// The app's user; empty in the reply of 2018.
    pub bot_user: String,
    /// The scopes that were granted, which may be fewer than were asked for.
    pub scopes: Vec<String>,
    /// Who installed it.
    pub installer: SlackUserId,
    /// The bot's token.
    pub tokens: BotTokens,
}

/// The bot's token and, with token rotation, what renews it.
///
/// It serializes as its text, to be sealed as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotTokens {
    /// What acts as the bot.
    pub access: Secret,
    /// What renews it, once.
    pub refresh: Option<Secret>,
    /// How long it is good; for ever if there is no rotation.
    pub life: Option<Duration>,
}

/// The reply is not of either form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the reply lacks {0}")]
pub struct NoGrant(pub &'static str);

impl Grant {
    /// Reads the reply to an exchange.
    pub fn read(reply: &Value) -> Result<Self, NoGrant> {
        let fields = Fields(reply);
        let org_wide = reply.get("is_enterprise_install") == Some(&Value::Bool(true));
        let team = fields.first(&["/team/id", "/team_id"]).map(TeamId::parse).transpose();
        let team = team.map_err(|_| NoGrant("team"))?.filter(|_| !org_wide);
        let tenant = if org_wide {
            let enterprise = fields.first(&["/enterprise/id"]).ok_or(NoGrant("enterprise"))?;
            Tenant::parse(enterprise).map_err(|_| NoGrant("enterprise"))?
        } else {
            team.clone().ok_or(NoGrant("team"))?.into()
        };
        let name =
            if org_wide { ["/enterprise/name"].as_slice() } else { &["/team/name", "/team_name"] };
        let installer = fields.first(&["/authed_user/id", "/installer_user_id", "/user_id"]);
        let installer = installer.ok_or(NoGrant("installer"))?;
        Ok(Self {
            team,
            name: fields.first(name).unwrap_or_else(|| tenant.as_str()).to_owned(),
            app_id: fields.text("/app_id"),
            bot_user: fields.text("/bot_user_id"),
            scopes: scopes(&fields.text("/scope")),
            installer: SlackUserId::parse(installer).map_err(|_| NoGrant("installer"))?,
            tokens: BotTokens::read(reply)?,
            tenant,
        })
    }

    /// What was asked for and not granted.
    pub fn missing(&self) -> Vec<Scope> {
        missing(&self.scopes)
    }
}

impl BotTokens {
    /// Reads the tokens of an exchange or a renewal.
    pub fn read(reply: &Value) -> Result<Self, NoGrant> {
        let fields = Fields(reply);
        let secret = |path| fields.first(&[path]).map(Secret::new);
        let life = reply.get("expires_in").and_then(Value::as_u64).map(Duration::from_secs);
        Ok(Self {
            access: secret("/access_token").ok_or(NoGrant("access_token"))?,
            refresh: secret("/refresh_token"),
            // Without what renews it, nothing could be planned.
            life: life.filter(|_| secret("/refresh_token").is_some()),
        })
    }
}

/// What is needed and not among `granted`.
pub fn missing(granted: &[String]) -> Vec<Scope> {
    let lacks = |scope: &&Scope| !granted.iter().any(|name| name == scope.name);
    BOT_SCOPES.iter().filter(lacks).copied().collect()
}

/// `chat:write,commands`; the reply of 2018 separates by blanks as well.
fn scopes(text: &str) -> Vec<String> {
    text.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

struct Fields<'a>(&'a Value);

impl<'a> Fields<'a> {
    /// The first of these that is a text with something in it.
    fn first(&self, paths: &[&str]) -> Option<&'a str> {
        let texts = paths.iter().filter_map(|path| self.0.pointer(path)?.as_str());
        texts.into_iter().find(|text| !text.is_empty())
    }

    fn text(&self, path: &str) -> String {
        self.first(&[path]).unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reply(edit: impl FnOnce(&mut Value)) -> Value {
        let mut reply = json!({
            "ok": true, "app_id": "A0BELAY001", "authed_user": {"id": "U0ALICE001"},
            "scope": "channels:read,chat:write,commands,im:history,links:read,links:write,team:read,\
                users:read", "token_type": "bot",
            "access_token": "xoxb-1", "bot_user_id": "U0BELAYBOT",
            "team": {"id": "T0ACME0001", "name": "Acme"}, "enterprise": null,
            "is_enterprise_install": false,
        });
        edit(&mut reply);
        reply
    }

    #[test]
    fn an_install_says_where_who_and_with_which_permissions() {
        let grant = Grant::read(&reply(|_| ())).unwrap();

        assert_eq!(grant.tenant.as_str(), "T0ACME0001");
        assert_eq!((grant.name.as_str(), grant.bot_user.as_str()), ("Acme", "U0BELAYBOT"));
        assert_eq!(grant.installer.as_str(), "U0ALICE001");
        assert_eq!(grant.missing(), []);
        assert_eq!((grant.tokens.refresh, grant.tokens.life), (None, None));
    }

    #[test]
    fn the_reply_of_2018_is_read_by_its_own_names() {
        let grant = Grant::read(&json!({
            "ok": true, "access_token": "xoxa-1", "scope": "chat:write commands",
            "team_id": "T0ACME0001", "team_name": "Acme", "installer_user_id": "U0ALICE001",
        }))
        .unwrap();

        assert_eq!((grant.tenant.as_str(), grant.name.as_str()), ("T0ACME0001", "Acme"));
        assert_eq!(grant.installer.as_str(), "U0ALICE001");
        assert_eq!(grant.scopes, ["chat:write", "commands"]);
        assert_eq!(grant.app_id, "");
    }

    #[test]
    fn an_org_wide_install_belongs_to_the_enterprise() {
        let grant = Grant::read(&reply(|reply| {
            reply["team"] = Value::Null;
            reply["enterprise"] = json!({"id": "E0GRID0001", "name": "Acme Group"});
            reply["is_enterprise_install"] = json!(true);
        }))
        .unwrap();

        assert_eq!((grant.tenant.as_str(), grant.name.as_str()), ("E0GRID0001", "Acme Group"));
        assert_eq!(grant.team, None);
    }

    #[test]
    fn a_workspace_of_an_enterprise_keeps_its_own_installation() {
        let grant = Grant::read(&reply(|reply| {
            reply["enterprise"] = json!({"id": "E0GRID0001", "name": "Acme Group"});
        }))
        .unwrap();

        assert_eq!(grant.tenant.as_str(), "T0ACME0001");
    }

    #[test]
    fn with_rotation_the_token_has_an_end_and_what_renews_it() {
        let tokens = BotTokens::read(&reply(|reply| {
            reply["expires_in"] = json!(43_200);
            reply["refresh_token"] = json!("xoxe-1-a");
        }))
        .unwrap();

        assert_eq!(tokens.life, Some(Duration::from_hours(12)));
        assert_eq!(tokens.refresh, Some(Secret::new("xoxe-1-a")));
    }

    #[test]
    fn what_was_not_granted_is_named_with_what_it_is_for() {
        let grant =
            Grant::read(&reply(|reply| reply["scope"] = json!("commands,users:read,team:read")))
                .unwrap();

        let missing: Vec<_> = grant.missing().iter().map(|scope| scope.name).collect();

        let wanted = ["channels:read", "chat:write", "im:history", "links:read", "links:write"];
        assert_eq!(missing, wanted);
    }

    #[test]
    fn a_reply_without_its_parts_grants_nothing() {
        for (part, what) in
            [("team", "team"), ("access_token", "access_token"), ("authed_user", "installer")]
        {
            let reply = reply(|reply| reply[part] = Value::Null);
            assert_eq!(Grant::read(&reply), Err(NoGrant(what)), "{part}");
        }
        let homeless = reply(|reply| reply["is_enterprise_install"] = json!(true));
        assert_eq!(Grant::read(&homeless), Err(NoGrant("enterprise")));
        let strange = reply(|reply| reply["team"]["id"] = json!("T0#SLK"));
        assert_eq!(Grant::read(&strange), Err(NoGrant("team")));
    }
}
