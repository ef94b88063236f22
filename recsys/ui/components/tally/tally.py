"""What the tally is given: films or ratings by genre and decade of release. Pure."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from recsys.data.portrait import GenreDecades
from recsys.ui.components.mount import Component
from recsys.ui.text import percent

FEW = 10
"""The genres of fewer films are chance, not taste: such a decade is not shaded."""


class TallyCell(TypedDict):
    """`depth` is how strongly it is shaded, from 0 to 1."""

    text: str
    depth: float
    said: str


class TallyRow(TypedDict):
    label: str
    cells: list[TallyCell]


class TallyPayload(TypedDict):
    """A column per decade, a row per genre; `total` counts each film once."""

    head: list[str]
    rows: list[TallyRow]
    total: list[str]
    caption: str


draw: Component[TallyPayload] = Component("tally")


def payload(genres: GenreDecades, counted: str) -> TallyPayload:
    """Counts of "films" or "ratings", shaded by the share of the decade's that have the genre."""
    n, n_all = (genres.n_films, genres.all_films) if counted == "films" else (genres.n_ratings, genres.all_ratings)
    share = n / n_all.clip(1)
    shade = np.where(genres.all_films >= FEW, share, 0.0)
    depth = shade / (shade.max(initial=0.0) or 1.0)

    def cell(g: int, d: int) -> TallyCell:
        part = percent(float(share[g, d]))
        return {
            "text": f"{n[g, d]:,}" if n[g, d] else "",
            "depth": round(float(depth[g, d]), 3),
            "said": f"{genres.genres[g]}, {genres.decades[d]}s: {n[g, d]:,} {counted}, {part} of the decade",
        }

    columns = range(len(genres.decades))
    return {
        "head": [f"{decade}s" for decade in genres.decades],
        "rows": [{"label": name, "cells": [cell(g, d) for d in columns]} for g, name in enumerate(genres.genres)],
        "total": [f"{of_decade:,}" for of_decade in n_all],
        "caption": f"Number of {counted} by genre and decade of release. The stronger the colour, the larger the "
        f"share of the decade; decades of fewer than {FEW} films are not shaded.",
    }


def table(genres: GenreDecades) -> tuple[list[str], list[list[object]]]:
    """A genre and a decade per row, for a file: header and rows."""
    rows: list[list[object]] = [
        [genre, f"{decade}s", int(genres.n_films[g, d]), int(genres.n_ratings[g, d])]
        for g, genre in enumerate(genres.genres)
        for d, decade in enumerate(genres.decades)
    ]
    return ["genre", "decade", "films", "ratings"], rows
