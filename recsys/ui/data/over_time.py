"""When the ratings were given, when users came, and how long they stayed."""

from __future__ import annotations

import numpy as np
import streamlit as st

from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.data.portrait import DAY, Activity
from recsys.ui import charts, export
from recsys.ui.data import counts
from recsys.ui.data.counts import add_bars, duration
from recsys.ui.text import count, percent


def show(dataset: Dataset) -> None:
    found = counts.of(dataset)
    activity = found.activity
    left, right = st.columns(2, gap="medium")
    with left:
        title, says = ratings_in_words(activity)
        charts.heading(title, says)
        across = f"{activity.unit} of the rating"
        _show(activity, activity.n_ratings, "ratings", across, title, dataset.name, key="time_ratings")
    with right:
        title, says = users_in_words(activity)
        charts.heading(title, says)
        across = f"{activity.unit} of the first rating"
        _show(activity, activity.n_new_users, "new users", across, title, dataset.name, key="time_users")
    charts.heading(*sittings_in_words(found.sittings, is_simulated=dataset.name == library.DEMO.name))


def ratings_in_words(activity: Activity) -> tuple[str, str]:
    busiest = int(np.argmax(activity.n_ratings))
    n, total = int(activity.n_ratings[busiest]), int(activity.n_ratings.sum())
    n_half = 1 + int(np.searchsorted(np.cumsum(np.sort(activity.n_ratings)[::-1]), total / 2))
    title = f"Half of the ratings came in the busiest {n_half} of {count(len(activity.starts), activity.unit)}"
    return title, f"The busiest: {_named(activity, busiest)}, {n:,} ratings, {percent(n / total)} of all."


def users_in_words(activity: Activity) -> tuple[str, str]:
    busiest = int(np.argmax(activity.n_new_users))
    n, total = int(activity.n_new_users[busiest]), int(activity.n_new_users.sum())
    half = int(np.searchsorted(np.cumsum(activity.n_new_users), total / 2))
    title = f"Half of the users had joined by {_named(activity, half)}"
    return title, f"Most new users: {_named(activity, busiest)}, {count(n, 'user')}."


def sittings_in_words(sittings: np.ndarray, *, is_simulated: bool) -> tuple[str, str]:
    """How long users stayed, from (V,) seconds between their first and their last rating; and what follows."""
    title = f"Half of the users gave all their ratings within {duration(float(np.median(sittings)))}"
    at_once = float((sittings <= DAY).mean())
    if is_simulated:
        so = "These times are simulated: one film after the other."
    elif at_once >= 0.5:
        so = (
            "So the order of a history is mostly the order in which the website showed films in one sitting, not the "
            "order in which somebody watched them: keep that in mind where a model predicts the next film."
        )
    else:
        so = "Most came back, so much of the order of a history is the order of their visits."
    return title, f"{percent(at_once) if at_once else 'None'} within a day. {so}"


def _show(
    activity: Activity, values: np.ndarray, what: str, across: str, title: str, dataset_name: str, *, key: str
) -> None:
    """A bar per period; `across` is the title of the axis of time."""
    half = np.timedelta64(4 if activity.unit == "week" else 16, "D")  # of a bar, and a little more
    limits = [str(activity.starts[0] - half), str(activity.starts[-1] + half)]  # the same in both charts
    chart = charts.figure(
        280,
        f"{what} per {activity.unit}",
        xaxis=charts.axis(across, type="date", range=limits, showgrid=False, nticks=6),
        yaxis=charts.axis("", rangemode="tozero", tickformat=",d", nticks=6),
        bargap=0.1,
    )
    said = [f"{_named(activity, p)}: {n:,} {what}" for p, n in enumerate(values.tolist())]
    add_bars(chart, [str(day) for day in activity.starts], values, said)
    most = int(np.argmax(values))
    alt = (
        f"Bar chart of {what} per {activity.unit}: {count(len(values), activity.unit)} from {_day(activity.starts[0])} "
        f"to {_day(activity.starts[-1])}; most in {_named(activity, most)} ({int(values[most]):,}), "
        f"on average {values.mean():,.0f}."
    )
    charts.show(
        chart,
        key=key,
        alt=alt,
        title=title,
        about=export.facts(dataset_name),
        table=lambda: (
            [f"{activity.unit}_from", what],
            list(zip(map(str, activity.starts), values.tolist(), strict=True)),
        ),
    )


def _named(activity: Activity, period: int) -> str:
    """ "the week of 10 Nov 1997", "May 2003"."""
    start = activity.starts[period]
    return f"the week of {_day(start)}" if activity.unit == "week" else f"{start.astype(object):%B %Y}"


def _day(day: np.datetime64) -> str:
    return f"{day.astype(object):%d %b %Y}".lstrip("0")
