"""Data of any size, drawn from a seed: the speed of training is measured on it. No real ratings, and no files.

The sizes of MovieLens with its long tails: a few users rate a lot, a few films are rated by most. There is something
to learn for every model: users prefer some genres and rate them higher, films differ in quality, and a user's films
come in runs of one genre. The same seed gives the same data for one version of numpy.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from statistics import NormalDist

import numpy as np

from recsys.data.catalog import AGE_BANDS, Catalog, Categorical, IdMap, Viewers
from recsys.data.dataset import Dataset, RatingScale
from recsys.errors import UsageError


@dataclass(frozen=True)
class Size:
    """How much to draw.

    Args:
        activity: the spread of the log number of films per user, beyond `min_films`.
        popularity: the spread of the films' log popularity.
        most_films: the share of all films that a user has rated at most.
    """

    n_users: int
    n_items: int
    n_ratings: int
    min_films: int = 20
    activity: float = 1.15
    popularity: float = 1.5
    most_films: float = 0.6
    scale: RatingScale = field(default_factory=RatingScale)

    def __post_init__(self) -> None:
        low, high = self.n_users * self.min_films, self.n_users * int(self.most_films * self.n_items)
        if not low <= self.n_ratings <= high:
            raise UsageError(
                f"{self.n_users} users, each with {self.min_films} to {int(self.most_films * self.n_items)} films, "
                f"have from {low} to {high} ratings. Received {self.n_ratings}."
            )


SIZES = {
    "100k": Size(943, 1682, 100_000),
    "1m": Size(6040, 3706, 1_000_209),
    "20m": Size(138_493, 26_744, 20_000_263, activity=1.4, popularity=2.5, scale=RatingScale(0.5, 5.0, 0.5)),
}
"""Users, films and ratings of MovieLens 100K, 1M and 20M, with spreads that give about its medians and maxima."""

N_GENRES = 18
LIKING = 1.5  # how much more often a user takes a film of a genre they like: a factor of e ** (LIKING * taste)
N_CIRCLES = 32  # users of one circle like the same genres: so many lists to draw from instead of one per user
MIXING = 3.0  # by how many genres a film is off its place when a user goes through the genres
FIRST_DAY, LAST_DAY = 956_703_932, 1_046_454_590  # ratings come in this time, in seconds since 1970
N_ROUNDS = 4  # of draws with replacement


def make(size: str | Size, seed: int = 0) -> Dataset:
    """A data set of exactly that size ("100k", "1m", "20m" or your own), in which nobody rates a film twice.

    Raises UsageError for an unknown name.
    """
    name, size = (size, size_of(size)) if isinstance(size, str) else ("own", size)
    random = np.random.default_rng(seed)
    genres = np.zeros((size.n_items, N_GENRES), dtype=bool)
    genres[np.arange(size.n_items), random.integers(0, N_GENRES, size.n_items)] = True  # the film's first genre ...
    genres |= random.random((size.n_items, N_GENRES)) < 0.06  # ... and about one more
    liking = random.normal(size=(N_CIRCLES, N_GENRES))
    taste = (liking @ genres.T / np.sqrt(genres.sum(axis=1))).astype(np.float32)  # (N_CIRCLES, I)
    circles = random.integers(0, N_CIRCLES, size.n_users)

    counts = _activity(size, random)
    popularity = random.permutation(normal_quantiles(size.n_items)) * size.popularity
    items = _choose(popularity + LIKING * taste, circles, counts, random)
    users = np.repeat(np.arange(size.n_users, dtype=np.int32), counts)
    ratings = _stars(size, taste, circles, users, items, random)
    order, times = _order(genres, counts, users, items, random)
    return Dataset(
        name=f"synthetic-{name}",
        users=users,  # `order` sorts within users
        items=items[order],
        ratings=ratings[order],
        timestamps=times,
        catalog=_catalog(genres, random),
        viewers=_viewers(size.n_users, random),
        scale=size.scale,
        notes=("Drawn from a seed, for measuring speed: nobody's ratings.",),
    )


def size_of(name: str) -> Size:
    """One of SIZES. Raises UsageError for an unknown name."""
    if name not in SIZES:
        raise UsageError(f"There is no size {name!r}; available: {', '.join(SIZES)}.")
    return SIZES[name]


def normal_quantiles(n: int) -> np.ndarray:
    """n values spread like a normal distribution: the same tails whatever the seed."""
    normal = NormalDist()
    return np.array([normal.inv_cdf((place + 0.5) / n) for place in range(n)])


def _activity(size: Size, random: np.random.Generator) -> np.ndarray:
    """(U,) films per user, log-normal beyond the minimum; their sum is n_ratings."""
    spare = size.n_ratings - size.n_users * size.min_films
    room = float(int(size.most_films * size.n_items) - size.min_films)
    shape = np.exp(size.activity * random.permutation(normal_quantiles(size.n_users)))
    low, high = 0.0, 1.0
    while np.minimum(high * shape, room).sum() < spare and high < 1e12:
        high *= 2
    for _ in range(60):  # what exceeds the limit of the busiest goes to the others
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(middle * shape, room).sum() < spare else (low, middle)
    # Rounded sums instead of a sum of rounded values, so that nothing is lost on the way.
    edges = np.rint(np.cumsum(np.minimum(high * shape, room)))
    edges[-1] = spare
    return size.min_films + np.diff(edges, prepend=0).astype(np.int64)


def _choose(
    log_weights: np.ndarray, circles: np.ndarray, counts: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """(N,) int32 films, user by user: draws without replacement by the weights (C, I) of the user's circle.

    Rounds of draws with replacement, of which those of a film that the user has count for nothing, are draws without
    replacement. Who has not enough after a few of them draws the rest at once by the Gumbel trick.
    """
    n_items = log_weights.shape[1]
    cumulated = np.cumsum(np.exp(log_weights.astype(np.float64)), axis=1)
    # The circles one after the other, so that one search serves all users: circle c from c to c + 1.
    ladder = (cumulated / cumulated[:, -1:] + np.arange(len(cumulated))[:, None]).ravel()
    chosen = np.empty(0, dtype=np.int64)  # sorted user * n_items + film
    missing = counts.copy()
    for _ in range(N_ROUNDS):
        drawing = np.repeat(np.arange(len(counts)), missing + missing // 2)
        places = np.searchsorted(ladder, circles[drawing] + random.random(len(drawing)), side="right")
        keys = drawing * n_items + np.minimum(places - circles[drawing] * n_items, n_items - 1)
        del places
        keys, first = np.unique(keys, return_index=True)  # the first draw of each film counts
        if len(chosen):
            is_new = chosen[np.minimum(np.searchsorted(chosen, keys), len(chosen) - 1)] != keys
            keys, first = keys[is_new], first[is_new]
        keys = keys[np.argsort(first)]  # in the order of the draws, so user by user
        of_user = np.bincount(keys // n_items, minlength=len(counts))
        rank = np.arange(len(keys)) - np.repeat(np.cumsum(of_user) - of_user, of_user)
        keys = keys[rank < missing[keys // n_items]]
        missing -= np.bincount(keys // n_items, minlength=len(counts))
        chosen = np.sort(np.concatenate([chosen, keys]), kind="stable")
    rest = [chosen]
    for user in np.flatnonzero(missing):
        keyed = log_weights[circles[user]] + random.gumbel(size=n_items)
        start, end = np.searchsorted(chosen, (user * n_items, (user + 1) * n_items))
        keyed[chosen[start:end] - user * n_items] = -np.inf
        rest.append(user * n_items + np.argpartition(-keyed, missing[user] - 1)[: missing[user]])
    return (np.sort(np.concatenate(rest), kind="stable") % n_items).astype(np.int32)


def _stars(
    size: Size,
    taste: np.ndarray,
    circles: np.ndarray,
    users: np.ndarray,
    items: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    """(N,) float32 stars: the averages of user and film, how well the two match, and mood."""
    average = random.normal(0.0, 0.4, size.n_users).astype(np.float32)[users]
    quality = random.normal(0.0, 0.5, size.n_items).astype(np.float32)[items]
    mood = random.standard_normal(len(users), dtype=np.float32)
    stars = 3.4 + average + quality + 0.3 * taste[circles[users], items] + 0.8 * mood
    scale = size.scale
    return scale.clip(scale.low + scale.step * np.rint((stars - scale.low) / scale.step)).astype(np.float32)


def _order(
    genres: np.ndarray, counts: np.ndarray, users: np.ndarray, items: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of each user from the oldest on, and (N,) int64 times of the rows in this order.

    A user starts at some genre and goes through the others, by and large: the last films tell something of the next.
    """
    starts = random.integers(0, N_GENRES, len(counts))
    stage = (genres.argmax(axis=1)[items] - starts[users]) % N_GENRES + MIXING * random.standard_normal(len(users))
    order = np.lexsort((stage, users))
    joined = random.integers(FIRST_DAY, LAST_DAY - 400 * 86_400, len(counts))
    place = np.arange(len(users)) - np.repeat(np.cumsum(counts) - counts, counts)
    return order, joined[users] + place * 3_600 * 24 // 12  # a dozen films a day


def _catalog(genres: np.ndarray, random: np.random.Generator) -> Catalog:
    n_items = len(genres)
    return replace(
        Catalog.anonymous(n_items),
        years=1999 - random.geometric(0.08, n_items).clip(max=80),
        genres=genres,
        genre_names=tuple(f"Genre {number}" for number in range(1, N_GENRES + 1)),
    )


def _viewers(n_users: int, random: np.random.Generator) -> Viewers:
    def drawn(names: tuple[str, ...]) -> Categorical:
        return Categorical(random.integers(1, len(names) + 1, n_users), ("unknown", *names))

    return Viewers(
        ids=IdMap(np.arange(1, n_users + 1)),
        gender=drawn(("female", "male")),
        age=drawn(AGE_BANDS),
        occupation=drawn(tuple(f"Occupation {number}" for number in range(1, 22))),
        zip_area=drawn(tuple("0123456789")),
    )
