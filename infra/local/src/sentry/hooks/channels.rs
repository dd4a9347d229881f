//! The options of an alert rule action's select, which Sentry asks the integration for while somebody
//! fills the form in.
//!
//! Source: docs.sentry.io/integrations/integration-platform/ui-components/formfield, and
//! `external_requests/select_requester.py`. It is a `GET` with `installationId` and `projectSlug` in
//! the query; the signature, in a header of its own name, is over the body, which is empty. The
//! answer is `[{"label":…,"value":…}]`; anything else, and the form does not show.

use serde::Deserialize;
use url::Url;

use super::super::Sentry;
use super::delivery::Route;
use super::signed;

/// What the form shows: each option's label and value, or why there are none.
pub type Channels = Result<Vec<(String, String)>, String>;

/// A request as Sentry would send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectRequest {
    /// The URL's query, without its question mark.
    pub query: String,
    /// `Request-ID`: 32 hexadecimal digits.
    pub request_id: String,
    /// `Sentry-App-Signature`: 64 hexadecimal digits, those of an empty body.
    pub signature: String,
}

impl SelectRequest {
    /// The headers Sentry sends, by their names in lower case.
    pub fn headers(&self) -> Vec<(&'static str, &str)> {
        vec![
            ("content-type", "application/json"),
            ("request-id", &self.request_id),
            ("sentry-app-signature", &self.signature),
        ]
    }
}

#[derive(Deserialize)]
struct Choice {
    label: String,
    value: String,
}

impl Sentry {
    /// The request for the options of a rule of that project, both by slug. It is not sent. None for
    /// an organization without an integration.
    pub fn ask_channels(&self, organization: &str, project: &str) -> Option<SelectRequest> {
        let world = self.world();
        let integration = world.hooks.integration(organization)?;
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("installationId", &integration.installation)
            .append_pair("projectSlug", project)
            .finish();
        let signature = signed::signature(&integration.secret, b"");
        Some(SelectRequest { query, request_id: signed::request_id(), signature })
    }

    /// Asks for the options of a rule of that project.
    pub async fn load_channels(&self, organization: &str, project: &str) -> Channels {
        let route = self.world().hooks.outbox.route.clone();
        let request = self.ask_channels(organization, project);
        let (route, request) =
            route.zip(request).ok_or("There is no integration to ask.".to_owned())?;
        get(&route, &request).await
    }
}

async fn get(route: &Route, request: &SelectRequest) -> Channels {
    let mut url =
        Url::parse(&format!("{}/channels", route.url)).map_err(|error| error.to_string())?;
    url.set_query(Some(&request.query));
    let mut get = route.http.get(url);
    for (name, value) in request.headers() {
        get = get.header(name, value);
    }
    let response = get.send().await.map_err(|_| "The integration does not answer.".to_owned())?;
    let status = response.status().as_u16();
    if status >= 400 {
        return Err(format!("The integration answers {status}."));
    }
    let choices: Vec<Choice> = response
        .json()
        .await
        .map_err(|_| "The answer of the integration is no list of options.".to_owned())?;
    Ok(choices.into_iter().map(|choice| (choice.label, choice.value)).collect())
}
