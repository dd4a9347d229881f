//! A link to an issue, as people copy it out of their browser's address bar.
//!
//! ```text
//! https://<sentry>[/prefix]/organizations/<slug>/issues/<id>[/…]     every Sentry
//! https://<slug>.sentry.io/issues/<id>[/…]                           sentry.io
//! ```
//! The link is somebody's text. It is read as a browser reads it, so that what is shown is what it
//! leads to, and it has to be spelt as Sentry spells it: no user before the host, no other port, no
//! other scheme. Numbers only: a short id such as `BACKEND-12` is not in these addresses.

use url::Url;

use crate::ids::IssueId;

/// No address of an issue is longer, its search included.
const MAX_URL: usize = 2_048;

/// The slugs of Sentry's organizations are shorter.
const MAX_SLUG: usize = 64;

/// Where every organization has a subdomain of its own.
const SAAS: &str = "sentry.io";

/// A link to an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueLink {
    /// The organization's name in URLs.
    pub organization: String,
    /// The issue.
    pub issue: IssueId,
    /// The link to the letter.
    pub url: String,
}

impl IssueLink {
    /// Reads `text` as a link to an issue in the Sentry at `sentry`; `None` for any other.
    pub fn parse(text: &str, sentry: &Url) -> Option<Self> {
        // What browsers leave out or turn around has no place in an address that was copied.
        let plain = text.len() <= MAX_URL && text.bytes().all(|b| b.is_ascii_graphic());
        let url = Url::parse(text).ok().filter(|_| plain && !text.contains('\\'))?;
        let origin = format!("{}/", url.origin().ascii_serialization());
        if !text.starts_with(&origin)
            || url.scheme() != sentry.scheme()
            || url.port() != sentry.port()
        {
            return None;
        }
        let named = under_organizations(&url, sentry).or_else(|| on_subdomain(&url, sentry));
        let (organization, rest) = named?;
        let issue = rest.strip_prefix("issues/")?.split('/').next()?;
        Some(Self {
            organization: slug(organization)?.to_owned(),
            issue: IssueId::parse(issue).ok()?,
            url: text.to_owned(),
        })
    }
}

/// The domain whose links the app asks to be told of; Slack takes its subdomains to be meant, too.
pub fn domain(sentry: &Url) -> Option<&str> {
    let host = sentry.host_str()?;
    Some(if is_saas(host) { SAAS } else { host })
}

fn is_saas(host: &str) -> bool {
    host.strip_suffix(SAAS).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
}

/// The organization's slug, and the path behind it.
fn under_organizations<'a>(url: &'a Url, sentry: &Url) -> Option<(&'a str, &'a str)> {
    let (host, home) = (url.host_str()?, sentry.host_str()?);
    let prefix = match host {
        host if host == home => sentry.path().trim_end_matches('/'),
        SAAS if is_saas(home) => "",
        _ => return None,
    };
    url.path().strip_prefix(prefix)?.strip_prefix("/organizations/")?.split_once('/')
}

fn on_subdomain<'a>(url: &'a Url, sentry: &Url) -> Option<(&'a str, &'a str)> {
    let slug = url.host_str()?.strip_suffix(SAAS)?.strip_suffix('.')?;
    is_saas(sentry.host_str()?).then_some((slug, url.path().strip_prefix('/')?))
}

fn slug(text: &str) -> Option<&str> {
    let valid = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    ((1..=MAX_SLUG).contains(&text.len()) && text.bytes().all(valid)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "https://sentry.example.com";

    fn read(text: &str, sentry: &str) -> Option<(String, String)> {
        let link = IssueLink::parse(text, &Url::parse(sentry).unwrap())?;
        assert_eq!(link.url, text);
        Some((link.organization, link.issue.to_string()))
    }

    #[test]
    fn the_addresses_of_an_issue_are_read() {
        for (sentry, text) in [
            (OWN, "https://sentry.example.com/organizations/acme/issues/4815/"),
            (OWN, "https://sentry.example.com/organizations/acme/issues/4815"),
            (OWN, "https://sentry.example.com/organizations/acme/issues/4815/events/ab12/"),
            (OWN, "https://sentry.example.com/organizations/acme/issues/4815/?a=1&amp;b=2#tags"),
            ("https://x.example/s/", "https://x.example/s/organizations/acme/issues/4815/"),
            ("https://x.example:8443", "https://x.example:8443/organizations/acme/issues/4815/"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/organizations/acme/issues/4815/"),
            ("https://sentry.io", "https://sentry.io/organizations/acme/issues/4815/"),
            ("https://sentry.io", "https://acme.sentry.io/issues/4815/?project=1"),
            ("https://us.sentry.io", "https://sentry.io/organizations/acme/issues/4815/"),
            ("https://us.sentry.io", "https://us.sentry.io/organizations/acme/issues/4815/"),
            ("https://acme.sentry.io", "https://acme.sentry.io/issues/4815/"),
        ] {
            assert_eq!(read(text, sentry), Some(("acme".into(), "4815".into())), "{text}");
        }
    }

    #[test]
    fn what_leads_elsewhere_is_no_link_of_ours() {
        for text in [
            "http://sentry.example.com/organizations/acme/issues/4815/",
            "ftp://sentry.example.com/organizations/acme/issues/4815/",
            "https://sentry.example.com:8443/organizations/acme/issues/4815/",
            "https://sentry.example.com.evil.test/organizations/acme/issues/4815/",
            "https://notsentry.example.com/organizations/acme/issues/4815/",
            "https://evil.sentry.example.com/organizations/acme/issues/4815/",
            "https://sentry.example.com@evil.test/organizations/acme/issues/4815/",
            "https://evil.test/https://sentry.example.com/organizations/acme/issues/4815/",
            "https://evil.test#https://sentry.example.com/organizations/acme/issues/4815/",
            "https://acme.sentry.io/issues/4815/",
            "//sentry.example.com/organizations/acme/issues/4815/",
            "javascript:https://sentry.example.com/organizations/acme/issues/4815/",
        ] {
            assert_eq!(read(text, OWN), None, "{text}");
        }
    }

    #[test]
    fn what_is_spelt_to_deceive_is_left_alone() {
        for text in [
            "https://alice@sentry.example.com/organizations/acme/issues/4815/",
            "https://alice:pw@sentry.example.com/organizations/acme/issues/4815/",
            "https://@sentry.example.com/organizations/acme/issues/4815/",
            "https://sentry.example.com:443/organizations/acme/issues/4815/",
            "https:\\\\sentry.example.com/organizations/acme/issues/4815/",
            "https://sentry.example.com\\@evil.test/organizations/acme/issues/4815/",
            "https://sentry.example.com./organizations/acme/issues/4815/",
            "https://sentry.example.com/organizations/acme/issues/48\n15/",
            " https://sentry.example.com/organizations/acme/issues/4815/",
            "https://ｓentry.example.com/organizations/acme/issues/4815/",
            "https://sentry.example.com//organizations/acme/issues/4815/",
            "https://sentry.example.com/organizations/acme/issues/４８１５/",
        ] {
            assert_eq!(read(text, OWN), None, "{text}");
        }
        let long = format!("{OWN}/organizations/acme/issues/4815/?{}", "a".repeat(MAX_URL));
        assert_eq!(read(&long, OWN), None);
    }

    #[test]
    fn other_pages_are_no_issues() {
        for path in [
            "",
            "/",
            "/issues/4815/",
            "/organizations/acme/issues/",
            "/organizations/acme/issues/BACKEND-12/",
            "/organizations/acme/issues/4815&amp;/",
            "/organizations/acme/issues/-1/",
            "/organizations/acme/issues/99999999999999999999/",
            "/organizations/acme/projects/4815/",
            "/organizations//issues/4815/",
            "/organizations/ac%2Fme/issues/4815/",
            "/organizations/acme/issues%2F4815/",
            "/organizations/acme%00/issues/4815/",
            "/x/organizations/acme/issues/4815/",
        ] {
            assert_eq!(read(&format!("{OWN}{path}"), OWN), None, "{path}");
        }
    }

    #[test]
    fn a_path_is_walked_as_a_browser_walks_it() {
        let detour = "/organizations/acme/issues/1/../../../umbrella/issues/%2e%2e/issues/2/";

        assert_eq!(read(&format!("{OWN}{detour}"), OWN), Some(("umbrella".into(), "2".into())));
    }

    #[test]
    fn subdomains_are_organizations_at_sentry_io_alone_and_of_one_label() {
        let saas = "https://sentry.io";

        for text in [
            "https://a.b.sentry.io/issues/4815/",
            "https://.sentry.io/issues/4815/",
            "https://notsentry.io/issues/4815/",
            "https://acme.sentry.io.evil.test/issues/4815/",
            "https://acme.sentry.io/4815/",
            "https://sentry.io/issues/4815/",
        ] {
            assert_eq!(read(text, saas), None, "{text}");
        }
    }

    #[test]
    fn the_app_asks_for_the_links_of_one_domain() {
        let domain_of = |sentry: &str| domain(&Url::parse(sentry).unwrap()).map(str::to_owned);

        assert_eq!(domain_of(OWN).as_deref(), Some("sentry.example.com"));
        assert_eq!(domain_of("https://us.sentry.io").as_deref(), Some("sentry.io"));
        assert_eq!(domain_of("https://notsentry.io").as_deref(), Some("notsentry.io"));
    }
}
