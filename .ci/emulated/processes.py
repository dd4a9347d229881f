"""What runs beside the checks, and where it leaves its logs."""
import contextlib
import pathlib
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WORK = ROOT / "target/ci-emulator"


def start(ending, command, log, environment):
    """Starts it, to be stopped when `ending` ends."""
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=log.open("w"), stderr=subprocess.STDOUT
    )
    ending.callback(process.wait)
    ending.callback(process.terminate)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    for _ in range(150):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise SystemExit(f"nothing listens at {port}")
