"""The functions that are measured: how each is started, what it is told, what it has to do.

`must_call` is exact: of each invocation every call is counted, and one too many or too few fails the
function. So a function that only answers is no fast function here.
"""

from dataclasses import dataclass, field
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent.parent
BUILT = ROOT / "target/bench"
RELEASE = ROOT / "target/release"
STAND_INS = RELEASE / "bench-stand-ins"

LINKED, UNLINKED, FORGED = "linked", "not linked", "bad signature"
SCENARIOS = (LINKED, UNLINKED, FORGED)

NODE = BUILT / "node24/node_modules/node/bin/node"
NODE_RUNTIME = BUILT / "ric/node_modules/aws-lambda-ric/index.mjs"
PYTHON = BUILT / "python-runtime/bin/python"


@dataclass
class Function:
    """One function, as it is deployed."""

    name: str
    command: list
    package: Path
    must_call: dict
    path: str = "/action"
    variables: dict = field(default_factory=dict)
    wakes_up: bool = False  # it is handed what the click has put into the queue, not the click
    does_nothing: bool = False

    @property
    def folder(self):
        return self.package if self.package.is_dir() else self.package.parent

    @property
    def scenarios(self):
        return tuple(self.must_call)

    def status(self, scenario):
        """What it has to answer; nothing in particular, if it is not asked by HTTP."""
        if self.wakes_up:
            return None
        return 401 if scenario == FORGED and not self.does_nothing else 200


READ = {"table BatchGetItem": 1}
SAID = {"slack response_url": 1}
CHANGED = {"sentry PUT": 1}
BOLT = {LINKED: READ | CHANGED | SAID, UNLINKED: READ | SAID, FORGED: {}}

ACTION = Function(
    name="belay action",
    command=[str(RELEASE / "action")],
    package=RELEASE / "action",
    must_call={
        # The job with its place among the clicks on this issue, and the wake-up.
        LINKED: READ | {"table TransactWriteItems": 1, "queue SendMessage": 1},
        # The click waits in a flow.
        UNLINKED: READ | {"table PutItem": 1} | SAID,
        FORGED: {},
    },
)
PERFORM = Function(
    name="belay perform",
    command=[str(RELEASE / "perform")],
    package=RELEASE / "perform",
    must_call={
        # The claim, other alerts about the issue, and the end of the job.
        LINKED: READ
        | {"table UpdateItem": 1, "table Query": 1, "table PutItem": 1}
        | CHANGED
        | SAID,
    },
    wakes_up=True,
)
EMPTY = Function(
    name="empty",
    command=[str(BUILT / "empty/release/empty")],
    package=BUILT / "empty/release/empty",
    must_call={LINKED: {}, FORGED: {}},
    does_nothing=True,
)
BOLT_JS = Function(
    name="bolt-js",
    command=[str(NODE), str(NODE_RUNTIME), "app.handler"],
    package=BUILT / "bolt-js",
    must_call=BOLT,
    path="/slack/events",
)
BOLT_PYTHON = Function(
    name="bolt-python",
    command=[str(PYTHON), "-m", "awslambdaric", "app.handler"],
    package=BUILT / "bolt-python",
    must_call=BOLT,
    path="/slack/events",
    variables={"PYTHONPATH": str(BUILT / "bolt-python")},
)
ALL = (ACTION, PERFORM, EMPTY, BOLT_JS, BOLT_PYTHON)
