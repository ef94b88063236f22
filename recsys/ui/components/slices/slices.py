"""What the slices component is given: every model's mean in groups of users, and who leads where."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from recsys.evaluation.leaderboard import mean_and_interval
from recsys.evaluation.statistics import at_the_top, clearly_better_of_all, level
from recsys.models.registry import BY_NAME
from recsys.ui.components.mount import Component
from recsys.ui.systems import MOST_NAMED, named
from recsys.ui.text import count, listed, number

FEW = 20
"""A mean over fewer users says little."""

MARKS = (
    "A model leads, in bold, only where a paired test (the same users under both models) puts it above every other; ≈ "
    "is level with the highest, too close to call. The tests are corrected for their number (Holm 1979)."
)


@dataclass(frozen=True, eq=False)
class Slice:
    """Some of the users.

    Args:
        label: who they are; note: what that means, "" where it is plain.
        users: their indices.
    """

    label: str
    users: np.ndarray
    note: str = ""


class SliceModel(TypedDict):
    label: str
    color: int


class SliceCell(TypedDict):
    """`mark` is "leads", "level" (too close to call) or ""."""

    text: str
    value: float | None
    interval: tuple[float, float] | None
    range: str
    mark: str


class SliceRow(TypedDict):
    """A group of `n` users; `says` names who leads."""

    label: str
    note: str
    n: int
    few: bool
    says: str
    cells: list[SliceCell]


class SlicesPayload(TypedDict):
    """`says` stands under the title on the page; `top` is the end of the scale that all cells share."""

    title: str
    says: str
    models: list[SliceModel]
    rows: list[SliceRow]
    top: float
    note: str


draw: Component[SlicesPayload] = Component("slices")


def payload(parts: Sequence[tuple[Slice, Mapping[str, np.ndarray]]]) -> SlicesPayload:
    """Every model's mean in every group, as JSON: groups as rows, models as columns.

    Args:
        parts: groups and the values of all users, of the same models each; everybody first.
    """
    names = list(parts[0][1])
    rows: list[SliceRow] = []
    groups: list[dict[str, np.ndarray]] = []
    top = 0.0
    for part, per_user in parts:
        found = [mean_and_interval(values, part.users) for values in per_user.values()]
        counted = max(n for *_, n in found)
        if counted == 0:
            continue  # nobody in it liked anything of what was hidden
        cells = [_cell(mean, low, high) for mean, low, high, _ in found]
        few = counted < FEW
        rows.append({"label": part.label, "note": part.note, "n": counted, "few": few, "says": "", "cells": cells})
        groups.append({name: values[part.users] for name, values in per_user.items()})
        top = max(top, *(each for of_model in found for each in of_model[:3] if math.isfinite(each)))
    large = [place for place in range(len(rows)) if not rows[place]["few"]]
    if large[:1] == [0]:  # everybody: of all pairs, as on Standings, so that both say the same
        means = {name: cell["value"] for name, cell in zip(names, rows[0]["cells"], strict=True)}
        known = {name: value for name, value in means.items() if value is not None}
        _mark(rows[0], at_the_top(known, clearly_better_of_all(groups[0])), names)
        large = large[1:]
    for place, highest in zip(large, level([groups[place] for place in large]), strict=True):
        _mark(rows[place], highest, names)
    title, says = leaders_in_words(rows, names)
    return {
        "title": title,
        "says": says,
        "models": [{"label": BY_NAME[name].label, "color": BY_NAME[name].color} for name in names],
        "rows": rows,
        "top": top or 1.0,
        "note": "Mean nDCG@10 (how many liked films are found, and how far up) of the users in a group who liked "
        f"at least one hidden film; the line is its 95 % interval, all cells on one scale. {MARKS} Groups of fewer "
        f"than {FEW} users are marked as few and have no leader: one or two users can change them.",
    }


def _cell(mean: float, low: float, high: float) -> SliceCell:
    has_interval = math.isfinite(low)
    return {
        "text": number(mean),
        "value": mean if math.isfinite(mean) else None,
        "interval": (low, high) if has_interval else None,
        "range": f"{number(low)} to {number(high)}" if has_interval else "",
        "mark": "",
    }


def _mark(row: SliceRow, highest: Sequence[str], names: Sequence[str]) -> None:
    """Mark who leads, or who is too close to call; a model alone leads nobody."""
    if sum(cell["value"] is not None for cell in row["cells"]) < 2:
        return
    for name in highest:
        row["cells"][names.index(name)]["mark"] = "leads" if len(highest) == 1 else "level"
    who = named(highest)
    row["says"] = f"{who} leads" if len(highest) == 1 else f"level: {who}"


def leaders_in_words(rows: Sequence[SliceRow], models: Sequence[str]) -> tuple[str, str]:
    """Who leads in which groups, and who is never clearly behind; the first row is everybody."""
    if len(models) < 2:
        return f"Only {named(models)} has been measured", ""
    leads: dict[str, list[str]] = defaultdict(list)
    close: list[str] = []
    never_behind = list(models)
    for row in rows[1:]:
        highest = [name for name, cell in zip(models, row["cells"], strict=True) if cell["mark"]]
        if not highest:
            continue
        never_behind = [name for name in never_behind if name in highest]
        if len(highest) == 1:
            leads[highest[0]].append(row["label"])
        else:
            close.append(row["label"])
    if not leads and not close:
        return "Every group here is too small to say who leads", ""
    ordered = sorted(leads, key=lambda name: -len(leads[name]))
    if len(ordered) == 1 and not close:
        return f"{named(ordered)} leads in every group that is large enough to tell", ""
    says = f"{named(never_behind)} {'is' if len(never_behind) == 1 else 'are'} never clearly behind."
    title = "No model leads in any group: at the top it is too close to call"
    if leads:
        title = f"Who leads: {'; '.join(f'{named([name])} for {_groups(leads[name])}' for name in ordered)}"
        title += f"; too close to call for {_groups(close)}" if close else ""
    return title, says if never_behind else ""


def _groups(labels: Sequence[str]) -> str:
    return listed(labels) if len(labels) <= MOST_NAMED else count(len(labels), "group")


def table(data: SlicesPayload) -> tuple[list[str], list[list[object]]]:
    """A group and a model per row, for a file: header and rows."""
    header = ["group", "note", "users", "model", "mean", "low", "high", "mark"]
    rows: list[list[object]] = []
    for row in data["rows"]:
        for model, cell in zip(data["models"], row["cells"], strict=True):
            interval = cell["interval"] or (None, None)
            rows.append([row["label"], row["note"], row["n"], model["label"], cell["value"], *interval, cell["mark"]])
    return header, rows
