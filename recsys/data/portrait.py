"""A data set in numbers: how the ratings spread over stars, films, users, genres and time. Pure counting.

Nothing here loops over ratings, so that 20 million of them take seconds and not minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.data.catalog import UNKNOWN_YEAR, Categorical
from recsys.data.dataset import Dataset

DAY = 86_400
DAYS_TO_MONDAY = 4
"""From 1 January 1970, a Thursday, with which numpy's weeks begin."""
WEEKLY_UP_TO = 2 * 366 * DAY
"""A longer time than this is counted by month: more than a hundred bars are no picture."""


@dataclass(frozen=True)
class Histogram:
    """Ratings per number of stars.

    Args:
        stars: every level of the scale, lowest first, those without a rating too.
        n_ratings: of each level.
    """

    stars: tuple[float, ...]
    n_ratings: tuple[int, ...]

    @property
    def favourite(self) -> float:
        """The level that most ratings have; the lower of two that are even."""
        return self.stars[int(np.argmax(self.n_ratings))]

    def share_from(self, stars: float) -> float:
        """Share of the ratings with at least this many stars; NaN without ratings."""
        total = sum(self.n_ratings)
        above = sum(n for level, n in zip(self.stars, self.n_ratings, strict=True) if level >= stars)
        return above / total if total else float("nan")


def histogram(dataset: Dataset) -> Histogram:
    """Ratings per level of the data set's scale."""
    scale = dataset.scale
    n_levels = round((scale.high - scale.low) / scale.step) + 1
    level = np.rint((dataset.ratings - scale.low) / scale.step).astype(np.int64)
    counts = np.bincount(np.clip(level, 0, n_levels - 1), minlength=n_levels)
    return Histogram(tuple(scale.low + scale.step * i for i in range(n_levels)), tuple(counts.tolist()))


@dataclass(frozen=True, eq=False)
class Tail:
    """How unevenly ratings spread over films, or over users.

    Args:
        counts: (n,) int64 ratings of each film or user that has any, most first.
    """

    counts: np.ndarray

    @classmethod
    def of(cls, counts: np.ndarray) -> Tail:
        """From the number of ratings of everybody, in any order."""
        return cls(np.sort(counts[counts > 0])[::-1])

    @property
    def median(self) -> float:
        """Ratings of the one in the middle, among those that have any; NaN without."""
        return float(np.median(self.counts)) if len(self.counts) else float("nan")

    def share_of_top(self, part: float) -> float:
        """Share of all ratings that the most rated `part` (0 to 1, at least one of them) has; NaN without ratings."""
        if not len(self.counts):
            return float("nan")
        n_top = max(1, round(part * len(self.counts)))
        return float(self.counts[:n_top].sum() / self.counts.sum())

    def n_for_share(self, share: float) -> int:
        """How few of them, the most rated first, have at least this share of all ratings; 0 without ratings."""
        if not len(self.counts):
            return 0
        reached = np.cumsum(self.counts)
        return int(np.searchsorted(reached, share * reached[-1] - 1e-9)) + 1

    def n_up_to(self, n: int) -> int:
        """How many of them have at least one rating and at most n."""
        return int((self.counts <= n).sum())


@dataclass(frozen=True, eq=False)
class Activity:
    """Ratings and new users over time.

    Args:
        unit: "week" or "month".
        starts: (P,) datetime64[D] first day of each period, without gaps; a week begins on Monday.
        n_ratings: (P,) int64.
        n_new_users: (P,) int64 users whose first rating falls into the period.
    """

    unit: str
    starts: np.ndarray
    n_ratings: np.ndarray
    n_new_users: np.ndarray


def activity(dataset: Dataset) -> Activity:
    """Ratings per week, or per month where the data covers more than two years; `dataset` has times."""
    times, joined = dataset.timestamps, spans(dataset)[0]
    by_week = int(times.max()) - int(times.min()) <= WEEKLY_UP_TO
    unit, shift = ("W", DAYS_TO_MONDAY) if by_week else ("M", 0)

    def period(times: np.ndarray) -> np.ndarray:
        """Number of the week or month, from 1970 on."""
        return (times - shift * DAY).astype("datetime64[s]").astype(f"datetime64[{unit}]").astype(np.int64)

    first, last = int(period(times.min())), int(period(times.max()))
    n_ratings, n_new_users = (np.bincount(period(of) - first, minlength=last - first + 1) for of in (times, joined))
    starts = np.arange(first, last + 1).astype(f"datetime64[{unit}]").astype("datetime64[D]") + shift
    return Activity("week" if by_week else "month", starts, n_ratings, n_new_users)


def spans(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """(V,) first and last timestamp of each user with a rating, in the order of the users."""
    first = np.full(dataset.n_users, np.iinfo(np.int64).max)
    last = np.full(dataset.n_users, np.iinfo(np.int64).min)
    np.minimum.at(first, dataset.users, dataset.timestamps)
    np.maximum.at(last, dataset.users, dataset.timestamps)
    rated = dataset.user_counts > 0
    return first[rated], last[rated]


@dataclass(frozen=True, eq=False)
class GenreDecades:
    """Films and ratings by genre and decade of release; a film of two genres counts in both.

    Args:
        genres: (G,) names, the one with most films first; those without a film of known year are left out.
        decades: (D,) first years, without gaps.
        n_films, n_ratings: (G, D) int64.
        all_films, all_ratings: (D,) int64, each film once.
        n_undated: films whose year is not known.
    """

    genres: tuple[str, ...]
    decades: tuple[int, ...]
    n_films: np.ndarray
    n_ratings: np.ndarray
    all_films: np.ndarray
    all_ratings: np.ndarray
    n_undated: int


def genres_by_decade(dataset: Dataset) -> GenreDecades:
    """Count the films of the catalogue, and their ratings."""
    catalog = dataset.catalog
    dated = np.flatnonzero(catalog.years != UNKNOWN_YEAR)
    decade = catalog.years[dated].astype(np.int64) // 10
    first, last = (int(decade.min()), int(decade.max())) if len(dated) else (0, -1)
    is_of = np.zeros((len(dated), last - first + 1), dtype=np.int64)  # (films, D), one 1 per row
    is_of[np.arange(len(dated)), decade - first] = 1
    weights = dataset.item_counts[dated]
    genres = catalog.genres[dated].T.astype(np.int64)  # (G, films)
    n_films, n_ratings = genres @ is_of, (genres * weights) @ is_of
    order = np.argsort(-n_films.sum(axis=1), kind="stable")
    order = order[n_films[order].sum(axis=1) > 0]
    return GenreDecades(
        genres=tuple(catalog.genre_names[g] for g in order),
        decades=tuple(10 * number for number in range(first, last + 1)),
        n_films=n_films[order],
        n_ratings=n_ratings[order],
        all_films=is_of.sum(axis=0),
        all_ratings=weights @ is_of,
        n_undated=dataset.n_items - len(dated),
    )


@dataclass(frozen=True)
class Band:
    """Some of the users, by what they said of themselves.

    Args:
        name: of the band; "unknown" where nothing was said.
        n_users, n_ratings: of it.
    """

    name: str
    n_users: int
    n_ratings: int


def bands(attribute: Categorical, user_counts: np.ndarray) -> list[Band]:
    """The categories of one attribute that have anybody in them, in the data set's order, the unknown last.

    Args:
        attribute: of the users; one that the data set does not have gives no band.
        user_counts: (U,) ratings of each user.
    """
    if not attribute.is_known:
        return []
    n_users = np.bincount(attribute.codes, minlength=len(attribute.names))
    n_ratings = np.bincount(attribute.codes, weights=user_counts, minlength=len(attribute.names))
    found = [Band(name, int(n_users[i]), int(n_ratings[i])) for i, name in enumerate(attribute.names) if n_users[i]]
    return sorted(found, key=lambda band: band.name == attribute.names[0])
