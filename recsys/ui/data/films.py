"""Which films there are, by genre and decade, and who rated them, in bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from recsys.data import portrait
from recsys.data.dataset import Dataset
from recsys.data.portrait import Band, GenreDecades
from recsys.ui import charts, components, url
from recsys.ui.data import portrait as data_portrait
from recsys.ui.text import count, percent
from recsys.ui.view import COUNTED

_NAMES = {"films": "Films", "ratings": "Ratings"}
_KEY = "genres_of"
FEW = 10
"""The genres of fewer films are chance, not taste: such a decade is not shaded."""


def show(dataset: Dataset) -> None:
    genres = data_portrait.of(dataset).genres
    _genres(genres)
    st.subheader("Who rated", anchor=False)
    groups = {
        "Age": portrait.bands(dataset.viewers.age, dataset.user_counts),
        "Gender": portrait.bands(dataset.viewers.gender, dataset.user_counts),
        "Occupation": _most_first(portrait.bands(dataset.viewers.occupation, dataset.user_counts)),
    }
    known = {title: found for title, found in groups.items() if found}
    if not known:
        st.markdown("Nothing is known of the users of this data set but what they rated.")
        return
    charts.heading(people_in_words(known))
    components.bands(key="bands", data=bands_payload(known))


def _genres(genres: GenreDecades) -> None:
    st.subheader("Genres by decade", anchor=False)
    if not genres.decades:
        st.markdown("No film of this data set has a year of release.")
        return
    counted = url.current().counted
    st.session_state[_KEY] = counted
    st.segmented_control(
        "Count",
        COUNTED,
        format_func=_NAMES.__getitem__,
        key=_KEY,
        required=True,
        on_change=lambda: url.change(counted=st.session_state[_KEY]),
        label_visibility="collapsed",
    )
    charts.heading(*genres_in_words(genres, counted))
    components.tally(key="tally", data=tally_payload(genres, counted))


def genres_in_words(genres: GenreDecades, counted: str) -> tuple[str, str]:
    """Where most of it lies."""
    per_decade = genres.all_films if counted == "films" else genres.all_ratings
    total = max(int(per_decade.sum()), 1)
    top = int(per_decade.argmax())
    title = f"{percent(int(per_decade[top]) / total)} of the {counted} are of the {genres.decades[top]}s"
    title = title if counted == "films" else title.replace("are of", "go to films of")
    says = ""
    if genres.genres:
        of_top = (genres.n_films if counted == "films" else genres.n_ratings)[:, top]
        first = int(of_top.argmax())
        share = int(of_top[first]) / max(int(per_decade[top]), 1)
        says = f"Most of those: {genres.genres[first]}, {percent(share)}. "
    says += "Each column adds up to more than its total, as a film may have several genres."
    if genres.n_undated:
        says += f" Without a year, and not counted: {count(genres.n_undated, 'film')}."
    return title, says


def tally_payload(genres: GenreDecades, counted: str) -> dict[str, Any]:
    """The table as JSON: counts, shaded by the share of the decade's films or ratings that have the genre."""
    of_genre, of_all = (
        (genres.n_films, genres.all_films) if counted == "films" else (genres.n_ratings, genres.all_ratings)
    )
    share = of_genre / of_all.clip(1)
    shade = np.where(genres.all_films >= FEW, share, 0.0)
    deepest = float(shade.max(initial=0.0)) or 1.0
    rows = [
        {
            "label": name,
            "cells": [
                {
                    "text": f"{int(n):,}" if n else "",
                    "depth": round(float(dark) / deepest, 3),
                    "said": f"{name}, {decade}s: {int(n):,} {counted}, {percent(float(part))} of the decade",
                }
                for n, part, dark, decade in zip(of_genre[g], share[g], shade[g], genres.decades, strict=True)
            ],
        }
        for g, name in enumerate(genres.genres)
    ]
    return {
        "head": [f"{decade}s" for decade in genres.decades],
        "rows": rows,
        "total": [f"{int(n):,}" for n in of_all],
        "caption": f"Number of {counted} by genre and decade of release. The stronger the colour, the larger the "
        f"share of the decade; decades of fewer than {FEW} films are not shaded.",
    }


def _most_first(found: list[Band]) -> list[Band]:
    return sorted(found, key=lambda band: (band.name in ("unknown", "other", "none"), -band.n_users))


def people_in_words(groups: dict[str, list[Band]]) -> str:
    """The largest band of each attribute."""
    says = []
    for title, found in groups.items():
        total = sum(band.n_users for band in found)
        largest = max(found, key=lambda band: band.n_users)
        says.append(f"{largest.name} ({percent(largest.n_users / total)})" + (" by age" if title == "Age" else ""))
    return f"Largest groups: {', '.join(says)}"


def bands_payload(groups: dict[str, list[Band]]) -> dict[str, Any]:
    """Small bar charts as JSON: the bar is the share of users, the line the share of ratings."""
    return {
        "groups": [{"title": title, "rows": _rows(found)} for title, found in groups.items()],
        "note": "The bar is the share of the users, the line the share of the ratings that they gave. In bands only.",
    }


def _rows(found: Sequence[Band]) -> list[dict[str, Any]]:
    users, ratings = sum(band.n_users for band in found), sum(band.n_ratings for band in found)
    widest = max(max(band.n_users / max(users, 1), band.n_ratings / max(ratings, 1)) for band in found)
    return [
        {
            "label": band.name,
            "text": f"{band.n_users:,}",
            "share": percent(band.n_users / max(users, 1)),
            "bar": round(band.n_users / max(users, 1) / widest, 4),
            "line": round(band.n_ratings / max(ratings, 1) / widest, 4),
            "said": f"{band.name}: {count(band.n_users, 'user')}, {percent(band.n_users / max(users, 1))}; "
            f"{count(band.n_ratings, 'rating')}, {percent(band.n_ratings / max(ratings, 1))}",
        }
        for band in found
    ]
