"""How much there is, where it comes from, how the stars spread, and what the data cannot say."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from recsys.data import library
from recsys.data.catalog import UNKNOWN_YEAR
from recsys.data.dataset import Dataset
from recsys.data.library import Summary
from recsys.data.portrait import Histogram
from recsys.evaluation.protocols import HOLDOUT
from recsys.ui import charts, export
from recsys.ui.components.facts import facts
from recsys.ui.data import counts
from recsys.ui.data.counts import Counts, add_bars, duration
from recsys.ui.text import count, date, in_stars, md, number, percent


def show(dataset: Dataset) -> None:
    summary, found = library.describe(dataset), counts.of(dataset)
    tiles = [facts.Fact(label=label, value=value, note=note) for label, value, note in _tiles(summary, dataset)]
    about = export.facts(dataset.name)
    rows = [[tile["label"], tile["value"], tile["note"]] for tile in tiles]
    with export.saved("facts", "The data set in numbers", about, table=lambda: (["what", "value", "note"], rows)):
        facts.draw(key="facts", data={"facts": tiles})
    for note in dataset.notes:
        st.caption(md(note))
    source = library.source_of(dataset.name)
    st.caption(f"{md(source.title)}. {md(source.licence)}{_cited(source.citation)}")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        title, says = stars_in_words(found.stars, is_simulated=dataset.name == library.DEMO.name)
        charts.heading(title, says)
        _show_stars(found.stars, title, about)
        if says := half_stars_in_words(dataset):
            st.caption(md(says))
    with right:
        charts.heading("What this data cannot tell you")
        st.markdown("\n".join(f"- {md(says)}" for says in _limits(dataset, summary, found)))


def _cited(citation: str) -> str:
    """A citation as Markdown; its last word is its address."""
    text, _, address = citation.rpartition(" ")
    return f" Source: {md(text)} [{md(address)}]({address})" if citation else ""


def _tiles(summary: Summary, dataset: Dataset) -> list[tuple[str, str, str]]:
    """The counts: label, value, and a plain comparison."""
    n_unrated, scale = summary.n_items - summary.n_rated_items, summary.scale
    per_user, per_film = (number(summary.n_ratings / n, 0) for n in (summary.n_users, summary.n_items))
    rated = f"{count(n_unrated, 'film')} without any rating" if n_unrated else "every film has a rating"
    filled = f"1 in {round(1 / summary.density):,} pairs of a user and a film"
    steps = "half and whole stars" if scale.step == 0.5 else "whole stars"
    first, last = int(dataset.timestamps.min()), int(dataset.timestamps.max())
    return [
        ("Users", f"{summary.n_users:,}", f"{per_user} ratings each on average"),
        ("Films", f"{summary.n_items:,}", f"{per_film} ratings each on average"),
        ("Rated films", f"{summary.n_rated_items:,}", rated),
        ("Ratings", f"{summary.n_ratings:,}", "at most one per user and film"),
        ("Cells filled", percent(summary.density), filled),
        ("Mean", f"{summary.mean_rating:.2f} ★", f"{steps} from {scale.low:g} to {scale.high:g}"),
        ("Period", duration(last - first), f"{date(first)} to {date(last)}"),
    ]


def stars_in_words(stars: Histogram, *, is_simulated: bool) -> tuple[str, str]:
    liked = stars.share_from(HOLDOUT.relevance)
    title = f"{percent(liked)} of the ratings are {HOLDOUT.relevance:g} stars or more"
    why = "" if is_simulated else "People rate what they chose to watch, so high ratings are the rule. "
    liked_is = f"{HOLDOUT.relevance:g} stars or more is what this app calls liked."
    return title, f"Most common: {in_stars(stars.favourite)}. {why}{liked_is}"


def _show_stars(stars: Histogram, title: str, about: Mapping[str, str]) -> None:
    shares = [percent(n / sum(stars.n_ratings)) for n in stars.n_ratings]
    levels = [(in_stars(level), n) for level, n in zip(stars.stars, stars.n_ratings, strict=True)]
    said = [f"{level}: {n:,} ratings, {share}" for (level, n), share in zip(levels, shares, strict=True)]
    chart = charts.figure(
        290,
        "ratings",
        xaxis=charts.axis("stars", type="category", showgrid=False),
        yaxis=charts.axis("", rangemode="tozero", tickformat=",d", nticks=6),
        bargap=0.25,
    )
    font = charts.font()
    outside = {"text": shares, "textposition": "outside", "cliponaxis": False, "textfont": font}
    add_bars(chart, [f"{level:g}" for level in stars.stars], stars.n_ratings, said, **outside)
    each = "; ".join(f"{level}: {n:,}" for level, n in levels)
    charts.show(
        chart,
        key="stars_histogram",
        alt=f"Bar chart of ratings per number of stars. {each}.",
        title=title,
        about=about,
        table=lambda: (["stars", "ratings"], list(zip(stars.stars, stars.n_ratings, strict=True))),
    )


def half_stars_in_words(dataset: Dataset) -> str:
    """From when on half stars were given, where that is later than the first rating; "" without half stars."""
    is_half = dataset.ratings % 1 != 0
    if dataset.scale.step != 0.5 or not is_half.any():
        return ""
    first = int(dataset.timestamps[is_half].min())
    before = int((dataset.timestamps < first).sum())
    if not before:
        return ""
    return (
        f"The first half star was given on {date(first)}. The {count(before, 'rating')} before that are whole stars, "
        "which is part of why those bars stand out."
    )


def _limits(dataset: Dataset, summary: Summary, found: Counts) -> list[str]:
    """What must not be read into the numbers; each sentence is true of this data set."""
    newest, fewest = int(dataset.catalog.years.max(initial=UNKNOWN_YEAR)), int(found.users.counts[-1])
    if dataset.name == library.DEMO.name:
        return [
            "Nothing about people. The viewers, their ages, jobs, ratings and times are simulated; only titles, years "
            "and genres are facts.",
            "What a model finds here was put in by the simulation: tastes, sequels in order, films that come into "
            "fashion. Real viewers are less tidy.",
            "Which model wins here says how the models work, not which would win on real ratings.",
            f"Every simulated viewer has rated at least {count(fewest, 'film')}; somebody new has rated none.",
        ]
    says = [
        "What people think of films that they did not choose. A missing rating is not missing by chance: people watch "
        "and rate what they expect to like (Marlin & Zemel 2009).",
        f"What new users want. Nobody here has rated fewer than {count(fewest, 'film')}"
        + (": whoever rated less was left out when the data was collected." if fewest >= _FEWEST_RATED else "."),
        "When a film was watched. A time is when the stars were clicked: half of the users gave all of theirs within "
        f"{duration(float(np.median(found.sittings)))}.",
    ]
    if newest != UNKNOWN_YEAR:
        says.append(
            f"Anything newer. The ratings end on {date(int(dataset.timestamps.max()))}, the newest film is of {newest}."
        )
    says.append(
        "What everybody likes. These are users of one website who took the time to rate; "
        + (
            "the part on films and people shows who."
            if summary.has_demographics
            else "nothing more is known about them."
        )
    )
    return says


_FEWEST_RATED = 20
"""MovieLens keeps users with at least so many ratings, as the READMEs of its data sets say."""
