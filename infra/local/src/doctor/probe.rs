//! The routes as a stranger sees them: each asked once, without a signature, a cookie or a state.

use http::Method;

/// One question, and the status that is the right answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: &'static str,
    /// The status that a bundle in order gives.
    pub wanted: u16,
}

/// All routes but `/health`. None of these questions writes anything.
pub static PROBES: [Probe; 13] = [
    unsigned("/action"),
    unsigned("/options"),
    unsigned("/command"),
    unsigned("/event"),
    unsigned("/alert"),
    unsigned("/alert/rule"),
    opened("/alert/channels", 401),
    opened("/install", 200),
    opened("/install/slack", 400),
    opened("/sign-in/slack", 400),
    opened("/sign-in/sentry", 400),
    opened("/link-identity/x", 404),
    opened("/unlink-identity/x", 404),
];

/// What neither Slack nor Sentry has signed is not believed.
const fn unsigned(path: &'static str) -> Probe {
    Probe { method: Method::POST, path, wanted: 401 }
}

/// A page, or the page that says why not.
const fn opened(path: &'static str, wanted: u16) -> Probe {
    Probe { method: Method::GET, path, wanted }
}

#[cfg(test)]
mod tests {
    use shared::routes::ROUTES;

    use super::*;

    #[test]
    fn every_route_is_asked_by_a_method_it_has() {
        for route in ROUTES.iter().filter(|route| route.path != "/health") {
            let asked = PROBES.iter().find(|probe| route.matches(probe.path));

            let asked = asked.unwrap_or_else(|| panic!("{} is not asked", route.path));
            assert!(route.methods.contains(&asked.method), "{}", route.path);
        }
    }

    #[test]
    fn nothing_is_asked_that_is_no_route() {
        for probe in &PROBES {
            assert!(ROUTES.iter().any(|route| route.matches(probe.path)), "{}", probe.path);
        }
    }
}
