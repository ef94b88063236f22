"""When the ratings were given, when users came, and how long they stayed."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.data.portrait import DAY, Activity
from recsys.ui import charts
from recsys.ui.data import portrait as data_portrait
from recsys.ui.data.portrait import bars, duration
from recsys.ui.text import count, percent


def show(dataset: Dataset) -> None:
    portrait = data_portrait.of(dataset)
    activity = portrait.activity
    left, right = st.columns(2, gap="medium")
    with left:
        charts.heading(*ratings_in_words(activity))
        alt = alternative(activity, activity.n_ratings, "ratings")
        charts.show(_bars(activity, activity.n_ratings, "ratings"), key="time_ratings", alt=alt)
    with right:
        charts.heading(*users_in_words(activity))
        alt = alternative(activity, activity.n_new_users, "new users")
        charts.show(_bars(activity, activity.n_new_users, "new users"), key="time_users", alt=alt)
    charts.heading(*sittings_in_words(portrait.sittings, is_simulated=dataset.name == library.DEMO.name))


def ratings_in_words(activity: Activity) -> tuple[str, str]:
    busiest = int(np.argmax(activity.n_ratings))
    n, total = int(activity.n_ratings[busiest]), int(activity.n_ratings.sum())
    n_half = 1 + int(np.searchsorted(np.cumsum(np.sort(activity.n_ratings)[::-1]), total / 2))
    title = f"Half of the ratings came in the fullest {n_half} of {count(len(activity.starts), activity.unit)}"
    return title, f"The busiest: {_named(activity, busiest)}, {n:,} ratings, {percent(n / total)} of all."


def users_in_words(activity: Activity) -> tuple[str, str]:
    busiest = int(np.argmax(activity.n_new_users))
    n, total = int(activity.n_new_users[busiest]), int(activity.n_new_users.sum())
    half = int(np.searchsorted(np.cumsum(activity.n_new_users), total / 2))
    title = f"Half of the users had come by {_named(activity, half)}"
    return title, f"Most new users: {_named(activity, busiest)}, {count(n, 'user')}."


def sittings_in_words(sittings: np.ndarray, *, is_simulated: bool) -> tuple[str, str]:
    """How long users stayed, from (V,) seconds between their first and their last rating; and what follows."""
    middle = duration(float(np.median(sittings)))
    at_once = float((sittings <= DAY).mean())
    within = f"{percent(at_once) if at_once else 'None'} within a day. "
    title = f"Half of the users gave all their ratings within {middle}"
    if is_simulated:
        return title, f"{within}These times are simulated: one film after the other."
    if at_once >= 0.5:
        return title, within + (
            "So the order of a history is mostly the order in which the website showed films in one sitting, not the "
            "order in which somebody watched them: keep that in mind where a model predicts the next film."
        )
    return title, f"{within}Most came back, so much of the order of a history is the order of their visits."


def alternative(activity: Activity, values: np.ndarray, what: str) -> str:
    n, best = len(values), int(np.argmax(values))
    return (
        f"Bar chart of {what} per {activity.unit}: {count(n, activity.unit)} from {_day(activity.starts[0])} to "
        f"{_day(activity.starts[-1])}; most in {_named(activity, best)} ({int(values[best]):,}), "
        f"on average {values.mean():,.0f}."
    )


def _bars(activity: Activity, values: np.ndarray, what: str) -> Any:
    half = np.timedelta64(4 if activity.unit == "week" else 16, "D")  # of a bar, and a little more
    chart = charts.figure(
        280,
        f"{what} per {activity.unit}",
        xaxis=charts.axis(
            f"{activity.unit} of the rating" if what == "ratings" else f"{activity.unit} of the first rating",
            type="date",
            range=[str(activity.starts[0] - half), str(activity.starts[-1] + half)],  # the same in both charts
            showgrid=False,
            nticks=6,
        ),
        yaxis=charts.axis("", rangemode="tozero", tickformat=",d", nticks=6),
        bargap=0.1,
    )
    said = [f"{_named(activity, p)}: {n:,} {what}" for p, n in enumerate(values.tolist())]
    chart.add_trace(bars([str(day) for day in activity.starts], values, said))
    return chart


def _named(activity: Activity, period: int) -> str:
    """ "the week of 10 Nov 1997", "May 2003"."""
    start = activity.starts[period]
    return f"the week of {_day(start)}" if activity.unit == "week" else f"{start.astype(object):%B %Y}"


def _day(day: np.datetime64) -> str:
    return f"{day.astype(object):%d %b %Y}".lstrip("0")
