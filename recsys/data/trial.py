"""The first reading of a zip from anybody, in a process of its own: whatever it costs there, the app goes on.

`python -m recsys.data.trial ZIP` is that process. It prints what is in the zip, or what is wrong with it, as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from recsys.data.movielens import reader
from recsys.errors import DataError, reason
from recsys.paths import ROOT

MAX_BYTES = 2 << 30
"""Address space of the process; MovieLens 10M, the largest that fits an upload, takes 0.9 GB."""
MAX_SECONDS = 120.0
SMALLER = "Hand in a smaller data set, or copy the zip into data/ and try `python -m recsys data check` on it."
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Found(NamedTuple):
    """What is in a zip; `name` is the layout's, or what the reader takes it for."""

    name: str
    n_ratings: int
    n_users: int
    n_films: int


def read(path: Path, *, shown: str) -> Found:
    """Read a zip elsewhere. Raises DataError, which calls it `shown`, also where it takes too much memory or time."""
    path = path.resolve()  # as seen from the other process's folder
    try:
        child = subprocess.run(
            [sys.executable, "-m", "recsys.data.trial", str(path), str(MAX_BYTES)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=MAX_SECONDS,  # then it is killed
            cwd=ROOT,
            env={**os.environ, **_ONE_THREAD},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DataError(f"to read it takes more than {MAX_SECONDS:g} seconds.", file=shown, remedy=SMALLER) from None
    except OSError as error:  # no memory or no number left for another process
        raise DataError(f"nothing can be read now: {reason(error)}.", file=shown, remedy="Try again later.") from None
    if child.returncode:  # it was killed, or ended by the bound on its memory
        problem = f"to read it takes more than {MAX_BYTES / 2**30:g} GiB of memory, or the reading was ended."
        raise DataError(problem, file=shown, remedy=SMALLER)
    answer = json.loads(child.stdout)
    if "problem" in answer:
        file = answer["file"].replace(str(path), shown)
        raise DataError(answer["problem"], file=file, line=answer["line"], remedy=answer["remedy"])
    return Found(**answer)


def _bound(n_bytes: int) -> None:
    """Least memory, time and importance for this process."""
    with suppress(ImportError):  # Windows has neither; there only the time is bounded
        import resource

        os.nice(10)
        resource.setrlimit(resource.RLIMIT_AS, (n_bytes, n_bytes))
        resource.setrlimit(resource.RLIMIT_CPU, (int(MAX_SECONDS), int(MAX_SECONDS)))  # where nobody is left to kill it


def _main(path: str, n_bytes: str) -> None:
    _bound(int(n_bytes))
    try:
        dataset = reader.load(Path(path))
        answer = Found(dataset.name, len(dataset), dataset.n_users, dataset.n_items)._asdict()
    except DataError as error:
        answer = {"problem": error.problem, "file": error.file, "line": error.line, "remedy": error.remedy}
    print(json.dumps(answer))


if __name__ == "__main__":
    _main(*sys.argv[1:])
