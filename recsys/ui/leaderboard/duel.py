"""Two models against each other, user by user; the users behind the chosen dots can be opened in Compare."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.models.registry import BY_NAME
from recsys.ui import charts, controls, export, url
from recsys.ui.leaderboard.metric_columns import HEADLINE
from recsys.ui.leaderboard.standings import Clear
from recsys.ui.text import count, md, number
from recsys.ui.view import TABS, encode

_MAX_LINKS = 12
_COMPARE = "pages/compare.py"


def show(dataset: Dataset, per_user: dict[str, np.ndarray], clear: Clear) -> None:
    st.header("Two models, user by user", anchor=False)
    st.markdown(
        "Each dot is a user, or several with the same two values. Above the line the second model served them better; "
        "the dots that you choose can be opened in Compare."
    )
    ranked = sorted(per_user, key=lambda name: -float(np.nanmean(per_user[name])))
    labels = {name: BY_NAME[name].label for name in per_user}
    with st.container(horizontal=True):
        across = controls.menu("First model (across)", "across", labels, key="duel_x", first=ranked[1], width=260)
        up = controls.menu("Second model (up)", "up", labels, key="duel_y", first=ranked[0], width=260)
    if across == up:
        st.info("Choose two different models.", icon=":material/info:")
        return
    x, y = per_user[across], per_user[up]
    left, right = st.columns([3, 2], gap="large")
    with left:
        title = duel_in_words(across, up, x, y)
        charts.heading(title, average_in_words(across, up, clear))
        chart, alt = _scatter(across, up, x, y, dataset)
        picked = charts.show_selectable(
            chart,
            key=f"duel_{across}_{up}",
            alt=alt,
            title=title,
            about=export.facts_of(dataset.name, [across, up]),
            table=lambda: users_table({across: x, up: y}, dataset),
        )
    with right:
        _links(dataset, chosen_users(picked, dataset), {across: x, up: y})


def users_table(values: Mapping[str, np.ndarray], dataset: Dataset) -> tuple[list[str], list[list[object]]]:
    """What each user who counts reaches under both models, for a file: header and rows.

    Args:
        values: model -> (U,) nDCG@10, NaN where it is undefined.
    """
    header = ["user_id", *(f"{HEADLINE}, {BY_NAME[name].label}" for name in values)]
    counted = np.flatnonzero(~np.isnan(np.stack(list(values.values()))).any(axis=0))
    ids = dataset.viewers.ids.ids
    return header, [[int(ids[user]), *(float(of_all[user]) for of_all in values.values())] for user in counted]


def duel_in_words(across: str, up: str, x: np.ndarray, y: np.ndarray) -> str:
    both = ~np.isnan(x) & ~np.isnan(y)
    above, below = int((y[both] > x[both]).sum()), int((y[both] < x[both]).sum())
    one, other = BY_NAME[up].label, BY_NAME[across].label
    same = int(both.sum()) - above - below
    return f"{one} is better for {count(above, 'user')}, {other} for {below:,}; for {same:,} they tie"


def average_in_words(across: str, up: str, clear: Clear) -> str:
    """Who is ahead on average, where the test of Standings says so: more users may still be fewer by chance."""
    tested = "by a paired test, corrected for all pairs of models (Holm 1979)"
    for first, second in ((up, across), (across, up)):
        if (first, second) in clear:
            return f"On average {BY_NAME[first].label} is clearly ahead of {BY_NAME[second].label} {tested}."
    return f"On average the two are level {tested}."


def piles(x: np.ndarray, y: np.ndarray) -> dict[tuple[float, float], list[int]]:
    """Users by their two values, so that no dot hides another."""
    found: dict[tuple[float, float], list[int]] = defaultdict(list)
    for user in np.flatnonzero(~np.isnan(x) & ~np.isnan(y)).tolist():
        found[round(float(x[user]), 3), round(float(y[user]), 3)].append(user)
    return dict(found)


def _scatter(across: str, up: str, x: np.ndarray, y: np.ndarray, dataset: Dataset) -> tuple[Any, str]:
    ids = dataset.viewers.ids.ids
    users = piles(x, y)
    top = max([max(place) for place in users], default=1.0) * 1.04 or 1.0
    chart = charts.figure(
        500,
        f"nDCG@10 of {BY_NAME[up].label}",
        xaxis=charts.axis(f"nDCG@10 of {BY_NAME[across].label} →", range=[-0.05 * top, top], fixedrange=False),
        yaxis=charts.axis("", range=[-0.05 * top, top], fixedrange=False),
    )
    diagonal = {"color": charts.GREY, "width": 1.5}
    chart.add_scatter(x=[0, top], y=[0, top], mode="lines", line=diagonal, hoverinfo="skip")
    shades = [charts.color(up) if b > a else charts.color(across) if a > b else charts.GREY for a, b in users]
    chart.add_scatter(
        x=[a for a, _ in users],
        y=[b for _, b in users],
        mode="markers",
        cliponaxis=False,
        customdata=[[int(ids[user]) for user in pile] for pile in users.values()],
        marker={
            "size": [7 + 2.2 * math.sqrt(len(pile) - 1) for pile in users.values()],
            "color": shades,
            "opacity": 0.7,
            "line": {"width": 1, "color": charts.paper()},
        },
        hovertext=[_said(pile, place, across, up, dataset) for place, pile in users.items()],
        hoverinfo="text",
    )
    return chart, f"Scatter of users. {duel_in_words(across, up, x, y)}."


def _said(pile: Sequence[int], place: tuple[float, float], across: str, up: str, dataset: Dataset) -> str:
    ids = dataset.viewers.ids.ids
    who = f"User {ids[pile[0]]}" if len(pile) == 1 else count(len(pile), "user")
    values = f"{BY_NAME[across].label} {number(place[0])}, {BY_NAME[up].label} {number(place[1])}"
    return f"{who}<br>{values}"


def chosen_users(picked: Sequence[Any], dataset: Dataset) -> list[int]:
    """The users behind the chosen dots; a browser can send anything, so only those who exist count."""
    found: dict[int, None] = {}
    for pile in picked:
        for raw in pile if isinstance(pile, list) else [pile]:
            if isinstance(raw, int) and raw in dataset.viewers.ids:
                found[dataset.viewers.ids.index(raw)] = None
    return list(found)


def _links(dataset: Dataset, users: Sequence[int], values: dict[str, np.ndarray]) -> None:
    if not users:
        st.markdown(
            "**No user is chosen yet**  \n:gray[Click a dot. For several, pick the box or the lasso above the chart "
            "and draw around them.]"
        )
        return
    view = url.current()
    st.markdown(f"**{count(len(users), 'user')} chosen.** Open in Compare:")
    with st.container(gap="small"):
        for user in users[:_MAX_LINKS]:
            raw = int(dataset.viewers.ids.ids[user])
            there = encode(replace(view, user=raw, tab=TABS[0], more=False))
            said = " · ".join(f"{BY_NAME[name].label} {number(float(of_all[user]))}" for name, of_all in values.items())
            st.page_link(_COMPARE, label=f"User {raw}  :gray[{md(said)}]", query_params=there, icon=":material/person:")
    if len(users) > _MAX_LINKS:
        st.caption(f"The first {_MAX_LINKS} of {len(users)} are listed; draw a smaller box to reach the others.")
