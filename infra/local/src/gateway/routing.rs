//! Which function a path belongs to.

use std::collections::BTreeMap;

use shared::routes::{ROUTES, Route};

/// A route and what its path template captured.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) route: &'static Route,
    /// As they stand in the path: still percent-encoded.
    pub(super) parameters: BTreeMap<&'static str, &'a str>,
    pub(super) trailing_slash: bool,
}

/// The route of `path`, with or without one trailing slash.
pub(super) fn find(path: &str) -> Option<Found<'_>> {
    let bare = path.strip_suffix('/').unwrap_or(path);
    ROUTES.iter().find_map(|route| {
        let parameters = capture(route.path, bare)?;
        Some(Found { route, parameters, trailing_slash: bare.len() < path.len() })
    })
}

fn capture<'a>(template: &'static str, path: &'a str) -> Option<BTreeMap<&'static str, &'a str>> {
    if template.split('/').count() != path.split('/').count() {
        return None;
    }
    let mut parameters = BTreeMap::new();
    for (wanted, segment) in template.split('/').zip(path.split('/')) {
        let name = wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        match name {
            Some(_) if segment.is_empty() => return None,
            Some(name) => {
                parameters.insert(name, segment);
            }
            None if wanted == segment => {}
            None => return None,
        }
    }
    Some(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_answers_with_and_without_a_trailing_slash() {
        for path in ["/link-identity/v1.a.b.c", "/link-identity/v1.a.b.c/"] {
            let found = find(path).unwrap();

            assert_eq!(found.route.function, "link-identity");
            assert_eq!(found.parameters["signed_params"], "v1.a.b.c");
        }
    }

    #[test]
    fn every_route_is_found_by_its_own_path() {
        for route in ROUTES {
            assert_eq!(find(route.path).unwrap().route, route);
        }
    }

    #[test]
    fn what_is_no_route_is_not_found() {
        for path in ["/", "/action//", "/action/x", "/Action", "/link-identity", "/link-identity//"]
        {
            assert!(find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn an_encoded_slash_stays_inside_its_segment() {
        let found = find("/link-identity/a%2Fb").unwrap();

        assert_eq!(found.parameters["signed_params"], "a%2Fb");
    }
}
