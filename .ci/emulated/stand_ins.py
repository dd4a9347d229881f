"""The stand-ins for Slack and Sentry, and what stands at the public address."""
import contextlib
import http.server
import os
import subprocess
import threading

from .browser import Browser, request
from .processes import WORK, free_port, start, wait_for


class Stand:
    def __init__(self, ending, cloud):
        self.front = Front(ending, cloud)
        port, settings = free_port(), WORK / "stand-ins.env"
        subprocess.run(["cargo", "build", "--quiet", "--locked", "--package", "local"], check=True)
        command = ["target/debug/local", "stand-ins", "--url", self.front.url, "--env", str(settings)]
        start(ending, [*command, "--port", str(port)], WORK / "stand-ins.log", os.environ)
        wait_for(port)
        self.settings = dict(line.split("=", 1) for line in settings.read_text().splitlines())
        self.slack, self.sentry = self.settings["SLACK_URL"], self.settings["SENTRY_URL"]

    def page(self):
        """What Slack shows."""
        return Browser().open(self.slack)

    def button(self, action):
        """The form of the first message's button."""
        forms = [form for form in self.page().forms() if "at" in form]
        first = min(form["at"] for form in forms)
        return next((form for form in forms if form["at"] == first and form["action_id"].startswith(action)), None)

    def press(self, button):
        """Slack sends the click on."""
        self.front.answered.pop("/action", None)
        Browser().post(f"{self.slack}/ui/click", button)

    def is_resolved(self):
        """What Sentry shows of the issue behind the first message."""
        board = Browser().open(f"{self.sentry}/ui/board").body
        issue = next(card for card in board.split("<article")[1:] if "BACKEND-13" in card)
        return 'class="status resolved"' in issue


class Front:
    """What an operator puts before the API: it passes on what comes to the public address."""

    def __init__(self, ending, cloud):
        # The API's name, once it has one; and the last status of each path.
        self.cloud, self.host, self.answered = cloud, None, {}
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ending.callback(server.shutdown)

    def send(self, method, path, headers, body):
        headers = {name: value for name, value in headers.items() if name.lower() != "host"}
        reply = request(self.cloud.url, method, path, headers | {"Host": self.host}, body)
        self.answered[path] = reply.status
        return reply


def handler(front):
    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            reply = front.send(self.command, self.path, dict(self.headers), body)
            content = reply.body.encode()
            with contextlib.suppress(BrokenPipeError):  # who asked has gone
                self.send_response(reply.status)
                for name, value in reply.headers:
                    if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                        self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_POST = answer

        def log_message(self, *_):
            pass

    return Handler
