"""The documents say what is so: the drawing of the packages, the files and functions that are named, the links."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError
from pathlib import Path

import pytest

from recsys.cli import architecture
from recsys.paths import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_readme_is_short() -> None:
    assert len(DOCUMENTS[0].read_text(encoding="utf-8").splitlines()) <= 130


def test_the_drawing_is_that_of_the_imports() -> None:
    assert architecture.drawing() in ARCHITECTURE, "run: python -m recsys record architecture"
    assert architecture.table() in ARCHITECTURE, "run: python -m recsys record architecture"


def test_every_package_has_a_line() -> None:
    for path in (ROOT / "recsys").iterdir():
        if path.is_dir() and any(path.glob("*.py")):
            assert f"| `{path.name}/` |" in ARCHITECTURE


def test_the_imports_are_those_of_the_files(tmp_path: Path) -> None:
    package = tmp_path / "house"
    for name, text in {
        "roof/__init__.py": "from house import wall\ndef f():\n    import house.wall.brick, json\n",
        "wall/__init__.py": "",
        "wall/brick.py": "from house.errors import Error\nfrom house.wall import other\n",
        "errors.py": "",
    }.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    assert list(architecture.imports(package).items()) == [("roof", {"wall"}), ("wall", {"base"}), ("base", set())]
    (package / "errors.py").write_text("import house.roof")
    with pytest.raises(CycleError):
        architecture.imports(package)


def test_the_house_has_at_most_eight_floors() -> None:
    floors: dict[str, int] = {}
    for box, below in reversed(architecture.imports().items()):
        floors[box] = 1 + max((floors[each] for each in below), default=0)
    assert max(floors.values()) <= 8


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_points_to_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#\s]+)", text):
        assert link.startswith("https://") or (document.parent / link).exists(), link
    # `recsys/file.py` or `recsys/file.py:name`; those of CONTRIBUTING with <name> are to be written by the reader
    for file, name in re.findall(r"`(recsys/[\w/]+\.py)(?::(\w+))?`", text):
        assert (ROOT / file).is_file(), file
        if name:
            defined = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
            assert name in {getattr(node, "name", None) for node in defined}, f"{file}:{name}"
