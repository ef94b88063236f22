"""Which Python `make` takes, and which it refuses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recsys.paths import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


def made_by(folder: Path, *arguments: str, **found: str) -> subprocess.CompletedProcess[str]:
    """Ask for an environment on a computer that has these commands, each of a version of Python.

    Args:
        found: such as python3_12="3.12"; "" for a command that does not work.
    """
    bin = folder / "bin"
    bin.mkdir()
    (bin / "make").symlink_to(str(shutil.which("make")))
    for name, version in found.items():
        command = bin / name.replace("_", ".")
        as_if = f"import sys; sys.version_info = ({version.replace('.', ', ')}, 0)"
        command.write_text(
            "#!/bin/sh\n"
            f'[ "{version}" ] || exit 127\n'
            f'case "$1" in\n  -c) exec {sys.executable} -c "{as_if}\n$2";;\n  --version) echo "Python {version}";;\n'
            f"  *) echo made by {command.name};;\nesac\n"
        )
        command.chmod(0o755)
    python = folder / "venv" / "bin" / "python"
    return subprocess.run(
        ["make", "-s", "-C", str(ROOT), f"VENV={folder / 'venv'}", str(python), *arguments],
        capture_output=True,
        text=True,
        env={"PATH": str(bin)},
    )


ALL = {"python3": "3.14", "python3_11": "3.11", "python3_12": "3.12", "python3_13": "3.13", "python3_14": "3.14"}


@pytest.mark.parametrize(
    ("found", "arguments", "takes"),
    [
        (ALL, [], "python3.13"),
        (ALL | {"python3_13": ""}, [], "python3.12"),
        ({"python3": "3.12", "python3_11": "3.11"}, [], "python3.11"),
        ({"python3": "3.12"}, [], "python3"),
        ({"python3": "3.13"}, [], "python3"),
        (ALL, ["PYTHON=python3.11"], "python3.11"),
    ],
    ids=["all", "one does not work", "by its version first", "python3 alone", "python3 alone, 3.13", "chosen"],
)
def test_the_newest_that_will_do_is_taken(
    tmp_path: Path, found: dict[str, str], arguments: list[str], takes: str
) -> None:
    done = made_by(tmp_path, *arguments, **found)
    version = found[takes.replace(".", "_")]
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Using {takes}, which is Python {version}\nmade by {takes}\n"


@pytest.mark.parametrize(
    ("found", "arguments"),
    [({"python3": "3.10"}, []), ({"python3": "3.14"}, []), (ALL, ["PYTHON=python3.14"])],
    ids=["too old", "too new", "too new, chosen"],
)
def test_others_are_refused_in_one_sentence(tmp_path: Path, found: dict[str, str], arguments: list[str]) -> None:
    done = made_by(tmp_path, *arguments, **found)
    assert done.returncode != 0
    assert done.stdout == ""
    sentence, of_make = done.stderr.splitlines()
    assert sentence == (
        "Python 3.11, 3.12 or 3.13 is needed (for 3.14 there is no tensorflow); "
        f"found {found['python3']}. To choose: make PYTHON=python3.13"
    )
    assert of_make.startswith("make: ***")
