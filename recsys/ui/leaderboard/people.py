"""For whom: the same numbers by groups of users."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.evaluation.leaderboard import level, mainstream, mean_and_interval, thirds
from recsys.models.registry import BY_NAME
from recsys.ui import charts, components, loaders
from recsys.ui.leaderboard import duel
from recsys.ui.leaderboard.metric_columns import HEADLINE
from recsys.ui.leaderboard.standings import Standing, per_user_of, values_of
from recsys.ui.people import ACTIVITY
from recsys.ui.text import count, number

FEW = 20
"""A mean over fewer users says little."""
MOST_NAMED = 4
"""More models or groups than this are counted, not named."""

MARKS = (
    "A model leads, in bold, only where a paired test (the same users under both models) puts it above every other; ≈ "
    "is level with the highest, too close to call. The tests are corrected for their number (Holm 1979)."
)

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
    charts.heading(table["title"], table["says"])
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
    return slices_payload([(part, _per_user) for part in (everybody, *slices(_dataset, kind))])


def slices_payload(parts: Sequence[tuple[Slice, Mapping[str, np.ndarray]]]) -> dict[str, Any]:
    """Every model's mean in every group, as JSON: groups as rows, models as columns.

    Args:
        parts: groups and the values of all users, of the same models each; everybody first.
    """
    names = list(parts[0][1])
    rows, groups, top = [], [], 0.0
    for part, per_user in parts:
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
                    "mark": "",
                }
            )
            top = max(top, high if math.isfinite(high) else mean if is_known else 0.0)
        if counted == 0:
            continue  # nobody in it liked anything of what was hidden
        few = counted < FEW
        rows.append({"label": part.label, "note": part.note, "n": counted, "few": few, "says": "", "cells": cells})
        groups.append({name: values[part.users] for name, values in per_user.items()})
    # Who leads over everybody is asked once, as on Standings; the groups are asked all at once.
    for asked in (range(min(1, len(rows))), range(1, len(rows))):
        large = [place for place in asked if not rows[place]["few"]]
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
        f"something of what was hidden; the line is its 95 % interval, all cells on one scale. {MARKS} Groups of fewer "
        f"than {FEW} users are marked as few and have no leader: one or two users can change them.",
    }


def _mark(row: dict[str, Any], highest: Sequence[str], names: Sequence[str]) -> None:
    """Mark who leads, or who is too close to call; a model without a rival leads nobody."""
    if sum(cell["value"] is not None for cell in row["cells"]) < 2:
        return
    for name in highest:
        row["cells"][names.index(name)]["mark"] = "leads" if len(highest) == 1 else "level"
    who = named(highest)
    row["says"] = f"{who} leads" if len(highest) == 1 else f"level: {who}"


def named(models: Sequence[str]) -> str:
    """Models in a sentence: "GRU, BPR and EASE", or "7 models"."""
    if len(models) > MOST_NAMED:
        return count(len(models), "model")
    return _and([BY_NAME[name].label for name in models])


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def leaders_in_words(rows: Sequence[dict[str, Any]], models: Sequence[str]) -> tuple[str, str]:
    """Who leads in which groups, and who is never clearly behind; the first row is everybody."""
    if len(models) < 2:
        return f"Only {named(models)} has been measured", ""
    marked = {
        row["label"]: names
        for row in rows[1:]
        if (names := [name for name, cell in zip(models, row["cells"], strict=True) if cell["mark"]])
    }
    if not marked:
        return "Every group here is too small to say who leads", ""
    leads: dict[str, list[str]] = defaultdict(list)
    for group, names in marked.items():
        if len(names) == 1:
            leads[names[0]].append(group)
    close = [group for group, names in marked.items() if len(names) > 1]
    ordered = sorted(leads, key=lambda name: -len(leads[name]))
    if len(ordered) == 1 and not close:
        return f"{named(ordered)} leads in every group that is large enough to tell", ""
    never_behind = [name for name in models if all(name in names for names in marked.values())]
    says = f"{named(never_behind)} {'is' if len(never_behind) == 1 else 'are'} never clearly behind."
    title = "No model leads in any group: at the top it is too close to call"
    if leads:
        title = f"Who leads: {'; '.join(f'{named([name])} for {_groups(leads[name])}' for name in ordered)}"
        title += f"; too close to call for {_groups(close)}" if close else ""
    return title, says if never_behind else ""


def _groups(labels: Sequence[str]) -> str:
    return _and(labels) if len(labels) <= MOST_NAMED else count(len(labels), "group")
