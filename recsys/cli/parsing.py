"""What the parsers of all commands have in common: errors of one line, an example below the options, shared options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, Protocol

from recsys.data import reading
from recsys.errors import UsageError, show


class Command(Protocol):
    """A module that is a command.

    ABOUT is a sentence for the list of commands and for the command's own help; EXAMPLE can be typed as it stands.
    """

    ABOUT: str
    EXAMPLE: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, options: argparse.Namespace) -> None: ...


_NO_VALUE = re.compile(r"(-[a-z]|--[a-z-]+)=?--")
_WHOLE = re.compile("-?[0-9]{1,18}")  # as in data files: \\d would be the digits of any script, int() also takes 1_0


class Parser(argparse.ArgumentParser):
    """argparse, with errors like all others: of one line, and also where the help cannot be written."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")

    def print_help(self, file: Any = None) -> None:
        print(self.format_help(), end="", file=file)


def add_commands(
    parser: argparse.ArgumentParser,
    commands: Mapping[str, Command],
    *,
    required: bool,
    unlisted: Collection[str] = (),
) -> None:
    """Add a parser for each command; parsed options have its `run`. Unlisted commands are not in `--help`."""
    parsers = parser.add_subparsers(required=required, metavar="COMMAND")
    for name, command in commands.items():
        listed: dict[str, Any] = {} if name in unlisted else {"help": command.ABOUT}
        added = parsers.add_parser(
            name,
            **listed,
            description=command.ABOUT,
            epilog=f"example:\n  {command.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,  # an example stays on its line
        )
        added.set_defaults(run=command.run)
        command.add_arguments(added)


def check_values(arguments: Sequence[str]) -> None:
    """Raises UsageError for an option that is said to be "--": argparse would hand on an empty list in its place."""
    for argument in arguments:
        if found := _NO_VALUE.fullmatch(argument):
            raise UsageError(f"{found[1]} needs a value, and -- is none.")


def whole(text: str) -> int:
    """A whole number. Raises ArgumentTypeError."""
    if not _WHOLE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"a whole number is needed. Received {show(text)}")
    return int(text)


PORTS = range(1, 2**16)


def port(text: str) -> int:
    """A port's number. Raises ArgumentTypeError."""
    if not _WHOLE.fullmatch(text) or int(text) not in PORTS:
        raise argparse.ArgumentTypeError(f"a number from {PORTS[0]} to {PORTS[-1]} is needed. Received {show(text)}")
    return int(text)


def stars(text: str) -> float:
    """A number, as in data files. Raises ArgumentTypeError."""
    try:
        return reading.number("number of stars", text)
    except reading.Fault as fault:
        raise argparse.ArgumentTypeError(fault.problem) from None


def path_named(text: str) -> Path:
    """The path that an argument names. Raises ArgumentTypeError for an empty one: nobody means this folder by it."""
    if not text.strip():
        raise argparse.ArgumentTypeError("a path is needed, and this one is empty")
    return Path(text)


_SHARED: dict[str, dict[str, Any]] = {
    "model": {"help": "a name, several separated by commas, main (the six and the baselines), or all"},
    "--dataset": {"required": True, "help": "name of the data set, such as ml-100k or demo"},
    "--models": {"help": "names separated by commas (default: all trained models)"},
    "-k": {"type": whole, "default": 10, "help": "length of the lists (default: 10)"},
    "--seed": {"type": whole, "default": 0, "help": "for everything that is random (default: 0)"},
    "--device": {"default": "auto", "help": "auto, cpu or cuda (default: auto)"},
    "--engine": {"default": "loky", "help": "loky (this machine), ray or dask (default: loky)"},
    "--address": {"help": "address of a running Ray or Dask cluster (default: one started on this machine)"},
    "--jobs": {"type": whole, "help": "jobs at the same time (default: 1; with ray or dask, one per worker)"},
    "--again": {"action": "store_true", "help": "also redo the models whose record is up to date"},
    "--json": {"action": "store_true", "help": "print the answer as JSON"},
}


def add_shared(parser: argparse._ActionsContainer, *names: str) -> None:
    """Arguments that several commands take, in the same words."""
    for name in names:
        parser.add_argument(name, **_SHARED[name])


def no_arguments(_parser: argparse.ArgumentParser) -> None:
    """The `add_arguments` of a command that takes none."""
