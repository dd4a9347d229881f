//! `cargo dev manifest`: the Slack app's manifest as text.
//!
//! Slack takes YAML and JSON (docs.slack.dev/app-manifests). `infra/slack-app-manifest.yaml` is what
//! this prints for an example address; a test compares the two.

use shared::{
    routes::Urls,
    slack::manifest::{Wishes, manifest},
};
use url::Url;

/// Which manifest is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where the bundle answers.
    pub url: Url,
    /// Where Sentry is.
    pub sentry: Url,
    /// What the app is called in Slack.
    pub name: String,
    /// Whether the bot's token ends and is renewed.
    pub token_rotation: bool,
    /// How it is written.
    pub format: Format,
}

/// How a manifest is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As Slack's own pages show it.
    Yaml,
    /// For a program.
    Json,
}

/// The manifest could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the manifest cannot be written")]
pub struct ManifestError(#[from] serde_saphyr::ser_error::Error);

/// The manifest's text, with a line's end.
pub fn text(wanted: &Wanted) -> Result<String, ManifestError> {
    let wishes = Wishes {
        name: &wanted.name,
        sentry: &wanted.sentry,
        token_rotation: wanted.token_rotation,
    };
    let manifest = manifest(&Urls::new(wanted.url.clone()), wishes);
    match wanted.format {
        Format::Json => Ok(format!("{manifest:#}\n")),
        Format::Yaml => Ok(serde_saphyr::to_string(&manifest)?),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn wanted(format: Format) -> Wanted {
        Wanted {
            url: Url::parse("https://belay.example.com").unwrap(),
            sentry: Url::parse("https://sentry.io").unwrap(),
            name: "Belay: yes, #1 'quoted' \"twice\" & é".to_owned(),
            token_rotation: true,
            format,
        }
    }

    #[test]
    fn yaml_and_json_say_the_same() {
        let (yaml, json) = (text(&wanted(Format::Yaml)), text(&wanted(Format::Json)));

        let from_yaml: Value = serde_saphyr::from_str(&yaml.unwrap()).unwrap();
        let from_json: Value = serde_json::from_str(&json.unwrap()).unwrap();

        assert_eq!(from_yaml, from_json);
        assert_eq!(from_yaml["settings"]["token_rotation_enabled"], true);
    }

    #[test]
    fn either_ends_its_last_line() {
        for format in [Format::Yaml, Format::Json] {
            let text = text(&wanted(format)).unwrap();

            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text}");
        }
    }
}
