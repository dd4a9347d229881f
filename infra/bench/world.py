"""What is around a function: the table, the stand-ins, a certificate authority, and the clicks."""

import json
import subprocess
import tempfile
from pathlib import Path

import click
from functions import ACTION, FORGED, STAND_INS, UNLINKED
from sandbox import Failed, Sandbox

SYSTEM_ROOTS = (
    Path("/etc/ssl/certs/ca-certificates.crt"),
    Path("/etc/pki/tls/certs/ca-bundle.crt"),
    Path("/etc/ssl/cert.pem"),
)


class World:
    """Everything that a function reaches, on loopback."""

    def __init__(self, stand_ins=STAND_INS):
        self.program = stand_ins

    def __enter__(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="belay-bench-")
        self.folder = Path(self.scratch.name)
        self.log = self.folder / "log"
        self.fronts = {}
        make_certificates(self.folder)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        command = [str(self.program), str(self.folder / "server.pem"), str(self.folder / "server.key")]
        self.stand_ins = subprocess.Popen(command, **pipes)
        said = json.loads(self.stand_ins.stdout.readline())
        self.origins, self.people = said["origins"], said["people"]
        return self

    def __exit__(self, *_):
        for front in self.fronts.values():
            front.close()
        self.stand_ins.kill()
        self.stand_ins.communicate()
        self.scratch.cleanup()

    def environment(self, function, tls):
        """What Lambda and the deployment would tell the function."""
        origins, secrets = self.origins["tls" if tls else "plain"], self.people["secrets"]
        return AWS | self._trust(tls) | {
            "LAMBDA_TASK_ROOT": str(function.folder),
            "PUBLIC_URL": "https://belay.example.com",
            "TABLE_NAME": self.people["table"],
            "QUEUE_URL": origins["queue"] + "/123456789012/jobs",
            "AWS_ENDPOINT_URL_DYNAMODB": origins["table"],
            "AWS_ENDPOINT_URL_SQS": origins["queue"],
            "SLACK_URL": origins["slack"],
            "SLACK_HOOKS_URL": origins["slack"],
            "SENTRY_URL": origins["sentry"],
            "METRICS_NAMESPACE": "Belay",
            "SLACK_SIGNING_SECRET": secrets["slack_signing_secret"],
            "SLACK_CLIENT_ID": secrets["slack_client_id"],
            "SLACK_CLIENT_SECRET": secrets["slack_client_secret"],
            "MASTER_KEY": secrets["master_key"],
            "TOKEN_KEY": secrets["token_key"],
            "SENTRY_CLIENT_ID": secrets["sentry_client_id"],
            "SENTRY_CLIENT_SECRET": secrets["sentry_client_secret"],
        } | function.variables

    def _trust(self, tls):
        """The authority, in each language's own way."""
        if not tls:
            return {}
        alone, among_all = self.folder / "ca.pem", str(self.folder / "roots.pem")
        return {
            "SENTRY_CA_PEM": alone.read_text(),
            "NODE_EXTRA_CA_CERTS": str(alone),
            "SSL_CERT_FILE": among_all,
            "AWS_CA_BUNDLE": among_all,
            "REQUESTS_CA_BUNDLE": among_all,
        }

    def click(self, function, scenario, tls):
        """A new click, on its way to the function."""
        people = self.people
        person = click.STRANGER if scenario == UNLINKED else people["person"]
        hook = self.origins["tls" if tls else "plain"]["slack"] + f"/actions/{people['team']}/1/bench"
        body = click.body(people["team"], people["app"], person, hook)
        secret = people["secrets"]["slack_signing_secret"]
        return click.event(function.path, body, secret, forged=scenario == FORGED)

    def event(self, function, scenario, tls):
        """What the function is to be invoked with. For `perform`, a click is admitted first."""
        if not function.wakes_up:
            return self.click(function, scenario, tls)
        self.forget()
        self._front(tls).invoke(self.click(ACTION, scenario, tls))
        wake_ups = self.seen()["wake_ups"]
        if len(wake_ups) != 1:
            raise Failed(f"{ACTION.name} sent {len(wake_ups)} wake-ups for a click")
        return click.wake_up(wake_ups[0])

    def forget(self):
        self._ask_stand_ins("forget")

    def seen(self):
        return self._ask_stand_ins("calls")

    def _front(self, tls):
        """An `action` that admits clicks and is not measured."""
        if tls not in self.fronts:
            self.fronts[tls] = Sandbox(ACTION, self.environment(ACTION, tls), log=self.log)
        return self.fronts[tls]

    def _ask_stand_ins(self, word):
        self.stand_ins.stdin.write(word + "\n")
        self.stand_ins.stdin.flush()
        return json.loads(self.stand_ins.stdout.readline())


AWS = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "an-example-of-a-session-token",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_LAMBDA_FUNCTION_NAME": "bench",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/bench",
    "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "_HANDLER": "app.handler",
    "LANG": "en_US.UTF-8",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "TZ": ":UTC",
}


def make_certificates(folder):
    """An authority, `localhost`'s certificate under it, and a file of roots as large as usual."""

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    authority = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7 -subj /CN=bench"
    openssl(*authority.split(), "-keyout", "ca.key", "-out", "ca.pem")
    request = "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr"
    openssl(*request.split())
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    sign = "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 7 -extfile names"
    openssl(*sign.split(), "-out", "server.pem")
    usual = next((roots.read_text() for roots in SYSTEM_ROOTS if roots.exists()), "")
    (folder / "roots.pem").write_text((folder / "ca.pem").read_text() + usual)
