"""`python -m tests.hostile [TARGET ...]`: a process per target, one per core at once; a table; exit 1 if one fails."""

from __future__ import annotations

import argparse
import faulthandler
import json
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

from tests.hostile.targets import ROOT, TARGETS

MEGABYTES = 1_000
"""What all cases of a target may add to the process."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("target", nargs="*", help=f"some of: {', '.join(TARGETS)} (default: all)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--few", action="store_true", help="as many cases as `make test` tries")
    parser.add_argument("--case", type=int, help="this case alone, with its traceback")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = options.target or list(TARGETS)
    if unknown := set(names) - TARGETS.keys():
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    if options.child:
        print(json.dumps(attack(names[0], options.seed, few=options.few)))
        return 0
    if options.case is not None:
        with tempfile.TemporaryDirectory() as folder:
            print(TARGETS[names[0]].prepare(Path(folder))(_random(names[0], options.seed, options.case)))
        return 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda name: in_child(name, options.seed, few=options.few), names))
    print(f"{'target':<12}{'cases':>8}{'refused':>9}{'taken':>8}{'slowest':>10}{'memory':>10}{'failures':>10}")
    for name, found in zip(names, results, strict=True):
        print(
            f"{name:<12}{found['cases']:>8,}{found['refused']:>9,}{found['taken']:>8,}{found['slowest']:>8.2f} s"
            f"{found['megabytes']:>7,.0f} MB{len(found['failures']):>10}"
        )
    failures = [f"{name} {text}" for name, found in zip(names, results, strict=True) for text in found["failures"]]
    print(f"seed {options.seed}: {len(failures)} failures", *failures[:40], sep="\n")
    return 1 if failures else 0


def in_child(name: str, seed: int, *, few: bool) -> dict[str, Any]:
    """The counts of one target; a child that dies or hangs is a failure of it."""
    command = [sys.executable, "-m", "tests.hostile", name, "--seed", str(seed), "--child", *(["--few"] if few else [])]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    try:
        return json.loads(ended.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        why = f"died with {ended.returncode}: {ended.stderr[-1500:]}"
        return dict.fromkeys(("cases", "refused", "taken", "slowest", "megabytes"), 0) | {"failures": [why]}


def attack(name: str, seed: int, *, few: bool) -> dict[str, Any]:
    """Try all cases of a target in this process.

    Returns:
        cases, refused, taken: counts; slowest: seconds; megabytes: memory that they added; failures: texts.
    """
    logging.disable(logging.CRITICAL)  # the app logs what it refuses
    target, counts, failures, slowest = TARGETS[name], Counter[str](), [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        attempt = target.prepare(Path(folder))
        attempt(_random(name, seed, 0))  # what is loaded once is nobody's fault
        before = _peak_megabytes()
        n_cases = target.few if few else target.many
        for case in range(n_cases):
            faulthandler.dump_traceback_later(6 * target.seconds, exit=True)
            start = time.perf_counter()
            try:
                counts[attempt(_random(name, seed, case))] += 1
            except Exception as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                where = f"{Path(last.filename).name}:{last.lineno}"
                failures.append(f"--case {case}: {where}: {type(error).__name__}: {error}"[:400])
            seconds = time.perf_counter() - start
            slowest = max(slowest, seconds)
            if seconds > target.seconds:
                failures.append(f"--case {case}: took {seconds:.1f} s")
        faulthandler.cancel_dump_traceback_later()
        megabytes = _peak_megabytes() - before
    if megabytes > MEGABYTES:
        failures.append(f"took {megabytes:.0f} MB more than one case")
    found = {"cases": n_cases, "refused": counts["refused"], "taken": counts["taken"]}
    return found | {"slowest": slowest, "megabytes": megabytes, "failures": failures}


def _random(name: str, seed: int, case: int) -> Random:
    return Random(f"{seed}/{name}/{case}")


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
