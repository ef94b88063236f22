"""The one place where a name becomes a Dataset, and what there is to say about one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from recsys.data import sources
from recsys.data.dataset import Dataset, RatingScale
from recsys.data.movielens import reader
from recsys.data.sources import SOURCES, Source
from recsys.errors import UsageError

DEMO = Source(
    "demo", "Demo", "Simulated viewers; film titles, years and genres are facts.", has_demographics=True, citation=""
)
PREFERRED = "ml-100k"
"""What the app shows first, where it is on disk."""


def open_dataset(name: str) -> Dataset:
    """The data set of that name, from what is on disk.

    Raises UsageError where the name is unknown or the files are not here, DataError where they cannot be read.
    """
    if source_of(name) is DEMO:
        from recsys.data import demo

        return demo.build()
    path = sources.find(name)
    if path is None:
        folders = " and ".join(str(folder) for folder in sources.data_folders())
        remedy = f"Run: python -m recsys data get {name}"
        if SOURCES[name].url is None:
            remedy = f"Put its files into {sources.download_folder() / name}, or set RECSYS_DATA_DIR."
        raise UsageError(f"{name} is not on this computer (looked in {folders}). {remedy}")
    return reader.load(path, name=name)


def available() -> list[str]:
    """The names that can be opened right now without a network; "demo", which always can, is the last."""
    return [*(name for name in SOURCES if sources.find(name) is not None), DEMO.name]


def source_of(name: str) -> Source:
    """Where a data set comes from, its licence and its citation. Raises UsageError for an unknown name."""
    return sources.known_source(name, SOURCES | {DEMO.name: DEMO})


@dataclass(frozen=True)
class Summary:
    """A data set in numbers, for `data list` and `data check`.

    Args:
        n_rated_items: films with at least one rating.
        density: ratings per user and film, 0 to 1.
        first, last: dates of the oldest and newest rating ("1997-09-20"), "" where there are no timestamps.
        has_demographics: whether gender, age band or occupation are known.
    """

    name: str
    n_users: int
    n_items: int
    n_rated_items: int
    n_ratings: int
    mean_rating: float
    scale: RatingScale
    density: float
    first: str
    last: str
    has_demographics: bool
    notes: tuple[str, ...]

    def __str__(self) -> str:
        scale = self.scale
        lines = [
            f"{self.name}: {self.n_ratings:,} ratings of {self.n_items:,} films by {self.n_users:,} users",
            f"  stars         {scale.low:g} to {scale.high:g} in steps of {scale.step:g}, mean {self.mean_rating:.4f}",
            f"  films rated   {self.n_rated_items:,}",
            f"  density       {100 * self.density:.2f} % of all pairs of a user and a film",
            f"  dates         {f'{self.first} to {self.last}' if self.first else 'none'}",
            f"  demographics  {'yes' if self.has_demographics else 'no'}",
        ]
        return "\n".join([*lines, *(f"  note          {note}" for note in self.notes)])


def listing() -> str:
    """A table of all data sets, for people: what there is, how large, and where it is on this computer."""
    header = ("name", "ratings", "users", "films", "zip", "where")
    rows = [header, *(_row(source) for source in SOURCES.values()), (DEMO.name, "", "", "", "", "built in")]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    # Names and places to the left, numbers to the right.
    line = "  ".join(f"{{:{side}{width}}}" for side, width in zip("<>>>><", widths, strict=True))
    return "\n".join(line.format(*row).rstrip() for row in rows)


def _row(source: Source) -> tuple[str, ...]:
    path = sources.find(source.name)
    numbers = (f"{n:,}" if n else "" for n in (source.n_ratings, source.n_users, source.n_films))
    size = f"{source.n_bytes / 1e6:.0f} MB" if source.n_bytes else ""
    missing = f"python -m recsys data get {source.name}" if source.url else "not here"
    return (source.name, *numbers, size, str(path) if path else missing)


def describe(dataset: Dataset) -> Summary:
    """Count what is in a data set."""
    viewers = dataset.viewers
    return Summary(
        name=dataset.name,
        n_users=dataset.n_users,
        n_items=dataset.n_items,
        n_rated_items=int((dataset.item_counts > 0).sum()),
        n_ratings=len(dataset),
        mean_rating=float(dataset.ratings.mean(dtype="float64")) if len(dataset) else 0.0,
        scale=dataset.scale,
        density=len(dataset) / max(dataset.n_users * dataset.n_items, 1),
        first=_date(int(dataset.timestamps.min())) if dataset.is_timed else "",
        last=_date(int(dataset.timestamps.max())) if dataset.is_timed else "",
        has_demographics=any(a.is_known for a in (viewers.gender, viewers.age, viewers.occupation)),
        notes=dataset.notes,
    )


def _date(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).date().isoformat()
