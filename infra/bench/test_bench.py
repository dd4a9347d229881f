"""Checks of the driver itself: `python3 -m unittest discover infra/bench`. Builds the stand-ins, for debugging."""

import base64
import json
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse
import urllib.request
from pathlib import Path
from xml.etree import ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import click
import limits
import plot
import report
from figures import median, percentile, times
from functions import ACTION, ALL, FORGED, LINKED, ROOT, STAND_INS, UNLINKED, Function
from goals import Run, judge, key
from limits import CORE_MB
from measure import Bench, Setting, check
from sandbox import Failed
from wire import Connection
from world import World

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"

# A function that answers 200 and, told so, posts to Slack before it does.
FUNCTION = """
import http.client, json, os, sys, urllib.parse
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    event = api.getresponse()
    event.read()
    for _ in range(int(sys.argv[1])):
        slack = http.client.HTTPConnection(urllib.parse.urlsplit(os.environ["SLACK_URL"]).netloc)
        slack.request("POST", "/actions/T0/1/x", "said")
        slack.getresponse().read()
    name = event.headers["lambda-runtime-aws-request-id"]
    api.request("POST", f"/2018-06-01/runtime/invocation/{name}/response", json.dumps({"statusCode": 200}))
    api.getresponse().read()
"""


def setUpModule():
    build = ["cargo", "build", "--quiet", "--locked", "--package", STAND_INS.name]
    subprocess.run(build, cwd=ROOT, check=True)


def world():
    """A world without a function of Belay's: for functions that only pretend."""
    return World(ROOT / "target/debug" / STAND_INS.name)


class AFunctionHasToDoItsWork(unittest.TestCase):
    def outcome(self, posts, must_call):
        setting = Setting(CORE_MB, False, LINKED, cold=1, warm=2, warm_up=1)
        with tempfile.TemporaryDirectory() as folder, world() as around:
            script = Path(folder) / "pretender.py"
            script.write_text(FUNCTION)
            command = [sys.executable, str(script), str(posts)]
            function = Function("pretender", command, script, {LINKED: must_call})
            return Bench(around, None).measure(setting, [function], Silent())["pretender"]

    def test_one_that_only_answers_fails(self):
        outcome = self.outcome(posts=0, must_call={"slack response_url": 1})

        self.assertEqual(outcome, {"failed": "called {} instead of {'slack response_url': 1}"})

    def test_one_that_does_it_is_measured(self):
        outcome = self.outcome(posts=1, must_call={"slack response_url": 1})

        self.assertEqual(outcome["warm_ms"]["n"], 2)
        self.assertGreater(outcome["cold_ms"]["p50"], outcome["init_ms"]["p50"])
        self.assertGreater(outcome["memory_mib"]["p50"], 1)

    def test_one_that_does_it_twice_fails(self):
        outcome = self.outcome(posts=2, must_call={"slack response_url": 1})

        self.assertIn("called {'slack response_url': 2}", outcome["failed"])

    def test_a_wrong_status_fails(self):
        with self.assertRaisesRegex(Failed, "answered 200 instead of 401"):
            check(ACTION, FORGED, {"statusCode": 200}, {"calls": {}, "bodies": {}})

    def test_a_prompt_without_a_link_fails(self):
        seen = {"calls": ACTION.must_call[UNLINKED], "bodies": {"slack response_url": "hello"}}

        with self.assertRaisesRegex(Failed, "no link"):
            check(ACTION, UNLINKED, {"statusCode": 200}, seen)

    def test_a_failed_function_is_named_in_the_table(self):
        results = {key(CORE_MB, True, LINKED): {"belay action": {"failed": "called {}"}}}

        self.assertIn("**failed**: called {}", report.scenario_table(Run(results, {}), LINKED))


class TheStandIns(unittest.TestCase):
    def ask(self, around, scheme, service, path, body, headers=None):
        """What is answered, by the authority that functions are told of."""
        trust = ssl.create_default_context(cafile=around.folder / "ca.pem")
        url = around.origins[scheme][service] + path
        request = urllib.request.Request(url, body, headers or {})
        with urllib.request.urlopen(request, context=trust, timeout=10) as answer:
            return answer.read()

    def test_a_call_is_counted_with_and_without_tls_until_it_is_forgotten(self):
        with world() as around:
            for scheme in ("plain", "tls"):
                self.ask(around, scheme, "slack", "/actions/T0/1/x", b"said")
                self.assertEqual(around.seen()["calls"], {"slack response_url": 1})
                self.assertEqual(around.seen()["bodies"], {"slack response_url": "said"})
                around.forget()

            self.assertEqual(around.seen(), {"calls": {}, "bodies": {}, "wake_ups": []})

    def test_what_is_put_into_the_queue_is_told(self):
        with world() as around:
            target = {"x-amz-target": "AmazonSQS.SendMessage"}
            self.ask(around, "tls", "queue", "/", b'{"QueueUrl":"q","MessageBody":"job 1"}', target)

            self.assertEqual(around.seen()["wake_ups"], ["job 1"])

    def test_the_table_is_behind_its_front(self):
        with world() as around:
            target = {
                "x-amz-target": "DynamoDB_20120810.DescribeTable",
                "content-type": "application/x-amz-json-1.0",
                "authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, "
                "SignedHeaders=host, Signature=0",
                "x-amz-date": "20260101T000000Z",
            }
            name = around.people["table"]
            told = self.ask(around, "tls", "table", "/", json.dumps({"TableName": name}).encode(), target)

            self.assertEqual(json.loads(told)["Table"]["TableName"], name)
            self.assertEqual(around.seen()["calls"], {"table DescribeTable": 1})


class AClick(unittest.TestCase):
    def test_is_signed_as_slack_documents_it(self):
        body = (
            b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
            b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
            b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmib"
            b"IGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
        )

        signed = click.signature(SECRET, 1531420618, body)

        self.assertEqual(signed, "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503")

    def test_is_forged_only_in_its_signature(self):
        good, bad = (json.loads(click.event("/action", b"b", SECRET, forged)) for forged in (False, True))

        differing = {name for name in good["headers"] if good["headers"][name] != bad["headers"][name]}
        self.assertEqual(differing - {"x-slack-request-timestamp"}, {"x-slack-signature"})
        self.assertEqual(base64.b64decode(bad["body"]), b"b")

    def test_is_never_the_same_twice(self):
        def made():
            form = urllib.parse.parse_qs(click.body("T0", "A0", "U0", "https://localhost").decode())
            return json.loads(form["payload"][0])["actions"][0]["action_ts"]

        self.assertNotEqual(made(), made())


class Figures(unittest.TestCase):
    def test_a_percentile_is_one_of_the_values(self):
        self.assertEqual(percentile([4, 1, 3, 2], 0.5), 2)
        self.assertEqual(percentile(range(1, 101), 0.95), 95)
        self.assertEqual(percentile([7], 0.99), 7)
        self.assertEqual(median([9, 1, 5]), 5)

    def test_a_ratio_says_how_much_more_the_peer_takes(self):
        self.assertEqual(times(1500, 10), 150)

    def test_a_size_has_its_share_of_a_core(self):
        self.assertEqual([limits.quota_us(mb) for mb in (1, 128, 512, CORE_MB)], [1_000, 1_447, 5_788, 20_000])


class Goals(unittest.TestCase):
    def verdicts(self, **figures):
        """Of a run in which Belay takes 1 of everything, and the others what is said here."""
        names = ("init_ms", "cold_ms", "cold_cpu_ms", "warm_ms", "cpu_ms", "memory_mib")
        taken = {"belay action": 1, "belay perform": 1, "empty": 1, "bolt-js": 80, "bolt-python": 200} | figures
        everything = {
            function.name: {name: {"p50": taken[function.name]} for name in names} for function in ALL
        }
        settings = [key(128, True, LINKED), key(CORE_MB, True, LINKED), key(CORE_MB, False, LINKED),
                    key(CORE_MB, True, FORGED)]
        return {v.goal: v for v in judge(Run(dict.fromkeys(settings, everything), {}))}

    def test_the_better_peer_counts(self):
        cold = self.verdicts()["cold start at 128 MB, under the better bolt"]

        self.assertEqual((cold.measured, cold.met), ("80×", False))

    def test_a_limit_that_is_just_reached_is_met(self):
        self.assertTrue(self.verdicts(**{"bolt-js": 150})["cold start at 128 MB, under the better bolt"].met)

    def test_a_ratio_to_the_empty_function_has_to_be_low(self):
        goal = "bad signature, of the empty function's"

        self.assertTrue(self.verdicts()[goal].met)
        self.assertFalse(self.verdicts(empty=0.5)[goal].met)

    def test_the_whole_click_is_both_functions(self):
        goal = "processor per click, `action` + `perform`, under bolt-js"

        self.assertEqual(self.verdicts()[goal].measured, "40×")

    def test_what_was_not_measured_is_neither_met_nor_missed(self):
        verdicts = judge(Run({}, {}))

        self.assertEqual({verdict.met for verdict in verdicts}, {None})

    def test_a_call_at_a_bad_signature_is_a_miss(self):
        results = {key(CORE_MB, True, FORGED): {"belay action": {"failed": "called {'table GetItem': 1}"}}}

        self.assertIs(judge(Run(results, {}))[-1].met, False)


class ThePicture(unittest.TestCase):
    def test_longer_bars_take_longer(self):
        results = {plot.SMALL: {
            "belay action": {"cold_ms": {"p50": 10}}, "bolt-js": {"cold_ms": {"p50": 1700}},
        }}

        drawn = ElementTree.fromstring(plot.svg({"results": results}))

        bars = {r.get("class"): float(r.get("width")) for r in drawn.iter("{http://www.w3.org/2000/svg}rect")}
        self.assertGreater(bars["peer"], bars["belay"])
        self.assertIn("170×", "".join(drawn.itertext()))


class Wire(unittest.TestCase):
    def read(self, sent):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            threading.Thread(target=theirs.sendall, args=(sent,)).start()
            return Connection(ours).read()

    def test_a_body_with_a_length_is_read(self):
        message = self.read(b"POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody")

        self.assertEqual((message.start, message.body), ("POST /x HTTP/1.1", b"body"))

    def test_a_body_in_chunks_is_read(self):
        sent = b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbod\r\n1\r\ny\r\n0\r\n\r\n"

        message = self.read(sent)

        self.assertEqual((message.body, message.raw), (b"body", sent))


class Silent:
    """Progress that nobody watches."""

    def at(self, *_):
        pass

    def done(self, *_):
        pass


if __name__ == "__main__":
    unittest.main()
