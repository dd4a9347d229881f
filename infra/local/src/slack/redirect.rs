//! The two ends of an authorization that every flow shares: who asks, and where the browser goes
//! with the answer.
//!
//! Whatever is wrong with a request is shown on a page: nothing is sent to a redirect URI that was
//! not registered (RFC 6749, 4.1.2.1).

use url::{Url, form_urlencoded};

use super::Settings;

/// The way back to the app.
#[derive(Debug)]
pub(super) struct Redirect {
    /// The URI as it was registered and sent: the exchange must repeat it.
    pub(super) uri: String,
    location: Url,
    state: Option<String>,
}

impl Redirect {
    /// Checks that it is the app that asks, and that the way back is the app's.
    pub(super) fn read(settings: &Settings, query: &str) -> Result<Self, String> {
        if parameter(query, "client_id").as_ref() != Some(&settings.client_id) {
            return Err("invalid_client_id".to_owned());
        }
        let uri = parameter(query, "redirect_uri").unwrap_or_default();
        if !settings.redirect_uris.contains(&uri) {
            return Err("bad_redirect_uri: it did not match any configured URI".to_owned());
        }
        let location = Url::parse(&uri).map_err(|_| "bad_redirect_uri".to_owned())?;
        Ok(Self { uri, location, state: parameter(query, "state") })
    }

    /// Back with this answer.
    pub(super) fn with(mut self, name: &str, value: &str) -> String {
        let mut query = self.location.query_pairs_mut();
        query.append_pair(name, value);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        drop(query);
        self.location.into()
    }
}

/// A parameter of a query.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The query of an address.
pub(super) fn query(url: &str) -> &str {
    url.split_once('?').map(|(_, query)| query).unwrap_or_default()
}
