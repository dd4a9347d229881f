//! Text where Sentry's servers differ: one says `"4815"`, another `4815`, a third `null`.
//!
//! A field that is only shown is worth less than the message it would be shown in: the rest is read
//! without it.

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

/// Reads a field that holds text or a number, or nothing.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(String::new()),
        value => text_of(&value).ok_or_else(|| D::Error::custom("neither text nor a number")),
    }
}

/// Text, or a number as text.
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Deserialize)]
    struct Record {
        #[serde(default, deserialize_with = "text")]
        title: String,
    }

    fn title(record: Value) -> Option<String> {
        serde_json::from_value::<Record>(record).ok().map(|record| record.title)
    }

    #[test]
    fn a_number_is_text_and_nothing_is_empty() {
        for (record, read) in [
            (json!({"title": "4815"}), "4815"),
            (json!({"title": 4815}), "4815"),
            (json!({"title": null}), ""),
            (json!({}), ""),
        ] {
            assert_eq!(title(record).as_deref(), Some(read));
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for other in [json!(true), json!(["4815"]), json!({"id": "4815"})] {
            assert_eq!(title(json!({"title": other})), None);
        }
    }
}
