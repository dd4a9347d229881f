//! Text and controls stand out enough from what is behind them, by day and by night (WCAG 2.2, AA).

use templates::STYLE;

/// Text: 4.5 to 1 (success criterion 1.4.3).
const TEXT: [(&str, &str); 13] = [
    ("ink", "ground"),
    ("ink", "card"),
    ("ink", "wash"),
    ("soft", "ground"),
    ("soft", "card"),
    ("soft", "wash"),
    ("accent", "wash"),
    ("accent", "card"),
    ("on-accent", "accent"),
    ("on-danger", "danger"),
    ("done", "done-wash"),
    ("stop", "stop-wash"),
    ("danger", "card"),
];

/// The edges of controls: 3 to 1 (success criterion 1.4.11).
const EDGES: [(&str, &str); 2] = [("edge", "card"), ("accent", "ground")];

#[test]
fn text_is_readable_in_light_and_dark() {
    for palette in palettes() {
        for (front, back) in TEXT {
            let ratio = contrast(colour(palette, front), colour(palette, back));
            assert!(ratio >= 4.5, "{front} on {back}: {ratio:.2}");
        }
    }
}

#[test]
fn controls_are_visible_in_light_and_dark() {
    for palette in palettes() {
        for (front, back) in EDGES {
            let ratio = contrast(colour(palette, front), colour(palette, back));
            assert!(ratio >= 3.0, "{front} on {back}: {ratio:.2}");
        }
    }
}

/// The light palette and the dark one: the two `:root` blocks.
fn palettes() -> [&'static str; 2] {
    let mut blocks = STYLE.split(":root {").skip(1).map(|rest| rest.split('}').next());
    [blocks.next(), blocks.next()].map(|block| block.flatten().unwrap_or_default())
}

#[expect(clippy::panic, reason = "a palette without the colour fails the test")]
fn colour(palette: &str, name: &str) -> u32 {
    let (_, rest) = palette.split_once(&format!("--{name}: #")).unwrap_or_default();
    let digits = rest.get(..6).unwrap_or_default();
    u32::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("no colour --{name}"))
}

fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance as WCAG defines it.
fn luminance(colour: u32) -> f64 {
    let [_, red, green, blue] = colour.to_be_bytes().map(|byte| {
        let part = f64::from(byte) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}
