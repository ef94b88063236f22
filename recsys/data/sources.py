"""The data sets that this program knows by name, and where they are on this computer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from recsys.data.movielens import reader
from recsys.errors import UsageError
from recsys.paths import HOME

BASE_URL = "https://files.grouplens.org/datasets/movielens"

CITATION = (
    "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. ACM Transactions on "
    "Interactive Intelligent Systems (TiiS) 5, 4, Article 19. https://doi.org/10.1145/2827872"
)
NO_REDISTRIBUTION = "Research use only; no redistribution and no commercial use without permission; citation required."
SAME_LICENCE = "Research use only; redistribution under the same licence; no commercial use; citation required."
SEE_README = "Research use only; no commercial use without permission; citation required; see its README."


@dataclass(frozen=True)
class Source:
    """A data set that this program knows by name.

    Args:
        name: what `data get` and the app call it.
        title: what people call it.
        n_ratings, n_users, n_films: as published; 0 where they depend on the files.
        has_demographics: whether users have gender, age band and occupation.
        n_bytes: size of the zip, about; 0 where nothing is published under this name.
        md5: of the zip, as GroupLens publishes it; None where the zip changes over time.
        is_timed: whether its ratings have timestamps, as far as its name tells.
    """

    name: str
    title: str
    licence: str
    n_ratings: int = 0
    n_users: int = 0
    n_films: int = 0
    has_demographics: bool = False
    n_bytes: int = 0
    md5: str | None = None
    citation: str = CITATION
    is_timed: bool = True

    @property
    def url(self) -> str | None:
        """The zip, or None where nothing is published under this name."""
        return f"{BASE_URL}/{self.name}.zip" if self.n_bytes else None


# fmt: off
SOURCES: dict[str, Source] = {source.name: source for source in (
    Source("ml-100k", "MovieLens 100K", NO_REDISTRIBUTION, 100_000, 943, 1_682, True,
           n_bytes=4_924_029, md5="0e33842e24a9c977be4e0107933c0723"),
    Source("ml-1m", "MovieLens 1M", NO_REDISTRIBUTION, 1_000_209, 6_040, 3_883, True,
           n_bytes=5_917_549, md5="c4d9eecfca2ab87c1945afe126590906"),
    Source("ml-10m", "MovieLens 10M", NO_REDISTRIBUTION, 10_000_054, 69_878, 10_681,
           n_bytes=65_566_137, md5="ce571fd55effeba0271552578f2648bd"),
    Source("ml-20m", "MovieLens 20M", NO_REDISTRIBUTION, 20_000_263, 138_493, 27_278,
           n_bytes=198_702_078, md5="cd245b17a1ae2cc31bb14903e1204af3"),
    Source("ml-25m", "MovieLens 25M", SEE_README, 25_000_095, 162_541, 62_423,
           n_bytes=261_978_986, md5="6b51fb2759a8657d3bfcbfc42b592ada"),
    Source("ml-32m", "MovieLens 32M", SEE_README, 32_000_204, 200_948, 87_585,
           n_bytes=238_950_008, md5="d472be332d4daa821edc399621853b57"),
    Source("ml-latest-small", "MovieLens latest, small", SAME_LICENCE, 100_836, 610, 9_742, n_bytes=978_202),
    Source("ml-latest", "MovieLens latest", SEE_README, 33_832_162, 330_975, 86_537, n_bytes=350_896_731),
    Source("ml-1m-untimed", "MovieLens 1M without times", NO_REDISTRIBUTION, 1_000_209, 6_040, 3_883, True,
           is_timed=False),
    Source("movielens", "A data set in MovieLens layout", SEE_README),
)}
# fmt: on


def known_source(name: str, known: dict[str, Source] = SOURCES) -> Source:
    """The source of that name. Raises UsageError for an unknown one."""
    if name not in known:
        raise UsageError(f"There is no data set {name!r}: {', '.join(known)} are known.")
    return known[name]


def download_folder() -> Path:
    """Where downloads and uploads go: `data/` at home, or RECSYS_DOWNLOAD_DIR."""
    chosen = os.environ.get("RECSYS_DOWNLOAD_DIR")
    return Path(chosen) if chosen else HOME / "data"


def data_folders() -> list[Path]:
    """Where data sets are looked for, in this order: RECSYS_DATA_DIR if it is set, then the downloads."""
    chosen = os.environ.get("RECSYS_DATA_DIR")
    return [Path(chosen), download_folder()] if chosen else [download_folder()]


def find(name: str) -> Path | None:
    """The folder `<folder>/<name>/` or the zip of a data set on disk. Raises UsageError for an unknown name."""
    known_source(name)
    for folder in data_folders():
        if (folder / name).is_dir() and reader.layout_of(folder / name) is not None:
            return folder / name
        if (folder / f"{name}.zip").is_file():
            return folder / f"{name}.zip"
    return None
