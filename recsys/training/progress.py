"""What a job says while it runs: one JSON object a line, only ever appended, so that a reader may come at any time.

The writer is a training process; the reader is the app, which believes nothing: a line that is cut off, is not JSON or
holds nonsense is left out.
"""

from __future__ import annotations

import json
import math
import os
import stat
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil

from recsys.files import check_replaceable

EVENTS = ("started", "batch", "epoch", "phase", "retry", "finished", "cancelled", "failed")
WATCH, REFIT, MEASURE = "watch", "refit", "measure"
PHASES = (WATCH, REFIT, MEASURE)
LAST = ("finished", "cancelled", "failed")
"""Events after which nothing follows."""
MAX_BYTES = 4 * 2**20
"""Of a longer file only the beginning and the end are read."""
MAX_TEXT = 500
MAX_COUNT = 10**9
"""Of epochs and batches: two of them multiplied still are a step that TensorBoard and MLflow take."""
BATCH_SECONDS = (0.3, 1.0)
"""Batches are reported at most this often: in the beginning, and after a minute and a half."""


@dataclass(frozen=True)
class Record:
    """One line.

    Args:
        elapsed: seconds since the start by a clock that never goes back.
        phase: "watch" (learns from the training part, is measured on the validation part), "refit" (learns from both),
            "measure".
        epoch, batch: counted from 1; at an "epoch" event the number of those that are over.
        loss: of the epoch so far.
        metric, value: on the validation part, after an epoch.
        eta: estimated seconds until all epochs are over.
        best_epoch: the epoch whose model is the best so far or, in the end, was kept; 0 where all were used.
    """

    event: str
    elapsed: float = 0.0
    phase: str = WATCH
    epoch: int | None = None
    n_epochs: int | None = None
    batch: int | None = None
    n_batches: int | None = None
    loss: float | None = None
    metric: str | None = None
    value: float | None = None
    examples_per_second: float | None = None
    eta: float | None = None
    best_epoch: int | None = None
    memory_mb: float | None = None
    gpu_memory_mb: float | None = None
    device: str | None = None
    message: str | None = None


class Writer:
    """Appends records to a file, each with the time since this was made and the memory of this process in use."""

    def __init__(self, path: Path, gpu_memory: Callable[[], int | None] = lambda: None) -> None:
        check_replaceable(path)  # a pipe would be waited for
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._start, self._last_batch = time.monotonic(), -math.inf
        self._process, self._gpu_memory = psutil.Process(), gpu_memory

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._start

    def write(self, event: str, **values: Any) -> None:
        """Raises OSError where the disk is full."""
        on_gpu = self._gpu_memory()
        record = Record(
            event,
            elapsed=round(self.elapsed, 3),
            memory_mb=round(self._process.memory_info().rss / 2**20, 1),
            gpu_memory_mb=None if on_gpu is None else round(on_gpu / 2**20, 1),
            **values,
        )
        given = {
            name: value
            for name, value in asdict(record).items()
            if value is not None and (not isinstance(value, float) or math.isfinite(value))  # JSON has no NaN
        }
        # One write of one line: whoever reads meanwhile sees whole lines, but for the last.
        os.write(self._file, (json.dumps(given, ensure_ascii=False) + "\n").encode())

    def write_batch(self, **values: Any) -> None:
        """As `write`, but only now and then."""
        often, seldom = BATCH_SECONDS
        if self.elapsed - self._last_batch >= min(max(often, self.elapsed / 100), seldom):
            self._last_batch = self.elapsed
            self.write("batch", **values)

    def close(self) -> None:
        os.close(self._file)


def read(path: Path) -> list[Record]:
    """The records of a file, in order; none where there is no file."""
    try:
        state = path.stat()
    except OSError:
        return []
    if not stat.S_ISREG(state.st_mode):  # a pipe would be waited for
        return []
    return list(_read(path, state.st_ino, state.st_size, state.st_mtime_ns))


@lru_cache(maxsize=8)
def _read(path: Path, *_state: int) -> tuple[Record, ...]:
    """Once for all who look at the same moment. `_state` tells one moment from the next."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES // 2)
            rest = os.fstat(file.fileno()).st_size - len(content)
            if rest > 0:
                file.seek(max(-rest, -(MAX_BYTES // 2)), os.SEEK_END)
                content += b"\n" + file.read() if rest > MAX_BYTES // 2 else file.read()
    except OSError:
        return ()
    lines = content.split(b"\n")[:-1]  # what follows the last line's end is still being written
    return tuple(record for line in lines if (record := _parse(line)) is not None)


_NUMBERS = {field.name for field in fields(Record) if "float" in str(field.type)}
_COUNTS = {field.name for field in fields(Record) if "int" in str(field.type)}


def _parse(line: bytes) -> Record | None:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, dict) or raw.get("event") not in EVENTS or raw.get("phase", WATCH) not in PHASES:
        return None
    values: dict[str, Any] = {}
    for name, value in raw.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
        if name in _COUNTS:
            if is_number and value == int(value) and 0 <= value <= MAX_COUNT:
                values[name] = int(value)
        elif name in _NUMBERS:
            if is_number:
                values[name] = float(value)
        elif name in Record.__dataclass_fields__ and isinstance(value, str):
            values[name] = value[:MAX_TEXT] if value.isprintable() else one_line(value, MAX_TEXT)
    return Record(**values)


def one_line(value: object, most: int) -> str:
    """Text on one line of bounded length, without control characters and lone surrogates, which nobody can send."""
    return "".join(c for c in " ".join(str(value).split()) if c.isprintable())[:most]
