"""What Belay wants to reach, as ratios within one run, and whether it has."""

from dataclasses import dataclass

from figures import times
from functions import ACTION, BOLT_JS, BOLT_PYTHON, EMPTY, FORGED, LINKED, PERFORM
from limits import CORE_MB

BOLTS = (BOLT_JS.name, BOLT_PYTHON.name)


@dataclass
class Verdict:
    """One goal, held against a run."""

    goal: str
    wanted: str
    measured: str
    met: bool | None  # None: this run cannot tell


def key(memory_mb, tls, scenario):
    """The name of a setting in the results."""
    return f"{memory_mb} {'tls' if tls else 'plain'} {scenario}"


class Run:
    """The results of one run: {key: {function: figures}}."""

    def __init__(self, results, zips):
        self.results, self.zips = results, zips

    def figure(self, setting, function, name):
        """The median; `KeyError` if it was not measured."""
        return self.results[key(*setting)][function][name]["p50"]

    def better_bolt(self, setting, name):
        """The better of the two, and there have to be two."""
        return min(self.figure(setting, bolt, name) for bolt in BOLTS)

    def whole_click(self, setting, name):
        """What the click takes in both of Belay's functions."""
        return sum(self.figure(setting, function.name, name) for function in (ACTION, PERFORM))


SMALL, CORE, PLAIN = (128, True, LINKED), (CORE_MB, True, LINKED), (CORE_MB, False, LINKED)
BAD = (CORE_MB, True, FORGED)
A = ACTION.name


def against_better(setting, name):
    return lambda run: times(run.better_bolt(setting, name), run.figure(setting, A, name))


def against(peer, setting, name):
    return lambda run: times(run.figure(setting, peer.name, name), run.figure(setting, A, name))


def whole_against(peer, setting, name):
    return lambda run: times(run.figure(setting, peer.name, name), run.whole_click(setting, name))


def of_empty(setting, name):
    return lambda run: times(run.figure(setting, A, name), run.figure(setting, EMPTY.name, name))


def at_least(limit):
    return f"≥ {limit}×", lambda ratio: ratio >= limit


def at_most(limit):
    return f"≤ {limit}×", lambda ratio: ratio <= limit


GOALS = [
    ("cold start at 128 MB, under the better bolt", at_least(150), against_better(SMALL, "cold_ms")),
    ("processor of a cold start, under the better bolt", at_least(70), against_better(CORE, "cold_cpu_ms")),
    ("init (no TLS), under the better bolt", at_least(80), against_better(PLAIN, "init_ms")),
    ("init (no TLS), of the empty function's", at_most(1.8), of_empty(PLAIN, "init_ms")),
    ("init (TLS), under the better bolt", at_least(80), against_better(CORE, "init_ms")),
    ("init (TLS), of the empty function's", at_most(1.8), of_empty(CORE, "init_ms")),
    ("warm click at 128 MB, under bolt-js", at_least(40), against(BOLT_JS, SMALL, "warm_ms")),
    ("warm click at 128 MB, under bolt-python", at_least(180), against(BOLT_PYTHON, SMALL, "warm_ms")),
    ("processor per click, `action`, under bolt-js", at_least(7), against(BOLT_JS, CORE, "cpu_ms")),
    ("processor per click, `action`, under bolt-python", at_least(55), against(BOLT_PYTHON, CORE, "cpu_ms")),
    ("processor per click, `action` + `perform`, under bolt-js", at_least(7), whole_against(BOLT_JS, CORE, "cpu_ms")),
    ("processor per click, `action` + `perform`, under bolt-python", at_least(55),
     whole_against(BOLT_PYTHON, CORE, "cpu_ms")),
    ("memory, under bolt-python", at_least(8), against(BOLT_PYTHON, CORE, "memory_mib")),
    ("bad signature, of the empty function's", at_most(1.3), of_empty(BAD, "warm_ms")),
]


def judge(run):
    """Each goal, in order."""
    verdicts = [judged(run, *goal) for goal in GOALS]
    return [*verdicts, no_call(run)]


def judged(run, goal, limit, ratio):
    wanted, is_met = limit
    try:
        measured = ratio(run)
    except KeyError:
        return Verdict(goal, wanted, "–", None)
    return Verdict(goal, wanted, f"{measured:.{0 if measured >= 20 else 1 if measured >= 3 else 2}f}×", is_met(measured))


def no_call(run):
    """A run in which a forged click caused any call has failed as a whole: see `measure.check`."""
    done = run.results.get(key(*BAD), {}).get(A)
    met = None if done is None else "failed" not in done
    return Verdict("calls to anything at a bad signature", "0", {None: "–", True: "0"}.get(met, "some"), met)
