//! The few drawings, inline and our own. All of them only repeat what the words say, so screen
//! readers skip them.

use maud::{Markup, html};

use crate::layout::Tone;

/// The wordmark's glyph: a figure eight, a ring pair that climbers belay with.
pub(crate) fn belay() -> Markup {
    html! {
        svg.logo width="24" height="24" viewBox="0 0 24 24" aria-hidden="true" {
            circle cx="12" cy="6.5" r="4" {}
            circle cx="12" cy="16" r="5.5" {}
        }
    }
}

/// The round sign above the heading. A page that asks needs none: its first words are the question.
pub(crate) fn tone(tone: Tone) -> Markup {
    let (class, strokes) = match tone {
        Tone::Ask => return html! {},
        Tone::Done => ("tone done", "M6 12.5l4 4 8-9"),
        Tone::Stop => ("tone stop", "M12 6v7M12 17v.01"),
    };
    html! {
        svg class=(class) width="24" height="24" viewBox="0 0 24 24" aria-hidden="true" {
            path d=(strokes) {}
        }
    }
}
