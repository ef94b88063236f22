"""What a grid is given: a small table of text, whose rows are models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict

from recsys.models import registry
from recsys.ui.components.mount import Component


class Head(TypedDict):
    """The head of a column; with a `color`, a place in the theme's chartCategoricalColors, it names a model.

    `word` says where the text is explained, if it is a technical word.
    """

    text: str
    word: NotRequired[str | None]
    note: NotRequired[str]
    color: NotRequired[int]


class Cell(TypedDict):
    """`notes` stand under the text; `tone` is "self", "better" or "worse"."""

    text: str
    notes: NotRequired[list[str]]
    strong: NotRequired[bool]
    tone: NotRequired[str | None]


class Row(TypedDict):
    label: str
    word: NotRequired[str | None]
    color: NotRequired[int]
    cells: list[Cell]


class GridPayload(TypedDict):
    """The first of `head` stands above the labels of the rows."""

    caption: str
    head: list[Head]
    rows: list[Row]
    dense: NotRequired[bool]


draw: Component[GridPayload] = Component("grid", "table")


def model_row(model: str, cells: list[Cell]) -> Row:
    """A row of a model of the registry, with its mark."""
    entry = registry.entry(model)
    return {"label": entry.label, "color": entry.color, "cells": cells}


def cells(*texts: str) -> list[Cell]:
    """Cells of nothing but text."""
    return [{"text": text} for text in texts]


def table(data: GridPayload) -> tuple[list[str], list[list[object]]]:
    """For a file: header and rows, with the notes of a head or a cell behind its text."""

    def whole(text: str, notes: Sequence[str]) -> str:
        return f"{text} ({'; '.join(notes)})" if notes else text

    header = [whole(head["text"], [head["note"]] if head.get("note") else []) for head in data["head"]]
    rows: list[list[object]] = []
    for row in data["rows"]:
        rows.append([row["label"], *(whole(cell["text"], cell.get("notes", [])) for cell in row["cells"])])
    return header, rows
