"""The program as text: a definition by its name, the settings of a configuration. Parsed, never imported, so that the
app shows the code of a model without loading what the model needs.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from recsys.errors import UsageError
from recsys.lessons.base import Code, Place
from recsys.models.settings import Setting
from recsys.paths import ROOT

_Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Excerpt:
    """Lines `first` to `last` (from 1) of a file."""

    path: str
    first: int
    last: int
    text: str


def excerpt(code: Code, root: Path = ROOT) -> Excerpt:
    """The lines that `code` names, without the indentation that they share.

    Raises:
        UsageError: the file, the name or the text of a line is not there any more.
    """
    lines = _read(code.place, root).splitlines()
    node = _find(code.place, root)
    start, end = min([node.lineno, *(each.lineno for each in node.decorator_list)]), node.end_lineno or node.lineno
    first = _line(lines, code.first, start, end, code.place) if code.first else start
    last = _line(lines, code.last, first, end, code.place) if code.last else end
    return Excerpt(code.place.path, first, last, dedent("\n".join(lines[first - 1 : last])))


def settings_of(place: Place, root: Path = ROOT) -> tuple[Setting, ...]:
    """The fields of a configuration that call `setting(default, help, ...)`: name, default and help of each.

    Raises:
        UsageError: there is no such class.
    """
    found = []
    for line in _find(place, root).body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and isinstance(line.value, ast.Call):
            default, text = (ast.literal_eval(argument) for argument in line.value.args[:2])
            found.append(Setting(line.target.id, default, text))
    return tuple(found)


def words_of(place: Place, name: str, root: Path = ROOT) -> str:
    """The text of a class attribute, as `looks_at` of a model.

    Raises:
        UsageError: there is no such class or attribute.
    """
    for line in _find(place, root).body:
        if isinstance(line, ast.Assign) and name in (ast.unparse(target) for target in line.targets):
            return str(ast.literal_eval(line.value))
    raise UsageError(f"{place.path} has no {place.name}.{name} any more.")


def _read(place: Place, root: Path) -> str:
    try:
        return (root / place.path).read_text(encoding="utf-8")
    except OSError:
        raise UsageError(f"{place.path} is not there any more, so its code cannot be shown.") from None


def _find(place: Place, root: Path) -> _Definition:
    scope: ast.AST = ast.parse(_read(place, root))
    for part in place.name.split("."):
        # Whatever lies between, an `if` say, but not inside another definition of the same name.
        inside = (node for node in ast.walk(scope) if node is not scope and isinstance(node, _Definition))
        named = next((node for node in inside if node.name == part), None)
        if named is None:
            raise UsageError(f"{place.path} has no {place.name} any more, so its code cannot be shown.")
        scope = named
    assert isinstance(scope, _Definition)
    return scope


def _line(lines: list[str], text: str, start: int, end: int, place: Place) -> int:
    """The first line from `start` to `end` that contains the text."""
    for number in range(start, end + 1):
        if text in lines[number - 1]:
            return number
    raise UsageError(f"{place.path} has no line with {text!r} in {place.name} any more, so its code cannot be shown.")
