"""The Lambda Runtime API of one function process, and the clock of its invocations.

A function asks for work (`GET …/invocation/next`), is kept waiting until there is some, and posts its
answer (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). The clock starts when the event is
written to the socket and stops when the answer has been read from it.
"""

import queue
import socket
import threading
import time
import uuid

from wire import Connection, response

DEADLINE_MS = 30_000


class RuntimeApi:
    """Listens on loopback. What the function does is told in `told`, as (what, when in ns, body)."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.work = queue.SimpleQueue()
        self.told = queue.SimpleQueue()
        self.sent_at = 0
        self._in_a_thread(self._accept)

    def close(self):
        self.listener.close()
        self.work.put(None)

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._in_a_thread(self._serve, sock)

    def _serve(self, sock):
        connection = Connection(sock)
        try:
            while request := connection.read():
                self._answer(connection, request)
        except OSError:
            pass  # killed: its sandbox was closed
        finally:
            sock.close()

    def _answer(self, connection, request):
        now = time.perf_counter_ns()
        path = request.start.split(" ")[1]
        if path.endswith("/invocation/next"):
            self.told.put(("next", now, None))
            if (event := self.work.get()) is None:
                raise ConnectionError("closed")
            self._hand_over(connection, event)
            return
        self.told.put(("response" if path.endswith("/response") else "error", now, request.body))
        connection.write(response("202 Accepted", b'{"status":"OK"}', ["content-type: application/json"]))

    def _hand_over(self, connection, event):
        message = response("200 OK", event, [
            "content-type: application/json",
            f"lambda-runtime-aws-request-id: {uuid.uuid4()}",
            f"lambda-runtime-deadline-ms: {time.time_ns() // 1_000_000 + DEADLINE_MS}",
            "lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:123456789012:function:bench",
            "lambda-runtime-trace-id: Root=1-65f0c0de-0123456789abcdef01234567;Sampled=0",
        ])
        self.sent_at = time.perf_counter_ns()
        connection.write(message)

    @staticmethod
    def _in_a_thread(what, *arguments):
        threading.Thread(target=what, args=arguments, daemon=True).start()
