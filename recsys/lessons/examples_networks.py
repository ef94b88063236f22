"""The answers of networks: what goes in, and what comes out."""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable

import numpy as np

from recsys.lessons.example import Case, Example, Line
from recsys.lessons.worked import show
from recsys.serving.fields import FIELDS, FieldTable

_NOT_SHOWN = "not shown"
FULL = 25.0
"""As `autoencoder_tools.FULL`; a test keeps them equal."""
_MOST_READ = 3


def autoencoder(case: Case) -> Example:
    n, item = len(case.history), int(case.full.items[0])
    out = case.known.scale.clip(case.scorer.score([case.history])[0])
    off = float(np.abs(out[case.history.items] - case.history.ratings).mean()) if n else math.nan
    lines = (
        Line("stars that go in", f"for so many of {case.known.n_items:,} films", f"{n:,}"),
        Line("all of them turned by", f"√(25 ÷ (1 + {n:,}))", show(math.sqrt(FULL / (1 + n)))),
        Line("the same stars as they come out", "mean distance from what went in", show(off)),
        Line(case.title(item), "predicted stars of the first film in the list", show(float(out[item]))),
    )
    return Example("A row of stars goes in, stars for every film come out.", lines, float(out[item]))


def gru(case: Case) -> Example:
    chances, item = case.scorer.score([case.history])[0], int(case.full.items[0])
    last = [case.title(film) for film in case.history.items[-_MOST_READ:].tolist()]
    lines = [
        Line("read last", " → ".join(last) if last else "nothing", ""),
        Line("chances of all films together", "a softmax", show(float(chances.sum()))),
        Line(case.title(item), "chance of the first film in the list", show(float(chances[item]))),
    ]
    if case.next_film is not None:
        chance = max(float(chances[case.next_film]), 1e-12)
        place = np.flatnonzero(case.full.items == case.next_film)
        rank = f"; it stands at {int(place[0]) + 1:,}" if len(place) else ""
        lines += [
            Line(case.title(case.next_film), f"chance of the film that really came next{rank}", f"{chance:.5f}"),
            Line("loss of this place", "minus the logarithm of that", show(-math.log(chance))),
        ]
    return Example("What the last films make likely, and what came.", tuple(lines), float(chances[item]))


def autoint(case: Case) -> Example:
    item, years = int(case.full.items[0]), tuple(case.settings["rating_years"])
    codes = FieldTable.of(case.known, years).all_films_for(case.history)[item].tolist()
    lines = tuple(Line(field, "", name) for field, name in zip(FIELDS, _names(case, codes, years), strict=True))
    chance = float(case.full.scores[0])
    last = Line("chance of 4 stars or more", f"what the network makes of the {len(FIELDS)} fields", show(chance))
    return Example("The first film of the list, as the model sees it.", (*lines, last), chance)


def _names(case: Case, codes: list[int], years: tuple[int, ...]) -> list[str]:
    """What the codes of FIELDS stand for; the area of a ZIP code stays out of sight."""
    viewers, catalog = case.known.viewers, case.known.catalog
    user, gender, age, occupation, _area, film, decade, year, *genres, rated_year, month, rated_decade = codes
    decades = sorted({known // 10 for known in years})

    def known(code: int, name: Callable[[], object]) -> str:
        return str(name()) if code else "unknown"

    return [
        known(user, lambda: int(viewers.ids.ids[user - 1])),
        *(known(c, lambda c=c, a=a: a.names[c]) for c, a in ((gender, viewers.gender), (age, viewers.age))),  # type: ignore[misc]
        known(occupation, lambda: viewers.occupation.names[occupation]),
        _NOT_SHOWN,
        known(film, lambda: catalog.titles[film - 1]),
        known(decade, lambda: f"{1890 + 10 * decade}s"),
        known(year, lambda: 1899 + year),
        *(known(genre, lambda genre=genre: catalog.genre_names[genre - 1]) for genre in genres),  # type: ignore[misc]
        known(rated_year, lambda: years[rated_year - 1]),
        known(month, lambda: calendar.month_name[month]),
        known(rated_decade, lambda: f"{decades[rated_decade - 1]}0s"),
    ]
