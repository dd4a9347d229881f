#!/usr/bin/env python3
"""Stands in for Slack, Sentry and SQS, and in front of the table. Counts the calls that reach each.

    stand_in.py TABLE_URL CERTIFICATE KEY

A process of its own, so that it shares no interpreter lock with the clock of the driver. Prints one
line of JSON with the origins, then answers each line of standard input with one of JSON:

    forget    nothing has been called
    calls     {"calls": {"table BatchGetItem": 1, …}, "bodies": {…: the last one}, "wake_ups": [...]}
"""

import collections
import hashlib
import json
import socket
import ssl
import sys
import threading
from urllib.parse import urlsplit

from wire import Connection, response

ISSUE = json.dumps({
    "id": "4509876543",
    "shortId": "WEB-1A2",
    "title": "TypeError: Cannot read properties of undefined (reading 'total')",
    "culprit": "renderSummary(app/checkout/summary.tsx)",
    "permalink": "https://acme.sentry.example/issues/4509876543/",
    "level": "error",
    "status": "resolved",
    "substatus": None,
    "statusDetails": {},
    "project": {"id": "2", "slug": "web", "name": "web", "platform": "javascript-react"},
    "count": "1234",
    "userCount": 310,
    "firstSeen": "2026-01-02T12:00:00Z",
    "lastSeen": "2026-01-05T12:00:00Z",
    "assignedTo": None,
    "activity": [],
}).encode()


class Seen:
    """What was called since it was last forgotten."""

    def __init__(self):
        self.lock = threading.Lock()
        self.forget()

    def forget(self):
        self.calls, self.bodies, self.wake_ups = collections.Counter(), {}, []
        return {}

    def note(self, name, body):
        with self.lock:
            self.calls[name] += 1
            self.bodies[name] = body.decode(errors="replace")

    def told(self):
        with self.lock:
            return {"calls": self.calls, "bodies": self.bodies, "wake_ups": self.wake_ups}


seen = Seen()


def slack(method, path, request):
    if path.startswith("/actions/"):
        seen.note("slack response_url", request.body)
        return "200 OK", b"ok"
    seen.note(f"slack {method} {path}", request.body)
    return "200 OK", b'{"ok":true}'


def sentry(method, path, request):
    seen.note(f"sentry {method}", request.body)
    return ("200 OK", ISSUE) if "/issues/" in path else ("404 Not Found", b"{}")


def queue(method, _path, request):
    target = request.headers.get("x-amz-target", method)
    seen.note("queue " + target.rpartition(".")[2], request.body)
    if not request.body:
        return "200 OK", b""  # a connection that is opened ahead of time
    message = json.loads(request.body)["MessageBody"]
    seen.wake_ups.append(message)
    digest = hashlib.md5(message.encode()).hexdigest()
    return "200 OK", json.dumps({"MessageId": digest, "MD5OfMessageBody": digest}).encode()


def answering(service):
    """Serves one connection with `service`."""

    def serve(connection):
        while request := connection.read():
            method, path, _ = request.start.split(" ")
            status, body = service(method, path, request)
            # RFC 9110, 9.3.2: with a body after a HEAD, the client would have to hang up.
            body = b"" if method == "HEAD" else body
            connection.write(response(status, body, ["content-type: application/json"]))
            if request.headers.get("connection", "").lower() == "close":
                return

    return serve


def table(url):
    """Serves one connection with the table behind it, byte for byte."""
    address = urlsplit(url)

    def serve(connection):
        with socket.create_connection((address.hostname, address.port)) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            behind = Connection(sock)
            while request := connection.read():
                target = request.headers.get("x-amz-target", request.start)
                seen.note("table " + target.rpartition(".")[2], request.body)
                behind.write(request.raw)
                connection.write(behind.read().raw)

    return serve


def listen(serve, tls=None):
    """Serves on a port of its own; the origin."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def one(sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with tls.wrap_socket(sock, server_side=True) if tls else sock as sock:
                serve(Connection(sock))
        except (OSError, AttributeError):
            pass  # the function was killed, as each one is in the end

    def accept():
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=one, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return f"http{'s' if tls else ''}://localhost:{listener.getsockname()[1]}"


def main():
    table_url, certificate, key = sys.argv[1:]
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    tls.set_alpn_protocols(["http/1.1"])
    services = {
        "slack": answering(slack),
        "sentry": answering(sentry),
        "queue": answering(queue),
        "table": table(table_url),
    }
    origins = {
        scheme: {name: listen(serve, context) for name, serve in services.items()}
        for scheme, context in (("plain", None), ("tls", tls))
    }
    print(json.dumps(origins), flush=True)
    answers = {"forget": seen.forget, "calls": seen.told}
    for line in sys.stdin:
        print(json.dumps(answers[line.strip()]()), flush=True)


if __name__ == "__main__":
    main()
