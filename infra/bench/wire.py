"""HTTP/1.1 messages on a blocking socket: just enough for clients that are known."""

from dataclasses import dataclass


@dataclass
class Message:
    """A request or a response, taken apart and as it came."""

    start: str
    headers: dict
    body: bytes
    raw: bytes


class Connection:
    """One keep-alive connection, read message by message."""

    def __init__(self, sock):
        self.sock = sock
        self.unread = bytearray()

    def read(self):
        """The next message; `None` when the other side has hung up."""
        head = self._until(b"\r\n\r\n", 0)
        if head is None:
            return None
        lines = bytes(self.unread[: head - 4]).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines[1:])
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        if headers.get("expect", "").lower() == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body, end = self._chunks(head)
        else:
            end = head + int(headers.get("content-length", 0))
            self._at_least(end)
            body = bytes(self.unread[head:end])
        raw = bytes(self.unread[:end])
        del self.unread[:end]
        return Message(lines[0], headers, body, raw)

    def write(self, data):
        self.sock.sendall(data)

    def _chunks(self, at):
        """The body whose chunks begin at `at`, and where they end."""
        body = bytearray()
        while True:
            line_end = self._until(b"\r\n", at)
            if line_end is None:
                raise ConnectionError("hung up inside a chunked body")
            size = int(bytes(self.unread[at : line_end - 2]).split(b";")[0], 16)
            self._at_least(line_end + size + 2)
            body += self.unread[line_end : line_end + size]
            at = line_end + size + 2
            if size == 0:
                return bytes(body), at

    def _until(self, mark, at):
        """Where the first `mark` after `at` ends; `None` when there will be none."""
        while (found := self.unread.find(mark, at)) < 0:
            if not self._receive():
                return None
        return found + len(mark)

    def _at_least(self, size):
        while len(self.unread) < size:
            if not self._receive():
                raise ConnectionError("hung up inside a message")

    def _receive(self):
        data = self.sock.recv(65536)
        self.unread += data
        return bool(data)


def response(status, body, headers=()):
    """A response with its length."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
