"""The command line: `python -m recsys COMMAND`. Results on stdout, progress on stderr, exit 2 for a user's mistake."""

from __future__ import annotations

import argparse
import sys

from recsys.cli import data, evaluate, export, job, recommend, record, score, sweep, train, verify
from recsys.cli.bench import command as bench
from recsys.cli.parsing import Command, Parser, add_commands
from recsys.errors import RecsysError, UsageError

COMMANDS: dict[str, Command] = {
    "data": data,
    "recommend": recommend,
    "score": score,
    "train": train,
    "sweep": sweep,
    "evaluate": evaluate,
    "export": export,
    "bench": bench,
    "verify": verify,
    "record": record,
    "job": job,
}
UNLISTED = ("job",)
"""Commands that the app starts; they are not in `--help`."""
MOVED = {name: f"record {name}" for name in record.COMMANDS} | {"report": "record tables"}
"""Old name of a command -> its name now."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments and (moved := MOVED.get(arguments[0])):
            raise UsageError(f"`{arguments[0]}` is `{moved}` now: python -m recsys {moved}")
        options = parser().parse_args(arguments)
        options.run(options)
    except RecsysError as error:
        print(f"recsys: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, such as `head`, has closed the pipe
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        print("recsys: stopped", file=sys.stderr)
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    whole = Parser(prog="python -m recsys", description="Train, measure and ask recommender models.")
    add_commands(whole, COMMANDS, required=True, unlisted=UNLISTED)
    return whole


if __name__ == "__main__":
    sys.exit(main())
