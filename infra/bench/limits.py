"""The processor: which one a function has to itself, and how much of it.

Lambda gives a function a share of a core that grows with its memory (1769 MB is one core), and leaves
the start-up alone: it is throttled from its first invocation on. So is it here, by the kernel's own
bandwidth control (cgroups, version 1 or 2), which takes root.
"""

import contextlib
import os
import platform
import time
from pathlib import Path

CORE_MB = 1769
PERIOD_US = 20_000  # Lambda's scheduler hands out quota by this period
CGROUPS = Path("/sys/fs/cgroup")


def quota_us(memory_mb):
    """How much of each period a function of this size may run."""
    return max(1_000, PERIOD_US * memory_mb // CORE_MB)  # the kernel takes no less than 1 ms


class Share:
    """The share of a core that goes with `memory_mb`; a full core is not held back at all."""

    def __init__(self, memory_mb):
        self.memory_mb = memory_mb
        self.group = None

    def __enter__(self):
        if self.memory_mb < CORE_MB:
            self.group = make_group(quota_us(self.memory_mb))
        return self

    def __exit__(self, *_):
        if self.group:
            remove_group(self.group)

    def hold(self, pid):
        """From now on."""
        if self.group:
            (self.group / "cgroup.procs").write_text(str(pid))


def why_not():
    """Why functions cannot be held back here; `None` if they can."""
    try:
        remove_group(make_group(quota_us(128)))
    except OSError as error:
        return f"cannot limit the processor ({error.strerror}: {error.filename}); it takes root and cgroups"
    return None


def make_group(quota):
    """A group of processes that may run for `quota` microseconds of each period."""
    version_2 = (CGROUPS / "cgroup.controllers").exists()
    group = (CGROUPS if version_2 else CGROUPS / "cpu") / f"belay-bench-{os.getpid()}"
    group.mkdir()
    try:
        if version_2:
            (group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
        else:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
    except OSError:
        remove_group(group)
        raise
    return group


def remove_group(group):
    """Once its last process is gone, which the kernel may notice a moment later."""
    for _ in range(100):
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.02)


def split_cores():
    """Takes this process off the last core, which is the functions' from now on; `None` if it is the only one."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return None
    os.sched_setaffinity(0, cores[:-1])
    return cores[-1]


@contextlib.contextmanager
def on_core(core):
    """What is started in here runs there."""
    before = os.sched_getaffinity(0)
    if core is not None:
        os.sched_setaffinity(0, [core])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_ms(pid):
    """The processor time of a process so far, all its threads, the ended ones too."""
    process_clock = (~pid << 3) | 2  # clock_getcpuclockid(3), as the kernel numbers it
    return time.clock_gettime_ns(process_clock) / 1e6


def peak_memory_mib(pid):
    """The most that was ever resident (`VmHWM`)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def machine():
    """What a figure has to be read with."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
    }
