"""The command line: `python -m recsys COMMAND`. Results on stdout, progress on stderr, exit 2 for a user's mistake."""

# ruff: noqa: E402
from __future__ import annotations

import os
import signal


def _stop(*_: object) -> None:
    """Ctrl-C before there is anything to clean up: without a traceback through whatever is being imported."""
    try:
        os.write(2, b"recsys: stopped\n")
    finally:
        os._exit(130)


_IS_EARLY = __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _IS_EARLY:
    signal.signal(signal.SIGINT, _stop)

import argparse
import io
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from recsys.cli import app, data, evaluate, export, job, recommend, record, score, sweep, train, verify
from recsys.cli.bench import command as bench
from recsys.cli.parsing import Command, Parser, add_commands, check_values
from recsys.cli.serve import command as serve
from recsys.errors import UsageError, reason, remedied

COMMANDS: dict[str, Command] = {
    "app": app,
    "data": data,
    "recommend": recommend,
    "score": score,
    "train": train,
    "sweep": sweep,
    "evaluate": evaluate,
    "export": export,
    "bench": bench,
    "serve": serve,
    "verify": verify,
    "record": record,
    "job": job,
}
UNLISTED = ("job",)
"""Commands that the app starts; they are not in `--help`."""
MOVED = {name: f"record {name}" for name in record.COMMANDS} | {"report": "record tables"}
"""Old name of a command -> its name now."""

LONGEST = 2_000
"""Characters of an error's line; all names of models and data sets are a quarter of that."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command. The exit status: 0, 2 for what a person can mend, 1 for what nobody foresaw, 130 if stopped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # output does not die of a character that the terminal lacks
    status = _status(partial(_run, sys.argv[1:] if arguments is None else arguments))
    # What is still on its way to a full disk or a closed pipe would fail when nobody can say so any more.
    if status == 0:
        return _status(_flush)
    with suppress(OSError, ValueError):  # one message is enough; closed by `_close_output`, it has nothing left to say
        _flush()
    return status


def _run(arguments: list[str]) -> None:
    if arguments and (moved := MOVED.get(arguments[0])):
        raise UsageError(f"`{arguments[0]}` is `{moved}` now: python -m recsys {moved}")
    check_values(arguments)
    options = parser().parse_args(arguments)
    options.run(options)


def _status(step: Callable[[], object]) -> int:
    """The exit status of a step; what went wrong is said in one line, and nothing else."""
    try:
        step()
        return 0
    except SystemExit as ended:  # --help, and a training job that was cancelled
        return int(ended.code or 0)
    except BrokenPipeError:  # the reader, such as `head`, has closed the pipe
        _close_output()
        return 1
    except KeyboardInterrupt:
        return _say("stopped", 130)
    except Exception as error:
        said = remedied(error)
        return _say(said, 2) if said else _say(_unforeseen(error), 1)


def _flush() -> None:
    try:
        print(end="", flush=True)  # unlike sys.stdout, it may also be missing
    except OSError:
        _close_output()
        raise


def _close_output() -> None:
    """Else Python tries once more to write what is left in it when it ends, and complains."""
    with suppress(OSError, AttributeError):  # closed from the start, it is None
        sys.stdout.close()


def _say(text: str, status: int) -> int:
    if len(text) > LONGEST:  # what came in may be of any length, and what can be done stands last
        text = f"{text[: LONGEST // 2]} ... {text[-LONGEST // 2 :]}"
    with suppress(OSError):  # where nobody can be told, the status has to do
        print(f"recsys: {text}", file=sys.stderr, flush=True)
    return status


def _unforeseen(error: Exception) -> str:
    """One line about an error of the program's own; the details go into a file."""
    what = f"This should not have happened ({type(error).__name__}: {' '.join(str(error).split())[:200]})."
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="recsys-", suffix=".log", encoding="utf-8", errors="replace", delete=False
        ) as file:
            traceback.print_exception(error, file=file)
        return f"{what} Please report it with {file.name}."
    except OSError as full:
        return f"{what} The details could not be written: {reason(full)}."


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    whole = Parser(prog="python -m recsys", description="Train, measure and ask recommender models.")
    add_commands(whole, COMMANDS, required=True, unlisted=UNLISTED)
    return whole


if __name__ == "__main__":
    if _IS_EARLY:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
