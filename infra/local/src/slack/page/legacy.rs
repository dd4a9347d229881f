//! Attachments as HTML: legacy ones, and unfurls, which hold blocks.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    blocks::{Click, Reader, Spot, is_web, render as render_block, string},
    mrkdwn::mrkdwn,
};
use crate::slack::{elements::items, unfurl};

pub(super) fn render(attachment: &Value, spot: Spot, reader: &Reader) -> Markup {
    let spot = match spot {
        Spot::Message(ts) if unfurl::is_unfurl(attachment) => {
            Spot::Unfurl(ts, unfurl::url(attachment))
        }
        elsewhere => elsewhere,
    };
    let title = mrkdwn(string(attachment, "title"), reader);
    let link = string(attachment, "title_link");
    html! {
        div.attachment style={ "border-color:#" (color(attachment)) } {
            @if is_web(link) {
                p { a href=(link) target="_blank" rel="noopener" { b { (title) } } }
            } @else if !string(attachment, "title").is_empty() {
                p { b { (title) } }
            }
            div.text { (mrkdwn(string(attachment, "text"), reader)) }
            @for field in items(attachment, "fields") {
                p { b { (string(field, "title")) } " " (mrkdwn(string(field, "value"), reader)) }
            }
            @for block in items(attachment, "blocks") { (render_block(block, spot, reader)) }
            div.actions {
                @for action in items(attachment, "actions") {
                    @let click = Click {
                        action_id: string(action, "name"),
                        value: string(action, "value"),
                        style: string(action, "style"),
                        url: string(action, "url"),
                    };
                    (click.button(string(action, "text"), spot, reader))
                }
            }
        }
    }
}

/// Six hexadecimal digits, whatever was sent.
fn color(attachment: &Value) -> &str {
    let color = string(attachment, "color").trim_start_matches('#');
    let is_hex = color.len() == 6 && color.bytes().all(|digit| digit.is_ascii_hexdigit());
    if is_hex { color } else { "bbbbbb" }
}
