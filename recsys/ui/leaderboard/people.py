"""For whom: the same numbers by groups of users."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from recsys.dataset import Dataset
from recsys.leaderboard import mainstream, mean_and_interval, thirds
from recsys.registry import BY_NAME
from recsys.ui import components, loaders
from recsys.ui.columns import COLOR_OF
from recsys.ui.leaderboard import charts, duel
from recsys.ui.leaderboard.columns import HEADLINE
from recsys.ui.people import ACTIVITY
from recsys.ui.standings import Standing, per_user_of, values_of
from recsys.ui.text import number

FEW = 20
"""A mean over fewer users says little."""

SLICINGS = {
    "activity": "Activity",
    "age": "Age",
    "gender": "Gender",
    "genre": "Favourite genre",
    "taste": "Mainstream or niche",
}


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


def show(dataset: Dataset, given: list[Standing]) -> None:
    per_user = per_user_of([s for s in given if s.name in values_of(given, HEADLINE)], HEADLINE)
    st.subheader("Whom does a model serve?", anchor=False)
    if not per_user:
        st.info("No model has been measured on this data set yet.", icon=":material/info:")
        return
    st.markdown("The average hides whom a model serves well. Choose how to group the users.")
    possible = [kind for kind in SLICINGS if slices(dataset, kind)]
    if st.session_state.get("slicing") not in possible:
        st.session_state["slicing"] = possible[0]
    chosen = st.pills(
        "Group users by",
        possible,
        format_func=lambda each: SLICINGS[each],
        key="slicing",
        required=True,
        persist_state="session",
    )
    key = tuple((name, loaders.manifest(dataset.name, name).sha256) for name in per_user)
    table = _table(key, chosen or possible[0], dataset, per_user)
    charts.heading(table["title"])
    components.slices(key="slices", data=table)
    if len(per_user) > 1:
        duel.show(dataset, per_user)


def slices(dataset: Dataset, kind: str) -> list[Slice]:
    """The groups of one kind that have anybody in them; none where the data does not know."""
    people, task = loaders.people(dataset), loaders.task(dataset)
    if kind == "activity":
        low, high = people.bounds
        notes = (f"under {low} films", f"{low} to {high - 1} films", f"{high} films or more")
        return _by_code(people.activity, ACTIVITY, notes)
    if kind == "taste":
        names = ("niche", "in between", "mainstream")
        notes = ("the least known films", "", "the best known films")
        return _by_code(thirds(mainstream(task)), names, notes)
    if kind == "genre":
        found = _by_code(people.favourite, dataset.catalog.genre_names)
        return sorted(found, key=lambda each: -len(each.users))
    attribute = dataset.viewers.age if kind == "age" else dataset.viewers.gender
    return _by_code(attribute.codes - 1, attribute.names[1:]) if attribute.is_known else []


def _by_code(codes: np.ndarray, names: Sequence[str], notes: Sequence[str] = ()) -> list[Slice]:
    found = []
    for code, name in enumerate(names):
        users = np.flatnonzero(codes == code)
        if len(users):
            found.append(Slice(name, users, notes[code] if notes else ""))
    return found


@st.cache_data(max_entries=32, show_spinner=False)
def _table(
    key: tuple[tuple[str, str], ...], kind: str, _dataset: Dataset, _per_user: dict[str, np.ndarray]
) -> dict[str, Any]:
    everybody = Slice("Everybody", np.arange(_dataset.n_users))
    return slices_payload([everybody, *slices(_dataset, kind)], _per_user)


def slices_payload(parts: Sequence[Slice], per_user: dict[str, np.ndarray]) -> dict[str, Any]:
    """Every model's mean in every group, as JSON: groups as rows, models as columns."""
    rows, top = [], 0.0
    for part in parts:
        cells, counted = [], 0
        for values in per_user.values():
            mean, low, high, n = mean_and_interval(values, part.users)
            counted = max(counted, n)
            is_known = math.isfinite(mean)
            cells.append(
                {
                    "text": number(mean),
                    "value": mean if is_known else None,
                    "interval": [low, high] if math.isfinite(low) else None,
                    "range": f"{number(low)} to {number(high)}" if math.isfinite(low) else "",
                    "best": False,
                }
            )
            top = max(top, high if math.isfinite(high) else mean if is_known else 0.0)
        if counted == 0:
            continue  # nobody in it liked anything of what was hidden
        best = max(cell["value"] for cell in cells if cell["value"] is not None)
        for cell in cells:
            cell["best"] = cell["value"] == best
        rows.append({"label": part.label, "note": part.note, "n": counted, "few": counted < FEW, "cells": cells})
    return {
        "title": leaders_in_words(rows, list(per_user)),
        "models": [{"label": BY_NAME[name].label, "color": COLOR_OF[name]} for name in per_user],
        "rows": rows,
        "top": top or 1.0,
        "note": "Mean nDCG@10 of the users in a group who liked something of what was hidden; the line is its 95 % "
        f"interval, all cells on one scale. Groups of fewer than {FEW} users are marked as few: one or two users can "
        "change them.",
    }


def leaders_in_words(rows: Sequence[dict[str, Any]], models: Sequence[str]) -> str:
    """Who leads in how many groups; the first row is everybody."""
    leads: dict[str, list[str]] = defaultdict(list)
    for row in rows[1:]:
        if not row["few"]:
            first = next(place for place, cell in enumerate(row["cells"]) if cell["best"])
            leads[models[first]].append(row["label"])
    if not leads:
        return "Every group here is too small to say who leads"
    n = sum(map(len, leads.values()))
    ordered = sorted(leads, key=lambda name: -len(leads[name]))
    if len(ordered) == 1:
        return f"{BY_NAME[ordered[0]].label} leads in every group that is large enough to tell"
    says = [f"{BY_NAME[name].label} for {', '.join(leads[name])}" for name in ordered]
    most = ordered[0]
    if len(leads[most]) > 3:
        says[0] = f"{BY_NAME[most].label} in {len(leads[most])} of {n} groups"
    return f"Who leads: {'; '.join(says)}"
