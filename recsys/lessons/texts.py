"""The words of the lessons are data: TOML files in texts/, which a teacher can change without touching the program."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from recsys.lessons.base import Box, Code, Flow, Formula, Place, Symbol

_FOLDER = Path(__file__).with_name("texts")


def read(name: str) -> dict[str, Any]:
    """The file of that name, as it stands."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def of_lesson(name: str) -> dict[str, Any]:
    """The fields of a Lesson that are words, formulas and places."""
    text = read(name)
    flow, formulas, code, symbols = (text.pop(key) for key in ("flow", "formulas", "code", "symbols"))
    rows = tuple(tuple(Box(**box) for box in row) for row in flow["rows"])
    return {
        **{key: tuple(value) if isinstance(value, list) else value for key, value in text.items()},
        "model": _place(text["model"]),
        "config": _place(text["config"]),
        "flow": Flow(rows, tuple(tuple(path.split(" > ")) for path in flow["paths"]), flow["says"]),
        "formulas": tuple(Formula(**formula) for formula in formulas),
        "symbols": tuple(map(symbol, symbols)),
        "code": tuple(Code(**{**each, "place": _place(each["place"])}) for each in code),
    }


def symbol(text: dict[str, str]) -> Symbol:
    """One sign of a formula; its shape is letters of DIMENSIONS with spaces between."""
    return Symbol(**{**text, "shape": tuple(text.get("shape", "").split())})  # type: ignore[arg-type]


def _place(text: str) -> Place:
    return Place(*text.split("::"))
