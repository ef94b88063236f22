"""The embedded data set: real films, simulated viewers. It takes over when there is neither data nor a network.

Titles, years, genres and series are facts (fame, 1 to 5, is a guess); who watched what, when and with how many stars is
drawn from a seed. A viewer picks films by taste, popularity and the fashion of the day, watches them in themed evenings
with sequels after their first part, and rates them by quality, taste and mood: something to learn for every model.

The same seed gives the same bytes on every machine. Random bits come straight from PCG64; logarithms and exponentials
appear only in tables that are rounded to a grid; and as everything added or multiplied is a multiple of a power of two,
sums are exact, in whatever order numpy or BLAS takes them. So no difference in the last bit can flip a choice.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from recsys.data.catalog import AGE_BANDS, Catalog, Categorical, IdMap, Viewers, read_only
from recsys.data.dataset import Dataset
from recsys.data.synthetic import normal_quantiles

N_VIEWERS = 1_000
NOTE = (
    "Simulated viewers: the films are real, the ratings are not. They show how the models work, not what people like."
)

# -------------------------------------------------------------------------------------------------- who the viewers are

# Shares in per cent, roughly those of a film site's public.
GENDERS = {"female": 38, "male": 62}
AGES = dict(zip(AGE_BANDS, (4, 20, 34, 20, 9, 8, 5), strict=True))
OCCUPATIONS = {
    "administrator": 8, "artist": 4, "doctor": 2, "educator": 10, "engineer": 8, "entertainment": 2, "executive": 4,
    "healthcare": 3, "homemaker": 2, "lawyer": 2, "librarian": 5, "marketing": 3, "none": 1, "other": 11,
    "programmer": 8, "retired": 2, "salesman": 2, "scientist": 4, "student": 11, "technician": 3, "writer": 5,
}  # fmt: skip
ZIP_AREAS = dict(zip("0123456789", (11, 10, 8, 8, 7, 14, 7, 10, 7, 18), strict=True))

MIN_FILMS, MAX_FILMS = 20, 250
ACTIVITY = 32.0  # films beyond the minimum on average; half of the viewers have fewer than 14, a few have hundreds

# --------------------------------------------------------------------------------------------- what they like and when

# What each school of taste looks for. Viewers like several schools, or dislike them.
SCHOOLS: dict[str, dict[str, float]] = {
    "blockbuster": {"Action": 1, "Adventure": 1, "Sci-Fi": 0.75, "fame": 0.75, "Drama": -0.5},
    "arthouse": {"Drama": 1, "Documentary": 1, "fame": -0.75, "Action": -0.5, "Children": -0.5},
    "family": {"Children": 1.5, "Animation": 1.25, "Musical": 0.5, "Horror": -0.75, "Crime": -0.5},
    "dark": {"Crime": 1, "Thriller": 1, "Horror": 1, "Mystery": 0.75, "Comedy": -0.75, "Musical": -0.5},
    "heart": {"Romance": 1.5, "Comedy": 0.75, "Musical": 0.75, "War": -0.75, "Horror": -0.5},
    "classics": {"age": 1, "Film-Noir": 1, "Western": 0.75, "War": 0.5, "Sci-Fi": -0.5},
}
HIDDEN = 0.5  # how much a school likes a film for reasons that no genre shows: only ratings can teach it
GROUP_TASTE = 0.25  # how far a gender, an age band or an occupation leans to a school; drawn at random, no claim
OWN_TASTE = 0.125  # a viewer's liking for single genres, beyond the schools

FAME_STEP = 0.75  # log popularity per point of fame
LUCK = 0.5  # the spread of log popularity at the same fame
FASHION = 1.0  # the spread of what a film's log popularity gains or loses over the whole period
APPEAL = 0.5  # log chance of choosing a film per unit of taste
CONTINUES = 0.5  # the share of viewers who go on to the next part of a series as soon as they have the one before
PATIENT = 0.9  # the share who do not see a later part without the one before
BACKWARDS = 0.05  # the share of later parts that are nevertheless seen first
MIN_VIEWERS = 4  # each film has at least this many viewers

MEAN, BIAS, QUALITY, TASTE, MOOD = 3.125, 0.375, 0.375, 0.375, 0.625  # stars: the mean, and the weights of the parts

# From April 2024, when the newest film was out, to the end of 2025: nobody rates a film before its release.
FIRST_DAY = 1_711_929_600
START_DAYS = 400  # viewers join within this many days
EVENING = 4  # films of an evening, unless a series is longer
WANDERING = 10.0  # years by which the order within a theme strays from the order of release
MAX_PAUSE = 4  # days from one evening to the next, at most

GRID = 256  # all quantities are multiples of 1/GRID
LEVELS = 4096  # quantiles of a tabulated distribution


class _Draws:
    """Random numbers on the grid, from the bits of PCG64, which numpy promises never to change."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def uniform(self, *shape: int) -> np.ndarray:
        """Multiples of 2**-53 in [0, 1)."""
        return (self._bits.random_raw(shape) >> np.uint64(11)) * 2.0**-53

    def normal(self, *shape: int) -> np.ndarray:
        return _normal_quantiles()[self._bits.random_raw(shape) >> np.uint64(52)]

    def gumbel(self, *shape: int) -> np.ndarray:
        """Added to log weights, the n largest are n draws without replacement. The low bits break ties."""
        raw = self._bits.random_raw(shape)
        return _gumbel_quantiles()[raw >> np.uint64(52)] + (raw & np.uint64(2**24 - 1)) * 2.0**-36

    def codes(self, shares: dict[str, int], n: int) -> np.ndarray:
        """(n,) positions in `shares`."""
        edges = np.cumsum(list(shares.values()))
        return np.searchsorted(edges, self.uniform(n) * edges[-1], side="right")


def _on_grid(values: np.ndarray) -> np.ndarray:
    return np.rint(np.asarray(values) * GRID) / GRID


@cache
def _normal_quantiles() -> np.ndarray:
    return _on_grid(normal_quantiles(LEVELS))


@cache
def _gumbel_quantiles() -> np.ndarray:
    return _on_grid(np.array([-math.log(-math.log((level + 0.5) / LEVELS)) for level in range(LEVELS)]))


@dataclass(frozen=True, eq=False)
class Films:
    """The film list, in index order.

    Args:
        fame: (I,) 1 (for enthusiasts) to 5 (everybody knows it).
        before: (I,) the part before in the film's series, -1 for a first part or a single film.
    """

    catalog: Catalog
    fame: np.ndarray
    before: np.ndarray


@cache
def read_films() -> Films:
    """The packaged list of real films."""
    text = files("recsys.data").joinpath("demo_films.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    names = tuple(sorted({genre for row in rows for genre in row["genres"].split("|")}))
    item_of = {(row["series"], int(row["part"])): item for item, row in enumerate(rows) if row["series"]}
    catalog = Catalog(
        ids=IdMap(np.arange(1, len(rows) + 1)),
        titles=tuple(row["title"] for row in rows),
        years=np.array([int(row["year"]) for row in rows]),
        genres=np.array([[name in row["genres"].split("|") for name in names] for row in rows]),
        genre_names=names,
    )
    return Films(
        catalog,
        fame=read_only(np.array([int(row["fame"]) for row in rows])),
        before=read_only(np.array([item_of.get((row["series"], int(row["part"] or 0) - 1), -1) for row in rows])),
    )


def build(seed: int = 0) -> Dataset:
    """Simulate the viewers; well under a second."""
    films, draws = read_films(), _Draws(seed)
    viewers = _viewers(draws)
    taste = _taste(films, viewers, draws)
    start = np.floor(draws.uniform(N_VIEWERS) * START_DAYS)
    watched = _choose(films, taste, start, draws)
    users, items, timestamps = _evenings(films, watched, start, draws)
    return Dataset(
        name="demo",
        users=users,
        items=items,
        ratings=_stars(films, taste, draws)[users, items],
        timestamps=timestamps,
        catalog=films.catalog,
        viewers=viewers,
        notes=(NOTE,),
    )


def _viewers(draws: _Draws) -> Viewers:
    """Draw who the viewers are; occupations fit the age."""
    kinds = (GENDERS, AGES, OCCUPATIONS, ZIP_AREAS)
    drawn = [np.array(tuple(shares))[draws.codes(shares, N_VIEWERS)] for shares in kinds]
    _, age, occupation, _ = drawn
    occupation[(occupation == "retired") & ~np.isin(age, AGE_BANDS[-2:])] = "other"
    occupation[(age == AGE_BANDS[-1]) & (draws.uniform(N_VIEWERS) < 0.5)] = "retired"
    occupation[(age == AGE_BANDS[1]) & (draws.uniform(N_VIEWERS) < 0.5)] = "student"
    occupation[age == AGE_BANDS[0]] = "student"
    return Viewers(IdMap(np.arange(1, N_VIEWERS + 1)), *map(Categorical.from_values, drawn, kinds))


def _taste(films: Films, viewers: Viewers, draws: _Draws) -> np.ndarray:
    """(U, I) how well each film suits each viewer, around 0: a few shared schools, and genres of one's own."""
    catalog = films.catalog
    share = catalog.genres / np.sqrt(catalog.genres.sum(axis=1, keepdims=True))  # of many genres: less in each
    traits = dict(zip(catalog.genre_names, share.T, strict=True))
    traits |= {"fame": (films.fame - 3) / 2, "age": (1990 - catalog.years) / 32}
    appeal = np.stack(
        [sum(weight * traits[trait] for trait, weight in profile.items()) for profile in SCHOOLS.values()], axis=1
    )  # (I, S)
    appeal = _on_grid(appeal - _on_grid(appeal).mean(axis=0)) + HIDDEN * draws.normal(*appeal.shape)

    leaning = draws.normal(N_VIEWERS, len(SCHOOLS))  # (U, S)
    for attribute in (viewers.gender, viewers.age, viewers.occupation):
        leaning += GROUP_TASTE * draws.normal(len(attribute.names), len(SCHOOLS))[attribute.codes]
    leaning[:, -1] += GROUP_TASTE * (viewers.age.codes - 3)  # the only claim: older viewers like older films
    own = OWN_TASTE * draws.normal(N_VIEWERS, len(catalog.genre_names))
    return leaning @ appeal.T + own @ _on_grid(share).T


def _choose(films: Films, taste: np.ndarray, start: np.ndarray, draws: _Draws) -> np.ndarray:
    """(U, I) bool: who watches what, by taste, popularity and fashion.

    Args:
        taste: (U, I).
        start: (U,) days after FIRST_DAY.
    """
    n_users, n_items = taste.shape
    popularity = FAME_STEP * films.fame + LUCK * draws.normal(n_items)
    season = _on_grid(start / START_DAYS - 0.5)
    fashion = season[:, None] * (FASHION * draws.normal(n_items))
    keenness = APPEAL * taste + popularity + fashion + draws.gumbel(n_users, n_items)

    for item in np.flatnonzero(films.before >= 0):  # the list has the parts of a series in order
        previous = keenness[:, films.before[item]] - 2.0**-8
        mood = draws.uniform(n_users)
        waits = np.minimum(keenness[:, item], previous)
        keenness[:, item] = np.where(mood < CONTINUES, previous, np.where(mood < PATIENT, waits, keenness[:, item]))

    tail = ACTIVITY * (1 / np.sqrt(1 - draws.uniform(n_users)) - 1)
    n_films = np.minimum(MIN_FILMS + tail, MAX_FILMS).astype(np.int64)
    least = -np.take_along_axis(np.sort(-keenness, axis=1), n_films[:, None] - 1, axis=1)  # (U, 1) the last one in
    closest = np.argpartition(least - keenness, MIN_VIEWERS, axis=0)[:MIN_VIEWERS]  # (MIN_VIEWERS, I) users
    keenness[closest, np.arange(n_items)] += 64  # these viewers watch it in any case

    watched = np.zeros(taste.shape, dtype=bool)
    ranked = np.argsort(-keenness, axis=1, kind="stable")
    np.put_along_axis(watched, ranked, np.arange(n_items) < n_films[:, None], axis=1)
    return watched


def _themes(catalog: Catalog) -> np.ndarray:
    """(I,) what an evening is about: a film's rarest genre, and whether it is older than 1980."""
    rarity = np.argsort(np.argsort(-catalog.genres.sum(axis=0), kind="stable"))
    return np.where(catalog.genres, rarity + 1, 0).max(axis=1) * 2 + (catalog.years < 1980)


def _evenings(
    films: Films, watched: np.ndarray, start: np.ndarray, draws: _Draws
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Put each viewer's films into an order: evenings with a theme, roughly in order of release, series kept together.

    Returns:
        users, items, timestamps, (N,) each.
    """
    first = np.arange(len(films.catalog))  # (I,) the first part of the film's series
    for item in np.flatnonzero(films.before >= 0):
        first[item] = first[films.before[item]]
    users, items = np.nonzero(watched)
    series, theme, n = first[items], _themes(films.catalog)[first[items]], len(users)
    part = np.where(draws.uniform(n) < BACKWARDS, -items, items)  # within a series, later parts have larger indices
    turn = films.catalog.years[series] + WANDERING * draws.normal(*watched.shape)[users, series]
    order = np.lexsort((part, series, turn, theme, users))
    users, items, series, theme = users[order], items[order], series[order], theme[order]

    # An evening is a run of up to EVENING films of one theme; a series is never cut.
    row = np.arange(n)
    new_theme = _changes(users, theme)
    new_series = _changes(users, series)
    place = row[new_series][np.cumsum(new_series) - 1] - row[new_theme][np.cumsum(new_theme) - 1]
    evening = np.cumsum(_changes(users, theme, place // EVENING)) - 1  # (N,)
    order = np.lexsort((row, draws.uniform(evening[-1] + 1)[evening], users))
    users, items, evening = users[order], items[order], evening[order]

    starts_evening = _changes(users, evening)
    pause = starts_evening * (1 + np.floor(draws.uniform(n) * MAX_PAUSE))  # days
    minutes = np.where(starts_evening, 960, 90) + np.floor(draws.uniform(n) * 90)
    day = start[users] + _running_total(pause, _changes(users))
    timestamps = FIRST_DAY + 86_400 * day + 60 * _running_total(minutes, starts_evening)
    return users, items, timestamps.astype(np.int64)


def _changes(*keys: np.ndarray) -> np.ndarray:
    """(N,) bool: the rows where any key differs from the row before, and the first row."""
    changed = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    return np.concatenate(([True], changed))


def _running_total(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """(N,) cumulative sum that starts again where `starts` is true."""
    total = np.cumsum(values)
    return total - (total - values)[starts][np.cumsum(starts) - 1]


def _stars(films: Films, taste: np.ndarray, draws: _Draws) -> np.ndarray:
    """(U, I) whole stars that each viewer gives to each film, watched or not."""
    n_users, n_items = taste.shape
    bias = BIAS * draws.normal(n_users)
    quality = QUALITY * draws.normal(n_items) - 0.25 * (films.before >= 0)
    stars = MEAN + bias[:, None] + quality + TASTE * taste + MOOD * draws.normal(n_users, n_items)
    return np.clip(np.rint(stars), 1, 5)
