"""The border between raw ids and indices, and what is known of films and viewers.

Raw ids (`item_id`, `user_id`: whatever the files say) exist here, in the loaders and in the user interface.
Everything else works with indices 0..n-1, called `item` and `user`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recsys.errors import UsageError

UNKNOWN_YEAR = 0


def read_only(array: np.ndarray) -> np.ndarray:
    """Mark an array as not writable: data objects are shared between sessions and threads."""
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class IdMap:
    """Raw ids by index.

    Args:
        ids: (n,) int64, unique; `ids[index]` is the raw id.
    """

    ids: np.ndarray

    def __post_init__(self) -> None:
        ids = np.asarray(self.ids, dtype=np.int64)
        if len(np.unique(ids)) != len(ids):
            raise ValueError(f"ids must be unique. Received {len(ids)} ids, {len(np.unique(ids))} different ones.")
        object.__setattr__(self, "ids", read_only(ids.copy()))

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def _index_of(self) -> dict[int, int]:
        return {int(raw): index for index, raw in enumerate(self.ids)}

    @cached_property
    def _order(self) -> np.ndarray:
        return np.argsort(self.ids)

    def __contains__(self, raw_id: int) -> bool:
        return raw_id in self._index_of

    def index(self, raw_id: int) -> int:
        """The index of one raw id. Raises UsageError for an id that is not there."""
        try:
            return self._index_of[int(raw_id)]
        except KeyError:
            span = f", from {self.ids.min()} to {self.ids.max()}" if len(self) else ""
            raise UsageError(f"There is no id {raw_id}: {len(self)} ids are known{span}.") from None

    def indices(self, raw_ids: Iterable[int] | np.ndarray) -> np.ndarray:
        """(n,) int32 indices of many raw ids; -1 where an id is unknown."""
        raw = np.asarray(raw_ids, dtype=np.int64)
        if len(self) == 0:
            return np.full(len(raw), -1, dtype=np.int32)
        position = np.minimum(np.searchsorted(self.ids, raw, sorter=self._order), len(self) - 1)
        index = self._order[position]
        return np.where(self.ids[index] == raw, index, -1).astype(np.int32)


@dataclass(frozen=True, eq=False)
class Catalog:
    """What is known of the films, in index order.

    Args:
        ids: raw film ids.
        titles: n_items titles without the year, article in front ("The Matrix"). Data, never markup.
        years: (n_items,) release years, 0 where unknown.
        genres: (n_items, n_genres) bool.
        genre_names: n_genres names.
    """

    ids: IdMap
    titles: tuple[str, ...]
    years: np.ndarray
    genres: np.ndarray
    genre_names: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "years", read_only(np.asarray(self.years, dtype=np.int16).copy()))
        object.__setattr__(self, "genres", read_only(np.asarray(self.genres, dtype=bool).copy()))
        n_items = len(self.ids)
        if len(self.titles) != n_items or len(self.years) != n_items:
            raise ValueError(
                f"a catalog needs a title and a year per film. Received {n_items} ids, "
                f"{len(self.titles)} titles, {len(self.years)} years."
            )
        if self.genres.shape != (n_items, len(self.genre_names)):
            raise ValueError(
                f"genres must have shape {(n_items, len(self.genre_names))}. Received {self.genres.shape}."
            )

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def anonymous(cls, n_items: int) -> Catalog:
        """Films known by number only (toys, tests)."""
        return cls(
            ids=IdMap(np.arange(1, n_items + 1)),
            titles=tuple(f"Film {i}" for i in range(1, n_items + 1)),
            years=np.zeros(n_items),
            genres=np.zeros((n_items, 0)),
            genre_names=(),
        )

    def select(self, items: np.ndarray) -> Catalog:
        """Some of the films, in the order given."""
        return Catalog(
            ids=IdMap(self.ids.ids[items]),
            titles=tuple(self.titles[item] for item in items),
            years=self.years[items],
            genres=self.genres[items],
            genre_names=self.genre_names,
        )

    def label(self, item: int) -> str:
        """Title and year: "The Matrix (1999)"."""
        year = int(self.years[item])
        return f"{self.titles[item]} ({year})" if year != UNKNOWN_YEAR else self.titles[item]

    def genres_of(self, item: int) -> tuple[str, ...]:
        """The names of a film's genres, in the data set's order."""
        return tuple(self.genre_names[g] for g in np.flatnonzero(self.genres[item]))


@dataclass(frozen=True, eq=False)
class Categorical:
    """One categorical attribute.

    Args:
        codes: (n,) int16 positions in `names`.
        names: the categories; `names[0]` is always "unknown".
    """

    codes: np.ndarray
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        codes = read_only(np.asarray(self.codes, dtype=np.int16).copy())
        object.__setattr__(self, "codes", codes)
        if self.names[0] != "unknown":
            raise ValueError(f"the first category must be 'unknown'. Received {self.names[0]!r}.")
        if len(codes) and not 0 <= codes.min() <= codes.max() < len(self.names):
            raise ValueError(f"codes must be 0..{len(self.names) - 1}. Received {codes.min()}..{codes.max()}.")

    @classmethod
    def unknown(cls, n: int) -> Categorical:
        """An attribute that the data set does not have."""
        return cls(np.zeros(n), ("unknown",))

    @classmethod
    def from_values(cls, values: Iterable[str], names: Iterable[str] | None = None) -> Categorical:
        """Categories of text values, in the order of `names` (or sorted); anything else is unknown."""
        values = list(values)
        known = tuple(names) if names is not None else tuple(sorted({v for v in values if v}))
        code = {name: i for i, name in enumerate(known, start=1)}
        return cls(np.array([code.get(v, 0) for v in values]), ("unknown", *known))

    def select(self, indices: np.ndarray) -> Categorical:
        """Some of the codes, with the same names."""
        return Categorical(self.codes[indices], self.names)

    @property
    def is_known(self) -> bool:
        """Whether the data set has this attribute at all."""
        return len(self.names) > 1

    def name(self, index: int) -> str:
        return self.names[self.codes[index]]


AGE_BANDS = ("under 18", "18-24", "25-34", "35-44", "45-49", "50-55", "56+")
"""The bands of MovieLens 1M's README, used for every data set, so that no exact age is kept."""

AGE_BAND_STARTS = (0, 18, 25, 35, 45, 50, 56)


def age_band(age: int) -> str:
    """The band of an age in years; "" (unknown) for a negative one."""
    return AGE_BANDS[int(np.searchsorted(AGE_BAND_STARTS, age, side="right")) - 1] if age >= 0 else ""


@dataclass(frozen=True)
class Demographics:
    """What a new user says about themselves: codes of the data set's attributes (`Viewers`), 0 for what is not said."""

    gender: int = 0
    age: int = 0
    occupation: int = 0


NO_DEMOGRAPHICS = Demographics()


@dataclass(frozen=True, eq=False)
class Viewers:
    """What is known of the users, in index order, in bands only. `zip_area` (the first digit of a ZIP code) is
    a field of AutoInt+ and never shown."""

    ids: IdMap
    gender: Categorical
    age: Categorical
    occupation: Categorical
    zip_area: Categorical

    def __post_init__(self) -> None:
        for name, attribute in zip(("gender", "age", "occupation", "zip_area"), self.attributes, strict=True):
            if len(attribute.codes) != len(self.ids):
                n = len(attribute.codes)
                raise ValueError(f"{name} needs a value per user. Received {n} for {len(self.ids)} users.")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def attributes(self) -> tuple[Categorical, ...]:
        return (self.gender, self.age, self.occupation, self.zip_area)

    def select(self, users: np.ndarray) -> Viewers:
        """Some of the users, in the order given."""
        return Viewers(IdMap(self.ids.ids[users]), *(attribute.select(users) for attribute in self.attributes))

    @classmethod
    def anonymous(cls, ids: IdMap) -> Viewers:
        """Users about whom only the id is known."""
        return cls(ids, *(Categorical.unknown(len(ids)) for _ in range(4)))
