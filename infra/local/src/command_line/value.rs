//! What stands behind an option.

use std::{ops::RangeInclusive, path::PathBuf, str::FromStr};

use shared::{config::is_loopback, ids::Tenant};
use url::Url;

use super::UsageError;

pub(super) fn file(option: &'static str, value: Option<String>) -> Result<PathBuf, UsageError> {
    let named = value.filter(|value| !value.is_empty() && !value.starts_with("--"));
    named.map(PathBuf::from).ok_or(UsageError::Value { option, wanted: "a file's name" })
}

pub(super) fn number<N: FromStr + PartialOrd>(
    option: &'static str,
    wanted: &'static str,
    value: Option<String>,
    range: RangeInclusive<N>,
) -> Result<N, UsageError> {
    let number = value.and_then(|value| value.parse().ok());
    number.filter(|number| range.contains(number)).ok_or(UsageError::Value { option, wanted })
}

/// An organization's name in URLs.
pub(super) fn name(option: &'static str, value: Option<String>) -> Result<String, UsageError> {
    let named = value.filter(|value| !value.is_empty() && !value.starts_with("--"));
    named.ok_or(UsageError::Value { option, wanted: "an organization's name in Sentry's URLs" })
}

/// A workspace, or the enterprise of an org-wide install.
pub(super) fn tenant(option: &'static str, value: Option<String>) -> Result<Tenant, UsageError> {
    let wanted = "a workspace's id, T… (E… for an app that is installed in a whole enterprise)";
    let tenant = value.and_then(|value| Tenant::parse(&value).ok());
    tenant.ok_or(UsageError::Value { option, wanted })
}

/// Where a bundle answers: an origin, `https` unless it is on this machine.
pub(super) fn origin(option: &'static str, value: Option<String>) -> Result<Url, UsageError> {
    let wanted = "the bundle's address without a path, such as https://belay.example.com \
                  (http on this machine only)";
    bare_url(value).ok_or(UsageError::Value { option, wanted })
}

/// Where Sentry is, as the deployment has it.
pub(super) fn sentry(option: &'static str, value: Option<String>) -> Result<Url, UsageError> {
    let wanted = "Sentry's address without a path, such as https://sentry.example.com \
                  (http on this machine only)";
    bare_url(value).ok_or(UsageError::Value { option, wanted })
}

fn bare_url(value: Option<String>) -> Option<Url> {
    value.and_then(|value| Url::parse(&value).ok()).filter(is_origin)
}

fn is_origin(url: &Url) -> bool {
    let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url));
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    safe && bare && url.username().is_empty() && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_is_named_by_its_id() {
        for (text, good) in [("T0ACME0001", true), ("E0GRID0001", true), ("acme", false)] {
            assert_eq!(tenant("--workspace", Some(text.to_owned())).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn an_origin_is_https_or_of_this_machine_and_nothing_more() {
        for (text, good) in [
            ("https://belay.example.com", true),
            ("https://belay.example.com/", true),
            ("https://belay.example.com:8443", true),
            ("http://127.0.0.1:3000", true),
            ("http://localhost:3000", true),
            ("http://[::1]:3000", true),
            ("http://belay.example.com", false),
            ("https://belay.example.com/health", false),
            ("https://belay.example.com?x=1", false),
            ("https://belay.example.com#x", false),
            ("https://alice@belay.example.com", false),
            ("https://:secret@belay.example.com", false),
            ("ftp://belay.example.com", false),
            ("belay.example.com", false),
            ("--json", false),
            ("", false),
        ] {
            assert_eq!(origin("--url", Some(text.to_owned())).is_ok(), good, "{text}");
        }
        assert!(origin("--url", None).is_err());
    }
}
