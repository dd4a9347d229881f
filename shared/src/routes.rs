//! Every route and every URL of the bundle is spelt here and nowhere else.
//!
//! The gateway of a laptop, the SAM template, cargo-lambda's router and the app manifest are
//! checked against [`ROUTES`] by a test. A path answers with and without a trailing slash.

use http::Method;
use url::Url;

/// One HTTP route: which function answers, under which path and to which methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The function's name: its folder, package, binary and Lambda.
    pub function: &'static str,
    /// The path template, API Gateway's notation, without the trailing slash.
    pub path: &'static str,
    /// The methods it answers; everything else gets 405.
    pub methods: &'static [Method],
}

impl Route {
    /// Whether `path`, without its trailing slash, is of this template.
    pub fn matches(&self, path: &str) -> bool {
        let mut template = self.path.split('/');
        let mut segments = path.split('/');
        loop {
            match (template.next(), segments.next()) {
                (None, None) => return true,
                (Some(wanted), Some(segment)) if wanted == segment => {}
                (Some(wanted), Some(segment)) if wanted.starts_with('{') && !segment.is_empty() => {
                }
                _ => return false,
            }
        }
    }
}

/// All HTTP routes of the bundle.
pub const ROUTES: &[Route] = &[
    Route { function: "action", path: "/action", methods: &[Method::POST] },
    Route {
        function: "link-identity",
        path: "/link-identity/{signed_params}",
        methods: &[Method::GET, Method::POST],
    },
    Route {
        function: "unlink-identity",
        path: "/unlink-identity/{signed_params}",
        methods: &[Method::GET, Method::POST],
    },
    Route { function: "sign-in", path: "/sign-in/slack", methods: &[Method::GET] },
    Route { function: "sign-in", path: "/sign-in/sentry", methods: &[Method::GET] },
    Route { function: "options", path: "/options", methods: &[Method::POST] },
    Route { function: "command", path: "/command", methods: &[Method::POST] },
    Route { function: "event", path: "/event", methods: &[Method::POST] },
    Route { function: "alert", path: "/alert", methods: &[Method::POST] },
    Route { function: "alert", path: "/alert/channels", methods: &[Method::GET] },
    Route { function: "alert", path: "/alert/rule", methods: &[Method::POST] },
    Route { function: "install", path: "/install", methods: &[Method::GET, Method::POST] },
    Route { function: "install", path: "/install/slack", methods: &[Method::GET] },
    Route { function: "health", path: "/health", methods: &[Method::GET] },
];

/// The functions that no HTTP request reaches.
pub const BACKGROUND: &[&str] = &["perform"];

/// Builds the URLs that leave the bundle. Their origin comes from configuration alone: a `Host`
/// header decides nothing.
#[derive(Debug, Clone)]
pub struct Urls {
    base: Url,
}

impl Urls {
    /// `base` is the public origin, `https://belay.example.com`, without path, query or fragment.
    pub fn new(base: Url) -> Self {
        Self { base }
    }

    /// Where a person links an account.
    pub fn link_identity(&self, token: &str) -> String {
        self.at(&["link-identity", token])
    }

    /// Where a person unlinks an account.
    pub fn unlink_identity(&self, token: &str) -> String {
        self.at(&["unlink-identity", token])
    }

    /// Where Slack sends what people click.
    pub fn action(&self) -> String {
        self.at(&["action"])
    }

    /// Where Slack asks what a select offers.
    pub fn options(&self) -> String {
        self.at(&["options"])
    }

    /// Where Slack sends what is typed behind the command.
    pub fn command(&self) -> String {
        self.at(&["command"])
    }

    /// Where Slack says what has happened.
    pub fn event(&self) -> String {
        self.at(&["event"])
    }

    /// Where Sentry sends its webhooks.
    pub fn alert(&self) -> String {
        self.at(&["alert"])
    }

    /// Where an admin installs the app.
    pub fn install(&self) -> String {
        self.at(&["install"])
    }

    /// Slack's redirect URI for the install.
    pub fn install_slack(&self) -> String {
        self.at(&["install", "slack"])
    }

    /// Where the bundle says how it is.
    pub fn health(&self) -> String {
        self.at(&["health"])
    }

    /// Slack's redirect URI for Sign in with Slack.
    pub fn sign_in_slack(&self) -> String {
        self.at(&["sign-in", "slack"])
    }

    /// Sentry's redirect URI for its OAuth sign-in.
    pub fn sign_in_sentry(&self) -> String {
        self.at(&["sign-in", "sentry"])
    }

    /// The origin as browsers write it in an `Origin` header: no trailing slash.
    pub fn origin(&self) -> String {
        self.base.origin().ascii_serialization()
    }

    fn at(&self, segments: &[&str]) -> String {
        let mut url = self.base.clone();
        // A base that cannot have a path (`data:`) is refused by the configuration.
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(segments);
        }
        url.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_start_at_the_configured_origin() {
        let urls = Urls::new(Url::parse("https://belay.example.com").unwrap());

        assert_eq!(urls.link_identity("v1.a"), "https://belay.example.com/link-identity/v1.a");
        assert_eq!(urls.sign_in_slack(), "https://belay.example.com/sign-in/slack");
        assert_eq!(urls.origin(), "https://belay.example.com");
    }

    #[test]
    fn a_template_matches_its_own_number_of_segments() {
        let link = ROUTES.iter().find(|route| route.function == "link-identity").unwrap();

        assert!(link.matches("/link-identity/v1.a.b.c"));
        assert!(!link.matches("/link-identity"));
        assert!(!link.matches("/link-identity/"));
        assert!(!link.matches("/link-identity/a/b"));
    }

    #[test]
    fn a_token_cannot_leave_its_segment() {
        let urls = Urls::new(Url::parse("http://127.0.0.1:3000").unwrap());

        assert_eq!(urls.link_identity("../x?y"), "http://127.0.0.1:3000/link-identity/..%2Fx%3Fy");
    }
}
