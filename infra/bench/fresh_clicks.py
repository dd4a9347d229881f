#!/usr/bin/env python3
"""Runs a bench driver with three things as they are in life, for all functions alike.

    fresh_clicks.py BENCH_PY [arguments of the driver]

* Each click has an `action_ts` of its own. Slack never gives two clicks the same one, and Belay takes
  a click that it has seen before for a second delivery, which gets no second prompt.
* The stand-in's answer to HEAD has no body (RFC 9110, 9.3.2). With one, a client has to close the
  connection that it has just opened ahead of time.
* With --tls, SENTRY_CA_PEM holds the driver's certificate authority: that is how Belay is told of one.
"""

import importlib.util
import re
import sys
import tempfile
import time
from pathlib import Path

CLICKED_AT = re.compile(rb"(?<=action_ts%22%3A%22)\d+\.\d+")
STUBS_BODY = 'b"connection: close\\r\\n" if close else b"", reply)'
NO_BODY_TO_HEAD = 'b"connection: close\\r\\n" if close else b"", b"" if method == "HEAD" else reply)'


def main():
    path = Path(sys.argv.pop(1)).resolve()
    spec = importlib.util.spec_from_file_location("bench", path)
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    click_afresh(bench)
    tell_of_the_authority(bench)
    with tempfile.TemporaryDirectory() as folder:
        answer_head_without_body(bench, Path(folder))
        return bench.main()


def click_afresh(bench):
    def event(self, scenario, request_id):
        now = b"%d.%06d" % divmod(time.time_ns() // 1000, 1_000_000)
        body, count = CLICKED_AT.subn(now, self.bodies[scenario])
        if count != 1:
            raise SystemExit("this driver's clicks have another form")
        return bench.http_api_event(
            self.path, body, self.world.signing_secret, request_id, good=scenario != "badsig")

    bench.Spec.event = event


def answer_head_without_body(bench, folder):
    stub = (bench.HERE / "stub.py").read_text()
    if STUBS_BODY not in stub:
        raise SystemExit("this driver's stand-in has another form")
    (folder / "stub.py").write_text(stub.replace(STUBS_BODY, NO_BODY_TO_HEAD))
    bench.HERE = folder


def tell_of_the_authority(bench):
    adapt = bench.Spec.adapt

    def adapt_and_tell(self, profile):
        adapt(self, profile)
        if self.world.tls_env:
            self.env["SENTRY_CA_PEM"] = (self.world.tmp / "ca.pem").read_text()

    bench.Spec.adapt = adapt_and_tell


if __name__ == "__main__":
    sys.exit(main())
