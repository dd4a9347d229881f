"""One function process, from its start to its end: what Lambda calls an execution environment."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import time

from limits import cpu_ms, on_core, peak_memory_mib
from runtime_api import RuntimeApi

PATIENCE = 30


class Failed(Exception):
    """A function did not do what it is there for."""


class Sandbox:
    """A started function. Not throttled before it first asks for work."""

    def __init__(self, function, environment, share=None, core=None, log=os.devnull):
        self.function, self.share = function, share
        self.api = RuntimeApi()
        self.log = open(log, "a+b")
        variables = {**environment, "AWS_LAMBDA_RUNTIME_API": self.api.address}
        with on_core(core):
            started = time.perf_counter_ns()
            self.process = subprocess.Popen(
                function.command,
                env=variables,
                cwd=function.folder,
                stdin=subprocess.DEVNULL,
                stdout=self.log,
                stderr=self.log,
                start_new_session=True,
            )
        try:
            ready, _ = self._hear("next")
        except Failed:
            self.close()
            raise
        self.init_ms = (ready - started) / 1e6
        if share:
            share.hold(self.process.pid)

    def invoke(self, event):
        """Hands over one event; (milliseconds, answer). The function has asked for more when this returns."""
        self.api.work.put(event)
        answered, body = self._hear("response")
        self._hear("next")
        return (answered - self.api.sent_at) / 1e6, json.loads(body or b"null")

    def cpu_ms(self):
        return cpu_ms(self.process.pid)

    def peak_memory_mib(self):
        return peak_memory_mib(self.process.pid)

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.api.close()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _hear(self, wanted):
        """Waits until the function does this; (when in ns, body)."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                what, when, body = self.api.told.get(timeout=0.5)
            except queue.Empty:
                if self.process.poll() is not None:
                    raise Failed(f"exited with {self.process.returncode}: {self._last_words()}") from None
                continue
            if what == wanted:
                return when, body
            raise Failed(f"{what} instead of {wanted}: {(body or b'')[:500].decode(errors='replace')}")
        raise Failed(f"no {wanted} within {PATIENCE} s")

    def _last_words(self):
        self.log.seek(0)
        return self.log.read()[-500:].decode(errors="replace").strip() or "it said nothing"
