//! Slack's mrkdwn as HTML.
//!
//! `*bold*`, `_italic_`, `~struck~`, `` `code` ``, fenced code, `>` quotes, `:emoji:`, and what stands
//! in angle brackets: `<url|label>`, `<@U…>`, `<#C…|name>`, `<!here>`,
//! `<!date^…>`. `&amp;`, `&lt;` and `&gt;` are
//! the only entities (Slack: docs.slack.dev/messaging/formatting-message-text).

use maud::{Markup, PreEscaped, html};

use super::blocks::{Reader, is_web};

const EMOJI: [(&str, &str); 10] = [
    ("red_circle", "🔴"),
    ("large_orange_circle", "🟠"),
    ("large_yellow_circle", "🟡"),
    ("large_blue_circle", "🔵"),
    ("zzz", "💤"),
    ("white_check_mark", "✅"),
    ("warning", "⚠️"),
    ("lock", "🔒"),
    ("hourglass_flowing_sand", "⏳"),
    ("bell", "🔔"),
];

/// A message's text.
pub(super) fn mrkdwn(text: &str, reader: &Reader) -> Markup {
    html! {
        @for (place, part) in text.split("```").enumerate() {
            @if place % 2 == 1 { pre { (unescape(part)) } } @else { (paragraph(part, reader)) }
        }
    }
}

/// Text without markup; its entities are entities all the same.
pub(super) fn plain(text: &str) -> Markup {
    html! { (unescape(text)) }
}

fn paragraph(text: &str, reader: &Reader) -> Markup {
    html! {
        @for (place, line) in text.split('\n').enumerate() {
            @if let Some(quoted) = line.strip_prefix("&gt;").or(line.strip_prefix('>')) {
                blockquote { (inline(quoted.trim_start(), reader)) }
            } @else {
                @if place > 0 { br; }
                (inline(line, reader))
            }
        }
    }
}

fn inline(text: &str, reader: &Reader) -> Markup {
    let mut html = String::new();
    let (mut rest, mut before) = (text, ' ');
    while let Some(first) = rest.chars().next() {
        let found = span(rest, before, reader);
        let (piece, length) = found.unwrap_or_else(|| (literal(rest), literal_length(rest)));
        html.push_str(&piece.into_string());
        before = rest.get(..length).and_then(|taken| taken.chars().last()).unwrap_or(first);
        rest = rest.get(length..).unwrap_or_default();
    }
    PreEscaped(html)
}

/// Markup at the beginning of `rest`, and how many bytes of it.
fn span(rest: &str, before: char, reader: &Reader) -> Option<(Markup, usize)> {
    let mark = rest.chars().next()?;
    match mark {
        '<' => {
            let inner = rest.get(1..rest.find('>')?)?;
            Some((bracket(inner, reader)?, inner.len() + 2))
        }
        '`' => {
            let inner = enclosed(rest, '`')?;
            Some((html! { code { (unescape(inner)) } }, inner.len() + 2))
        }
        ':' => {
            let name = enclosed(rest, ':')?;
            let (_, emoji) = EMOJI.iter().find(|(known, _)| *known == name)?;
            Some((html! { (emoji) }, name.len() + 2))
        }
        '*' | '_' | '~' if !before.is_alphanumeric() => {
            let inner = enclosed(rest, mark)?;
            if inner.starts_with(' ') || inner.ends_with(' ') {
                return None;
            }
            let content = inline(inner, reader);
            let markup = match mark {
                '*' => html! { b { (content) } },
                '_' => html! { i { (content) } },
                _ => html! { s { (content) } },
            };
            Some((markup, inner.len() + 2))
        }
        _ => None,
    }
}

/// What stands between two `mark`s; a mark inside angle brackets closes nothing.
fn enclosed(rest: &str, mark: char) -> Option<&str> {
    let mut in_brackets = false;
    for (place, character) in rest.char_indices().skip(1) {
        match character {
            '<' => in_brackets = true,
            '>' => in_brackets = false,
            _ if character == mark && !in_brackets => {
                return rest.get(1..place).filter(|inner| !inner.is_empty());
            }
            _ => {}
        }
    }
    None
}

fn bracket(inner: &str, reader: &Reader) -> Option<Markup> {
    let (target, label) = inner.split_once('|').unwrap_or((inner, ""));
    match target.chars().next()? {
        '@' => {
            let name = reader.name(target.get(1..)?);
            Some(html! { span.mention { "@" (name) } })
        }
        // Without a label Slack shows the channel's name; its id has to do here.
        '#' if label.is_empty() => Some(html! { span.mention { (target) } }),
        '#' => Some(html! { span.mention { "#" (unescape(label)) } }),
        '!' if label.is_empty() => Some(html! { span.mention { "@" (target.get(1..)?) } }),
        '!' => Some(date(target).unwrap_or_else(|| plain(label))),
        _ if is_web(target) => {
            let shown = if label.is_empty() { plain(target) } else { inline(label, reader) };
            let url = unescape(target);
            Some(html! { a href=(url) target="_blank" rel="noopener" { (shown) } })
        }
        _ => None,
    }
}

/// `!date^<seconds>^<format>`: the page's script fills in the reader's time.
fn date(target: &str) -> Option<Markup> {
    let seconds = target.strip_prefix("!date^")?.split('^').next()?;
    Some(html! { time data-at=(seconds) data-day {} })
}

/// The text up to the next character that could begin markup.
fn literal(rest: &str) -> Markup {
    html! { (unescape(rest.get(..literal_length(rest)).unwrap_or_default())) }
}

fn literal_length(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    characters.find(|(_, it)| "<`:*_~".contains(*it)).map_or(rest.len(), |(place, _)| place)
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slack::workspace::people;

    fn html(text: &str) -> String {
        let people = people();
        let reader = Reader { me: &people[0], people: &people };
        mrkdwn(text, &reader).into_string()
    }

    #[test]
    fn the_result_line_names_the_person_in_bold() {
        let line = html("*Issue resolved by <@U0BOB00001>*");

        assert_eq!(line, r#"<b>Issue resolved by <span class="mention">@Bob Baker</span></b>"#);
    }

    #[test]
    fn a_link_opens_in_a_new_tab_and_may_be_bold_inside() {
        let link = html("<https://sentry.test/?a=1&amp;b=2|*Type_Error_*>");

        let target = r#"target="_blank" rel="noopener""#;
        let expected = format!(
            r#"<a href="https://sentry.test/?a=1&amp;b=2" {target}><b>Type_Error_</b></a>"#
        );
        assert_eq!(link, expected);
    }

    #[test]
    fn markup_needs_its_boundaries() {
        for text in ["2*3*4", "snake_case_name", "a * b * c", "*open", "`open"] {
            assert_eq!(html(text), text);
        }
    }

    #[test]
    fn code_is_taken_literally() {
        assert_eq!(html("`*x* &lt;`"), "<code>*x* &lt;</code>");
        assert_eq!(html("a```_b_\nc```"), "a<pre>_b_\nc</pre>");
    }

    #[test]
    fn what_is_no_link_stays_text() {
        assert_eq!(html("<javascript:alert(1)|x>"), "&lt;javascript:alert(1)|x&gt;");
        assert_eq!(html("&lt;script&gt;"), "&lt;script&gt;");
        assert_eq!(html("<"), "&lt;");
    }

    #[test]
    fn lines_and_quotes_and_emoji_are_kept() {
        assert_eq!(html("a\nb"), "a<br>b");
        assert_eq!(html("&gt; said"), "<blockquote>said</blockquote>");
        assert_eq!(html(":red_circle: 10:30:00"), "🔴 10:30:00");
    }
}
