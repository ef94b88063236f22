"""What there is to train on, found without importing a training framework into this process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

from recsys.errors import UsageError

NAMES = ("auto", "cpu", "cuda")
SECONDS_TO_ANSWER = 60
_ASK_TORCH = (
    "import json, torch; "
    "gpus = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]; "
    "print(json.dumps([[gpu.name, gpu.total_memory] for gpu in gpus]))"
)


@dataclass(frozen=True)
class Device:
    """`name` is as `--device` takes it, `text` for people: "NVIDIA H200, 139 GiB"."""

    name: str
    text: str


def n_cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu() -> Device:
    cores = n_cores()
    return Device("cpu", f"CPU, {cores} {'core' if cores == 1 else 'cores'}")


def work_per_core() -> float:
    """Processes that wanted a core in the last minute, per core: 1 = all are taken. 0 on Windows, which counts none."""
    try:
        return os.getloadavg()[0] / n_cores()
    except (AttributeError, OSError):
        return 0.0


@cache
def gpu() -> Device | None:
    """The first GPU that torch can use; None without one. Takes seconds the first time, where there is a driver."""
    if shutil.which("nvidia-smi") is None and not os.path.exists("/dev/nvidiactl"):
        return None
    try:
        answer = subprocess.run(
            [sys.executable, "-c", _ASK_TORCH], capture_output=True, text=True, timeout=SECONDS_TO_ANSWER, check=True
        )
        gpus = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Device("cuda", f"{gpus[0][0]}, {gpus[0][1] / 2**30:.0f} GiB") if gpus else None


def resolve(name: str, *, uses_gpu: bool = True) -> Device:
    """The device for "auto", "cpu" or "cuda"; a model that cannot use a GPU gets the CPU. Raises UsageError."""
    if name not in NAMES:
        raise UsageError(f"device must be auto, cpu or cuda. Received {name!r}.")
    found = gpu() if name != "cpu" and uses_gpu else None
    if name == "cuda" and uses_gpu and found is None:
        raise UsageError("No GPU was found. Use --device cpu, or auto to take one where there is one.")
    return found or cpu()


def in_words() -> str:
    """What was found, for the page: "no GPU found: CPU, 2 cores"."""
    found = gpu()
    return f"{found.text}; {cpu().text}" if found else f"no GPU found: {cpu().text}"
