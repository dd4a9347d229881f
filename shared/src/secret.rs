//! Values that must not be read by accident: they print as `[redacted]`, and there is no
//! `Display` to slip into a log line or a page.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A credential in the clear: a token, a key, a `response_url`.
///
/// It serializes as its text, because a click that is sealed as a whole carries its
/// `response_url` inside; whoever serializes a record with a `Secret` in it must seal the result.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a credential.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The credential itself. Every call of this is a place to look at in a review.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A value sealed by [`crate::sealing`]: safe at rest, meaningless without its key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// The sealed form as it was stored. Opening it is what proves that it is genuine.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What is left of a value that was wiped: it opens for nobody.
    pub fn nothing() -> Self {
        Self("-".to_owned())
    }

    /// The form to store.
    pub fn as_text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_print() {
        let record = (Secret::new("xoxb-1"), Sealed::from_text("s1.abc"));

        assert_eq!(format!("{record:?}"), "([redacted], [sealed])");
    }
}
