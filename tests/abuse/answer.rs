//! What every answer has to look like, whatever it says.

use serde_json::Value;

use crate::harness::Answer;

/// What an answer's body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing.
    Empty,
    /// A page for a person.
    Page,
    /// What Slack reads.
    Json,
}

/// Checks status and kind of an answer, and what every answer has.
pub(crate) fn assert_answer(answer: &Answer, status: u16, kind: Kind, case: &str) {
    assert_eq!(answer.status, status, "{case}: {}", gist(answer));
    assert_eq!(kind_of(answer), kind, "{case}: {}", gist(answer));
    assert_hygiene(answer, case);
}

/// Checks what every answer has: it is kept by nobody, leaks nothing, and a page stands alone.
pub(crate) fn assert_hygiene(answer: &Answer, case: &str) {
    assert_eq!(header(answer, "cache-control"), "no-store", "{case}");
    assert_eq!(header(answer, "referrer-policy"), "no-referrer", "{case}");
    assert_eq!(header(answer, "x-content-type-options"), "nosniff", "{case}");
    assert_eq!(answer.headers.contains_key("allow"), answer.status == 405, "{case}");
    assert_eq!(answer.headers.contains_key("location"), answer.status == 303, "{case}");
    // Every secret of the harness has this word in it.
    assert!(!format!("{answer:?}").contains("canary"), "{case}: a secret in {answer:?}");
    answer.cookies.iter().for_each(|cookie| assert_cookie(cookie, case));
    if kind_of(answer) == Kind::Page {
        assert_page(answer, case);
    }
}

fn kind_of(answer: &Answer) -> Kind {
    match header(answer, "content-type") {
        "" if answer.body.is_empty() => Kind::Empty,
        "text/html; charset=utf-8" if answer.body.starts_with("<!DOCTYPE html>") => Kind::Page,
        "application/json; charset=utf-8"
            if serde_json::from_str::<Value>(&answer.body).is_ok() =>
        {
            Kind::Json
        }
        other => panic!("{other:?} with the body {:?}", answer.body),
    }
}

/// A page's title, else the body.
fn gist(answer: &Answer) -> &str {
    let title = answer.body.split("<title>").nth(1).and_then(|rest| rest.split('<').next());
    title.unwrap_or(&answer.body)
}

fn assert_page(answer: &Answer, case: &str) {
    let policy = header(answer, "content-security-policy");
    for needed in
        ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]
    {
        assert!(policy.contains(needed), "{case}: {needed} in {policy}");
    }
    for loose in ["unsafe-", "script-src", "http:", "https:", "*"] {
        assert!(!policy.contains(loose), "{case}: {loose} in {policy}");
    }
    assert_eq!(header(answer, "x-frame-options"), "DENY", "{case}");
    assert_eq!(header(answer, "cross-origin-opener-policy"), "same-origin", "{case}");
    for tag in answer.body.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        let active =
            ["script", "iframe", "object", "embed", "base"].map(|name| tag.starts_with(name));
        assert!(!active.contains(&true) && !tag.contains(" on"), "{case}: <{tag}>");
        assert!(!tag.contains(" src=\"http"), "{case}: <{tag}>");
    }
}

fn assert_cookie(cookie: &str, case: &str) {
    let known = ["__Host-belay=", "__Host-belay-setup="].map(|name| cookie.starts_with(name));
    assert!(known.contains(&true), "{case}: {cookie}");
    for needed in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/;"] {
        assert!(cookie.contains(needed), "{case}: {needed} in {cookie}");
    }
    assert!(!cookie.to_lowercase().contains("domain"), "{case}: {cookie}");
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}
