"""The tables, in Markdown."""

from functions import ACTION, LINKED, PERFORM, SCENARIOS
from goals import Run, judge
from limits import CORE_MB

COLUMNS = [
    ("init", "init_ms"),
    ("cold", "cold_ms"),
    ("cold CPU", "cold_cpu_ms"),
    ("warm p50", "warm_ms"),
    ("CPU/click", "cpu_ms"),
    ("RSS MiB", "memory_mib"),
]
WORDS = {True: "met", False: "**missed**", None: "not measured"}


def markdown(report):
    """The whole report."""
    run = Run(report["results"], report["zips"])
    parts = [head(report), goals_table(judge(run))]
    parts += [scenario_table(run, scenario) for scenario in SCENARIOS]
    return "\n\n".join(part for part in parts if part) + "\n"


def head(report):
    machine, load = report["machine"], report["load"]
    lines = [
        "# A click, measured",
        f"{report['started']}, {report['seconds'] / 60:.0f} minutes, at commit `{report['commit']}`. "
        f"{machine['processor']}, {machine['cores']} cores, {machine['architecture']}, Linux {machine['kernel']}; "
        f"Rust {report['versions']['rustc']}, Node {report['versions']['node']}, Python {report['versions']['python']}. "
        f"Load average {load['before']:.2f} before, {load['after']:.2f} after.",
    ]
    lines += [f"**{note}**" for note in report["notes"]]
    return "\n\n".join(lines)


def goals_table(verdicts):
    rows = [[v.goal, v.wanted, v.measured, WORDS[v.met]] for v in verdicts]
    told = [v.met for v in verdicts]
    counted = f"{told.count(True)} met, {told.count(False)} missed, {told.count(None)} not measured."
    return f"## Goals\n\n{table(['goal', 'wanted', 'measured', ''], rows)}\n\n{counted}"


def scenario_table(run, scenario):
    """All sizes of one scenario; nothing if it was not measured."""
    rows = []
    for name, functions in run.results.items():
        memory, link, about = name.split(" ", 2)
        if about != scenario:
            continue
        where = ("full core" if int(memory) >= CORE_MB else f"{memory} MB") + ("" if link == "tls" else ", no TLS")
        rows += [row(where, function, taken, run.zips) for function, taken in functions.items()]
        if scenario == LINKED and all("cpu_ms" in functions.get(f.name, {}) for f in (ACTION, PERFORM)):
            rows.append(sum_row(where, functions))
    if not rows:
        return ""
    return f"## Click: {scenario}\n\n{table(['', 'function', *(c for c, _ in COLUMNS), 'zip MiB'], rows)}"


def row(where, function, taken, zips):
    if "failed" in taken:
        return [where, function, f"**failed**: {taken['failed']}", *[""] * (len(COLUMNS) - 1), ""]
    cells = [number(taken[key]["p50"]) if key in taken else "–" for _, key in COLUMNS]
    return [where, own(function), *cells, f"{zips[function]:.2f}"]


def sum_row(where, functions):
    """What both of Belay's functions take; nobody waits for the two in a row, so only work is added up."""
    def both(key):
        return number(sum(functions[f.name][key]["p50"] for f in (ACTION, PERFORM)))

    cells = [both(key) if key.endswith("cpu_ms") and key in functions[ACTION.name] else "" for _, key in COLUMNS]
    return [where, "*action + perform*", *cells, ""]


def own(function):
    return f"**{function}**" if function.startswith("belay") else function


def number(value):
    """Three digits are as many as there is any truth in."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
