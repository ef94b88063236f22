"""Which films there are, by genre and decade, and who rated them, in bands."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from recsys.data import portrait
from recsys.data.dataset import Dataset
from recsys.data.portrait import Band, GenreDecades
from recsys.ui import charts, controls, export, url
from recsys.ui.components.bands import bands
from recsys.ui.components.tally import tally
from recsys.ui.data import counts
from recsys.ui.text import count, percent
from recsys.ui.view import COUNTED


def show(dataset: Dataset) -> None:
    _genres(counts.of(dataset).genres, export.facts(dataset.name))
    st.header("Who rated", anchor=False)
    viewers, user_counts = dataset.viewers, dataset.user_counts
    occupations = portrait.bands(viewers.occupation, user_counts)
    groups = {
        "Age": portrait.bands(viewers.age, user_counts),
        "Gender": portrait.bands(viewers.gender, user_counts),
        "Occupation": sorted(occupations, key=lambda band: (band.name in ("unknown", "other", "none"), -band.n_users)),
    }
    known = {title: found for title, found in groups.items() if found}
    if not known:
        st.markdown("Nothing is known about the users of this data set but what they rated.")
        return
    title = people_in_words(known)
    charts.heading(title)
    with export.saved("bands", title, export.facts(dataset.name), is_chart=True, table=lambda: bands.table(known)):
        bands.draw(key="bands", data=bands.payload(known))


def _genres(genres: GenreDecades, about: Mapping[str, str]) -> None:
    st.header("Genres by decade", anchor=False)
    if not genres.decades:
        st.markdown("No film in this data set has a release year.")
        return
    names = dict(zip(COUNTED, ("Films", "Ratings"), strict=True))
    controls.segmented("Count", "counted", names, key="genres_of", label_visibility="collapsed")
    counted = url.current().counted
    title, says = genres_in_words(genres, counted)
    charts.heading(title, says)
    with export.saved("tally", title, about, is_chart=True, table=lambda: tally.table(genres)):
        tally.draw(key="tally", data=tally.payload(genres, counted))


def genres_in_words(genres: GenreDecades, counted: str) -> tuple[str, str]:
    """Where most of it lies."""
    is_films = counted == "films"
    n, n_all = (genres.n_films, genres.all_films) if is_films else (genres.n_ratings, genres.all_ratings)
    top = int(n_all.argmax())
    are_of = "are of" if is_films else "go to films of"
    title = f"{percent(n_all[top] / n_all.sum())} of the {counted} {are_of} the {genres.decades[top]}s"
    says = "Each column adds up to more than its total, because a film may have several genres."
    if genres.genres:
        first = int(n[:, top].argmax())
        says = f"Most of those: {genres.genres[first]}, {percent(n[first, top] / n_all[top])}. {says}"
    if genres.n_undated:
        says += f" Without a year, and not counted: {count(genres.n_undated, 'film')}."
    return title, says


def people_in_words(groups: dict[str, list[Band]]) -> str:
    """The largest band of each attribute."""
    says = []
    for title, found in groups.items():
        largest = max(found, key=lambda band: band.n_users)
        share = percent(largest.n_users / sum(band.n_users for band in found))
        says.append(f"{largest.name} ({share})" + (" by age" if title == "Age" else ""))
    return f"Largest groups: {', '.join(says)}"
