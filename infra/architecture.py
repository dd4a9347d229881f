#!/usr/bin/env python3
"""Draws infra/architecture.svg from infra/architecture.toml. Needs Python 3.11 and nothing else.

    python3 infra/architecture.py            writes the picture
    python3 infra/architecture.py FILE       writes it to FILE

The picture brings its own background and follows the reader's light or dark scheme, so it is legible
wherever a README is shown.
"""

import sys
import tomllib
from html import escape
from pathlib import Path

HERE = Path(__file__).parent

STYLE = """
  svg { --paper:#fdfcff; --ink:#221c35; --soft:#5d5673; --line:#8b84a3; --frame:#d9d4e6; --fill:#ffffff;
        --group:#f4f2fa; --public:#2f6fdb; --sentry:#7b3fe4; --zone:#f1e9ff; --secret:#a16207; --secret-fill:#fff8e6; }
  @media (prefers-color-scheme: dark) {
    svg { --paper:#15121f; --ink:#f1eefa; --soft:#b0a8c7; --line:#857da0; --frame:#3a3450; --fill:#221d31;
          --group:#1b1727; --public:#79a8ff; --sentry:#b48bff; --zone:#2a1f45; --secret:#e8b84a; --secret-fill:#2c2615; }
  }
  text { font-family: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill:var(--ink); }
  .paper { fill:var(--paper); }
  .title { font-size:15px; font-weight:600; }
  .plain { font-size:13px; font-weight:600; }
  .name { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size:13.5px; font-weight:600; }
  .small { font-size:12.5px; fill:var(--soft); }
  .quiet { font-size:13.5px; font-weight:600; fill:var(--soft); }
  .strong { font-size:13.5px; font-weight:600; fill:var(--sentry); }
  .account { fill:none; stroke:var(--line); stroke-width:1.5; stroke-dasharray:2 5; stroke-linecap:round; }
  .group { fill:var(--group); stroke:var(--frame); }
  .queue { fill:var(--group); stroke:var(--frame); }
  .sentry { fill:var(--zone); stroke:var(--sentry); stroke-width:2; }
  .outside { fill:var(--fill); stroke:var(--ink); stroke-width:1.5; }
  .gateway { fill:var(--fill); stroke:var(--public); stroke-width:2; }
  .function, .worker, .store, .watch { fill:var(--fill); stroke:var(--frame); stroke-width:1.25; }
  .store, .watch { stroke:var(--line); }
  .watch { stroke-dasharray:5 3; }
  .secret { fill:var(--secret-fill); stroke:var(--secret); stroke-width:1.25; }
  .mark-function { fill:var(--public); }
  .mark-worker { fill:var(--line); }
  .arrow { fill:none; stroke:var(--ink); stroke-width:1.5; stroke-linejoin:round; }
  .keys { stroke:var(--secret); stroke-dasharray:5 4; }
  .after { stroke:var(--line); stroke-dasharray:5 4; }
  .head { fill:var(--ink); }
  .head-keys { fill:var(--secret); }
  .head-after { fill:var(--line); }
"""

# Boxes that stand for no name of ours or of the template.
PLAIN = {"cloudwatch", "schedule"}


def main() -> None:
    picture = tomllib.loads((HERE / "architecture.toml").read_text())
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "architecture.svg"
    target.write_text(draw(picture))


def draw(picture: dict) -> str:
    width, height = picture["size"]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-labelledby="title summary">',
        f'<title id="title">{escape(picture["title"])}</title>',
        f'<desc id="summary">{escape(picture["summary"].strip())}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{height}" rx="14"/>',
        *map(area, picture["area"]),
        *map(arrow, picture["arrow"]),
        *map(box, picture["box"]),
        *map(area_title, picture["area"]),
        *map(label, picture["arrow"]),
        *legend(picture["legend"]),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def area(it: dict) -> str:
    return rect(it["at"], it["size"], it["kind"], 14 if it["kind"] == "account" else 10)


def area_title(it: dict) -> str:
    if "title" not in it:
        return ""
    x, y = it.get("title_at") or (it["at"][0] + 14, it["at"][1] + 20)
    if it["kind"] == "queue":
        x, y = it["at"][0] + 8, it["at"][1] + 17
    note = text(*it["note_at"], it["note"], "small") if "note" in it else ""
    return text(x, y, it["title"], {"sentry": "strong", "group": "quiet", "account": "title"}.get(it["kind"], "small")) + note


def box(it: dict) -> str:
    x, y = it["at"]
    width, height = it["size"]
    kind = it["kind"]
    parts = [f'<g id="{escape(it["id"])}">', rect(it["at"], it["size"], kind, 7)]
    if kind in ("function", "worker"):
        parts.append(f'<rect class="mark-{kind}" x="{x}" y="{y}" width="5" height="{height}" rx="2.5"/>')
    parts += words(it, x, y, width, height)
    return "".join(parts) + "</g>"


def words(it: dict, x: float, y: float, width: float, height: float) -> list[str]:
    """The title and the lines: beside each other, or stacked in the middle of the box."""
    style = "title" if it["kind"] in ("outside", "gateway") else "plain" if it["id"] in PLAIN else "name"
    lines = it.get("lines", [])
    left = x + (16 if it["kind"] in ("function", "worker") else 14)
    if it.get("beside"):
        middle = y + height / 2 + 5
        return [text(left, middle, it["title"], style), text(left + it["beside"], middle, " ".join(lines), "small")]
    if not lines:
        return [text(x + width / 2, y + height / 2 + 5, it["title"], style, "middle")]
    top = y + (height - 16 * len(lines) - 16) / 2 + 13
    return [text(left, top, it["title"], style)] + [
        text(left, top + 16 * (n + 1), line, "small") for n, line in enumerate(lines)
    ]


def arrow(it: dict) -> str:
    kind = it.get("kind", "call")
    path = it["path"]
    (x0, y0), (x1, y1) = path[-2], path[-1]
    right, down = sign(x1 - x0), sign(y1 - y0)
    # The line ends inside its head.
    path = [*path[:-1], [x1 - 6 * right, y1 - 6 * down]]
    line = " ".join(f"{'L' if n else 'M'}{x} {y}" for n, (x, y) in enumerate(path))
    name = escape(f"{it['from']} → {it['to']}")
    return f'<g><title>{name}</title><path class="arrow {kind}" d="{line}"/>{head(x1, y1, right, down, kind)}</g>'


def head(x: float, y: float, right: int, down: int, kind: str) -> str:
    """A triangle whose tip is at x, y."""
    back_x, back_y = x - 9 * right, y - 9 * down
    wide_x, wide_y = 4.5 * abs(down), 4.5 * abs(right)
    style = "head" if kind == "call" else f"head-{kind}"
    return (
        f'<path class="{style}" d="M{x} {y} L{back_x - wide_x} {back_y - wide_y} '
        f'L{back_x + wide_x} {back_y + wide_y} Z"/>'
    )


def label(it: dict) -> str:
    if "label" not in it:
        return ""
    x, y = it["label_at"]
    if it.get("upright"):
        return (
            f'<text class="small" text-anchor="middle" transform="translate({x} {y}) rotate(-90)">'
            f'{escape(it["label"])}</text>'
        )
    return text(x, y, it["label"], "small")


def legend(it: dict) -> list[str]:
    x, y = it["at"]
    parts = []
    for entry in it["entries"]:
        kind = entry["kind"]
        if kind in ("call", "keys"):
            parts.append(arrow({"from": "who begins", "to": "who is asked", "kind": kind, "path": [[x, y], [x + 30, y]]}))
        elif kind == "sentry":
            parts.append(rect([x, y - 8], [18, 16], "sentry", 4))
        else:
            parts.append(f'<rect class="mark-{kind}" x="{x}" y="{y - 8}" width="5" height="16" rx="2.5"/>')
        after = {"call": 38, "keys": 38, "sentry": 26}.get(kind, 13)
        parts.append(text(x + after, y + 4.5, entry["text"], "small"))
        x += entry["width"]
    return parts


def rect(at: list, size: list, style: str, radius: float) -> str:
    return f'<rect class="{style}" x="{at[0]}" y="{at[1]}" width="{size[0]}" height="{size[1]}" rx="{radius}"/>'


def text(x: float, y: float, words: str, style: str, anchor: str = "start") -> str:
    anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text class="{style}" x="{x:g}" y="{y:g}"{anchored}>{escape(words)}</text>'


def sign(number: float) -> int:
    return (number > 0) - (number < 0)


main()
