"""The picture: one small chart for each question, bars on a logarithmic scale, each with its figure."""

import math
from xml.sax.saxutils import escape

from functions import ACTION, BOLT_JS, BOLT_PYTHON, EMPTY, FORGED, LINKED, PERFORM
from goals import key
from limits import CORE_MB
from report import number

STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
  .paper { fill: #ffffff } .title { font-size: 20px; font-weight: 600 } .panel { font-size: 14px; font-weight: 600 }
  .quiet { fill: #656d76; font-size: 12px } .tick { fill: #656d76; font-size: 10.5px; text-anchor: middle }
  .grid { stroke: #d8dee4; stroke-width: 1 } .name { text-anchor: end } .own { font-weight: 600 }
  .belay { fill: #6d4bd1 } .second { fill: #a996e6 } .peer { fill: #8c96a1 } .floor { fill: #c6cdd5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .paper { fill: #0d1117 } .quiet, .tick { fill: #8d96a0 } .grid { stroke: #2b323b }
    .belay { fill: #a58bff } .second { fill: #6f5bb8 } .peer { fill: #7d8793 } .floor { fill: #464e58 }
  }
"""
BARS = [
    (ACTION, "belay"),
    (PERFORM, "second"),
    (EMPTY, "floor"),
    (BOLT_JS, "peer"),
    (BOLT_PYTHON, "peer"),
]
SMALL, CORE = key(128, True, LINKED), key(CORE_MB, True, LINKED)
PANELS = [
    ("Cold start", "start to answer, 128 MB, ms", SMALL, "cold_ms"),
    ("Warm click", "median, 128 MB, ms", SMALL, "warm_ms"),
    ("Processor of a cold start", "all threads, full core, ms", CORE, "cold_cpu_ms"),
    ("Processor of a warm click", "all threads, full core, ms", CORE, "cpu_ms"),
    ("Memory", "peak resident, MiB", CORE, "memory_mib"),
    ("A bad signature", "warm, median, full core, ms", key(CORE_MB, True, FORGED), "warm_ms"),
]
WIDTH, MARGIN, TOP = 920, 28, 96
NAMES, FIGURES, BAR, STEP = 108, 104, 16, 24
PANEL_WIDTH = (WIDTH - 3 * MARGIN) / 2
PANEL_HEIGHT = 60 + len(BARS) * STEP + 36


def svg(report):
    """The picture as text; panels that were not measured are left out."""
    drawn = []
    for title, unit, setting, name in PANELS:
        bars = measured(report["results"].get(setting, {}), name)
        if any(function is ACTION for function, _, _ in bars):
            at = len(drawn)
            x, y = MARGIN + at % 2 * (PANEL_WIDTH + MARGIN), TOP + at // 2 * PANEL_HEIGHT
            drawn.append(f'<g transform="translate({x:.0f} {y})">{panel(title, unit, bars)}</g>')
    height = TOP + math.ceil(len(drawn) / 2) * PANEL_HEIGHT + 4
    what = "Belay beside Slack's own framework, on the same click"
    how = "One machine, one run, TLS to everything. Logarithmic scales: a tick is ten times the one before."
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{what}">',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{height}" rx="8"/>',
        f'<text class="title" x="{MARGIN}" y="42">{escape(what)}</text>',
        f'<text class="quiet" x="{MARGIN}" y="64">{escape(how)}</text>',
        *drawn,
        "</svg>\n",
    ])


def measured(functions, name):
    """(function, its class, median) of those that have one."""
    return [
        (function, kind, functions[function.name][name]["p50"])
        for function, kind in BARS
        if name in functions.get(function.name, {})
    ]


def panel(title, unit, bars):
    """One question."""
    values = [value for _, _, value in bars]
    low, high = math.floor(math.log10(min(values)) - 0.15), math.log10(max(values))
    room = PANEL_WIDTH - NAMES - FIGURES

    def x(value):
        return NAMES + room * (math.log10(value) - low) / (high - low)

    bottom = 44 + len(bars) * STEP
    parts = [
        f'<text class="panel" x="0" y="16">{escape(title)}</text>',
        f'<text class="quiet" x="0" y="33">{escape(unit)}</text>',
    ]
    for decade in range(low, math.floor(high) + 1):
        at = x(10**decade)
        parts.append(f'<line class="grid" x1="{at:.1f}" y1="42" x2="{at:.1f}" y2="{bottom}"/>')
        parts.append(f'<text class="tick" x="{at:.1f}" y="{bottom + 14}">{10**decade:g}</text>')
    base = next(value for function, _, value in bars if function is ACTION)
    for row, (function, kind, value) in enumerate(bars):
        parts.append(bar(44 + row * STEP, function, kind, value, x(value), base))
    return "".join(parts)


def bar(y, function, kind, value, end, base):
    """One function: its name, its bar, its figure, and how many times Belay's that is."""
    own = " own" if kind == "belay" else ""
    peer = kind == "peer"
    ratio = f'<tspan class="quiet" dx="7">{number_of_times(value / base)}</tspan>' if peer else ""
    middle = y + BAR - 3.5
    return (
        f'<text class="name{own}" x="{NAMES - 9}" y="{middle}">{escape(function.name)}</text>'
        f'<rect class="{kind}" x="{NAMES}" y="{y}" width="{end - NAMES:.1f}" height="{BAR}" rx="2"/>'
        f'<text class="{own.strip() or "plain"}" x="{end + 7:.1f}" y="{middle}">{number(value)}{ratio}</text>'
    )


def number_of_times(ratio):
    return f"{ratio:.0f}×" if ratio >= 10 else f"{ratio:.1f}×"
