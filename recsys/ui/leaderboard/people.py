"""For whom: the same numbers by groups of users."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.evaluation.leaderboard import mainstream, thirds
from recsys.ui import charts, controls, export, loaders
from recsys.ui.components.slices.slices import Slice, SlicesPayload, draw, payload
from recsys.ui.components.slices.slices import table as slices_table
from recsys.ui.leaderboard import duel
from recsys.ui.leaderboard.metric_columns import HEADLINE
from recsys.ui.leaderboard.standings import Standing, clearly_better, facts, per_user_of, values_of
from recsys.ui.people import ACTIVITY

SLICINGS = {
    "activity": "Activity",
    "age": "Age",
    "gender": "Gender",
    "genre": "Favourite genre",
    "taste": "Mainstream or niche",
}


def show(dataset: Dataset, given: list[Standing]) -> None:
    per_user = per_user_of([s for s in given if s.name in values_of(given, HEADLINE)], HEADLINE)
    st.header("Whom does a model serve?", anchor=False)
    if not per_user:
        st.info("No model has been measured on this data set yet.", icon=":material/info:")
        return
    st.markdown("The average hides whom a model serves well. Choose how to group the users.")
    possible = {kind: title for kind, title in SLICINGS.items() if slices(dataset, kind)}
    chosen = controls.pills("Group users by", "groups", possible, key="slicing")
    key = tuple((name, loaders.manifest(dataset.name, name).sha256) for name in per_user)
    table = _table(key, chosen, dataset, per_user)
    charts.heading(table["title"], table["says"])
    about = facts(dataset.name, [s for s in given if s.name in per_user])
    with export.saved("slices", table["title"], about, is_chart=True, table=lambda: slices_table(table)):
        draw(key="slices", data=table)
    if len(per_user) > 1:
        duel.show(dataset, per_user, clearly_better(dataset.name, given))


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
) -> SlicesPayload:
    everybody = Slice("Everybody", np.arange(_dataset.n_users))
    return payload([(part, _per_user) for part in (everybody, *slices(_dataset, kind))])
