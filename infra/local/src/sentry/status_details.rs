//! `statusDetails` of an update: in which release an issue is resolved, or until when it is archived.

use serde_json::{Map, Value, json};

/// The releases a project has when it has any, the newest last.
pub(super) const RELEASES: &[&str] = &["backend@2.3.0", "backend@2.4.0"];

/// The conditions of an archive, with the highest value each may have: a window is a week at most.
const CONDITIONS: &[(&str, u64)] = &[
    ("ignoreDuration", u64::MAX),
    ("ignoreCount", u64::MAX),
    ("ignoreWindow", 10_080),
    ("ignoreUserCount", u64::MAX),
    ("ignoreUserWindow", 10_080),
];

/// The object, checked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) in_next_release: bool,
    pub(super) in_release: Option<&'static str>,
    /// Duration and windows in minutes.
    pub(super) until: Map<String, Value>,
}

impl Details {
    /// Checks the object against the project's releases. The error is what the 400 tells under
    /// `statusDetails`.
    pub(super) fn parse(
        value: &Value,
        releases: &[&'static str],
    ) -> Result<Self, Map<String, Value>> {
        let mut errors = Map::new();
        let Value::Object(fields) = value else {
            errors.insert("nonFieldErrors".to_owned(), json!(["Invalid data."]));
            return Err(errors);
        };
        let mut details = Self::default();
        for (field, value) in fields {
            if let Err(error) = details.take(field, value, releases) {
                errors.insert(field.clone(), error);
            }
        }
        if errors.is_empty() { Ok(details) } else { Err(errors) }
    }

    fn take(&mut self, field: &str, value: &Value, releases: &[&'static str]) -> Result<(), Value> {
        match field {
            // Sentry looks for a release whatever the value is: `false` resolves in the next one, too.
            "inNextRelease" if !value.is_boolean() => {
                return Err(json!(["Must be a valid boolean."]));
            }
            "inNextRelease" => {
                newest(releases)?;
                self.in_next_release = true;
            }
            "inRelease" => self.in_release = Some(release(value, releases)?),
            "inUpcomingRelease" => {
                return Err(json!(["Your organization does not have access to this feature."]));
            }
            "inCommit" => {
                return Err(json!({ "repository": ["Unable to find the given repository."] }));
            }
            _ => {
                if let Some((name, most)) = CONDITIONS.iter().find(|(name, _)| *name == field) {
                    self.until.insert((*name).to_owned(), json!(number(value, *most)?));
                }
            }
        }
        Ok(())
    }
}

fn release(value: &Value, releases: &[&'static str]) -> Result<&'static str, Value> {
    match value.as_str() {
        None => Err(json!(["Not a valid string."])),
        Some("") => Err(json!(["This field may not be blank."])),
        Some("latest") => newest(releases),
        Some(version) => {
            let found = releases.iter().find(|release| **release == version).copied();
            found.ok_or_else(|| json!(["Unable to find a release with the given version."]))
        }
    }
}

fn newest(releases: &[&'static str]) -> Result<&'static str, Value> {
    let missing = "No release data present in the system to form a basis for 'Next Release'";
    releases.last().copied().ok_or_else(|| json!([missing]))
}

/// A number, or one in a string.
fn number(value: &Value, most: u64) -> Result<u64, Value> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    match number {
        None => Err(json!(["A valid integer is required."])),
        Some(number) if number > most => {
            Err(json!([format!("Ensure this value is less than or equal to {most}.")]))
        }
        Some(number) => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_named_or_the_latest() {
        for (given, expected) in [("latest", "backend@2.4.0"), ("backend@2.3.0", "backend@2.3.0")] {
            let details = Details::parse(&json!({ "inRelease": given }), RELEASES).unwrap();
            assert_eq!(details.in_release, Some(expected));
        }
    }

    #[test]
    fn what_is_wrong_is_told_per_field() {
        for (given, releases, field, words) in [
            (
                json!({"inRelease": "backend@9"}),
                RELEASES,
                "inRelease",
                "Unable to find a release with the given version.",
            ),
            (
                json!({"inRelease": "latest"}),
                [].as_slice(),
                "inRelease",
                "No release data present in the system to form a basis for 'Next Release'",
            ),
            (
                json!({"ignoreWindow": 10_081}),
                RELEASES,
                "ignoreWindow",
                "Ensure this value is less than or equal to 10080.",
            ),
            (
                json!({"ignoreCount": "many"}),
                RELEASES,
                "ignoreCount",
                "A valid integer is required.",
            ),
        ] {
            let errors = Details::parse(&given, releases).unwrap_err();
            assert_eq!(Value::Object(errors), json!({ field: [words] }), "{given}");
        }
    }

    #[test]
    fn a_commit_of_no_known_repository_is_refused_two_levels_deep() {
        let given = json!({"inCommit": {"commit": "c0ffee", "repository": "acme/backend"}});

        let errors = Details::parse(&given, RELEASES).unwrap_err();

        let words = json!({"repository": ["Unable to find the given repository."]});
        assert_eq!(Value::Object(errors), json!({ "inCommit": words }));
    }

    #[test]
    fn conditions_may_be_numbers_in_strings() {
        let details = Details::parse(&json!({"ignoreDuration": "30"}), &[]).unwrap();

        assert_eq!(Value::Object(details.until), json!({"ignoreDuration": 30}));
    }
}
