"""The measurement: fresh processes for cold starts, one after many clicks for warm ones.

The rounds go over the functions in turn, so that a disturbance of the machine hits them alike.
"""

import time
from dataclasses import dataclass

from figures import summary
from functions import UNLINKED
from limits import CORE_MB, Share
from sandbox import Failed, Sandbox

PAUSE = 0.025  # more than a period: each click finds its quota unspent, as clicks minutes apart do


@dataclass(frozen=True)
class Setting:
    """Under what, and how often, something is measured."""

    memory_mb: int
    tls: bool
    scenario: str
    cold: int
    warm: int
    warm_up: int
    processes: int = 1

    @property
    def title(self):
        size = "full core" if self.memory_mb >= CORE_MB else f"{self.memory_mb} MB"
        return f"{size}, {'TLS' if self.tls else 'no TLS'}"


class Bench:
    """The world, and the core that functions run on."""

    def __init__(self, world, core):
        self.world, self.core = world, core

    def measure(self, setting, functions, progress):
        """What each function takes; the reason instead, if it does not do its work."""
        taken = {function.name: {"cold": [], "warm": [], "seconds": 0.0} for function in functions}
        failed = {}
        for round_number in range(max(setting.cold, setting.processes)):
            for function in functions:
                if function.name in failed:
                    continue
                progress.at(setting, function, round_number)
                started = time.monotonic()
                try:
                    self._round(setting, function, round_number, taken[function.name])
                except Failed as reason:
                    failed[function.name] = str(reason)
                taken[function.name]["seconds"] += time.monotonic() - started
        results = {}
        for function in functions:
            if reason := failed.get(function.name):
                results[function.name] = {"failed": reason}
            else:
                results[function.name] = figures(taken[function.name])
            progress.done(setting, function, results[function.name], taken[function.name]["seconds"])
        return results

    def _round(self, setting, function, number, taken):
        if number < setting.cold:
            taken["cold"].append(self.cold(setting, function))
        if number < setting.processes and setting.warm:
            taken["warm"].append(self.warm(setting, function))

    def cold(self, setting, function):
        """One start and one click."""
        with Share(setting.memory_mb) as share, self._start(setting, function, share) as sandbox:
            init_cpu = sandbox.cpu_ms()
            first = self.invoke(setting, function, sandbox)
            return {
                "init_ms": sandbox.init_ms,
                "cold_ms": sandbox.init_ms + first,
                "init_cpu_ms": init_cpu,
                "cold_cpu_ms": sandbox.cpu_ms(),
            }

    def warm(self, setting, function):
        """Many clicks, the first of them not counted."""
        with Share(setting.memory_mb) as share, self._start(setting, function, share) as sandbox:
            for _ in range(setting.warm_up):
                self._next(setting, function, sandbox)
            before = sandbox.cpu_ms()
            latencies = [self._next(setting, function, sandbox) for _ in range(setting.warm)]
            return {
                "latencies_ms": latencies,
                "cpu_ms": (sandbox.cpu_ms() - before) / setting.warm,
                "memory_mib": sandbox.peak_memory_mib(),
            }

    def invoke(self, setting, function, sandbox):
        """One click, carried out as it has to be; in milliseconds."""
        event = self.world.event(function, setting.scenario, setting.tls)
        self.world.forget()
        milliseconds, answer = sandbox.invoke(event)
        check(function, setting.scenario, answer, self.world.seen())
        return milliseconds

    def _next(self, setting, function, sandbox):
        if setting.memory_mb < CORE_MB:
            time.sleep(PAUSE)
        return self.invoke(setting, function, sandbox)

    def _start(self, setting, function, share):
        environment = self.world.environment(function, setting.tls)
        return Sandbox(function, environment, share, self.core, self.world.log)


def check(function, scenario, answer, seen):
    """Whether it has answered and done what it is there for, no more and no less."""
    if function.wakes_up:
        if answer != {"batchItemFailures": []}:
            raise Failed(f"answered {answer}")
    elif (status := answer.get("statusCode")) != function.status(scenario):
        raise Failed(f"answered {status} instead of {function.status(scenario)}: {str(answer)[:300]}")
    if seen["calls"] != function.must_call[scenario]:
        raise Failed(f"called {seen['calls']} instead of {function.must_call[scenario]}")
    if scenario == UNLINKED and "https://belay.example.com/" not in seen["bodies"]["slack response_url"]:
        raise Failed("the prompt has no link")


def figures(taken):
    """One function's rounds, as figures."""
    result = {}
    if cold := taken["cold"]:
        result |= {name: summary([run[name] for run in cold]) for name in cold[0]}
    if warm := taken["warm"]:
        result["warm_ms"] = summary([ms for run in warm for ms in run["latencies_ms"]])
        result["cpu_ms"] = summary([run["cpu_ms"] for run in warm])
        result["memory_mib"] = summary([run["memory_mib"] for run in warm])
    return result
