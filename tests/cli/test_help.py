"""`--help` of every command: a line for each option, and an example that can be typed as it stands."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator

import pytest

from recsys.__main__ import MOVED, UNLISTED, main, parser

JOB_ONLY = {"--progress", "--stop-file", "--refit", "--parent"}
"""What the Train page alone says to its child processes."""


def parsers(of: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser and all below it."""
    yield of
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from parsers(below)


COMMANDS = [each for each in parsers(parser()) if each.prog != "python -m recsys"]


def test_there_is_something_to_look_at() -> None:
    assert {"python -m recsys recommend", "python -m recsys record fold-in"} <= {each.prog for each in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.prog)
def test_every_option_has_a_line(command: argparse.ArgumentParser) -> None:
    text = command.format_help()
    for action in command._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        names = set(action.option_strings)
        assert (action.help == argparse.SUPPRESS) == bool(names & JOB_ONLY), names
        assert action.help, names
        default = action.default
        if argparse.SUPPRESS not in (action.help, default) and isinstance(default, str | int) and default:
            assert f"default: {default}" in action.help, names
    assert not any(name in text for name in JOB_ONLY)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.prog)
def test_the_example_of_every_command_parses(command: argparse.ArgumentParser) -> None:
    assert command.description
    title, *examples = str(command.epilog).splitlines()
    assert title == "example:"
    assert examples
    for example in examples:
        assert example.strip().startswith(command.prog)
        options = parser().parse_args(shlex.split(example)[3:])
        assert callable(options.run)


def test_what_the_app_alone_starts_is_not_listed() -> None:
    listed = parser().format_help()
    assert "verify" in listed
    assert not any(re.search(rf"\b{name}\b", listed) for name in UNLISTED)


@pytest.mark.parametrize(("old", "new"), MOVED.items())
def test_an_old_spelling_says_the_new_one(old: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([old, "--dataset", "demo"]) == 2
    assert capsys.readouterr() == ("", f"recsys: `{old}` is `{new}` now: python -m recsys {new}\n")


def test_record_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record"]) == 2
    assert capsys.readouterr().err.startswith("recsys: `record` needs one of: curve, films,")
