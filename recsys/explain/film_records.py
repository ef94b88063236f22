"""What a model makes of every film, and the record of it: who gets the film, and where it lies.

artifacts/<dataset>/films/<model>.npz     arrays of small integers and half floats (read with allow_pickle=False)
                        <model>.json      what they are, and the SHA-256 of the manifest of the model they belong to

`python -m recsys record films` writes them for the shipped models. A record of a model that has been trained again
since is stale, and says so. Of a run nothing is recorded: the Film page asks for what it can wait for.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from recsys.data.dataset import Dataset
from recsys.explain.film_maps import pca, tsne
from recsys.explain.film_reach import N_BEST, Reach, small
from recsys.explain.film_vectors import FEWEST_PLACED, MIN_RATINGS, neighbours, placed_films, space_of
from recsys.serving import records
from recsys.serving.artifacts import Manifest
from recsys.serving.scorers import Scorer, answering

FORMAT_VERSION = 1
STEP = 1000
"""Similarities are kept in whole thousandths."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the films lie in one model's space; only those with enough ratings do.

    Args:
        placed: (P,) film indices, ascending; none where the model has no space.
        neighbours: (P, n) film indices, nearest first.
        thousandths: (P, n) int16 how alike they are, in thousandths.
        pca, tsne: (P, 2) float16 places on the two maps, in [-1, 1]; t-SNE is (0, 2) where it was not asked for.
    """

    placed: np.ndarray
    neighbours: np.ndarray
    thousandths: np.ndarray
    pca: np.ndarray
    tsne: np.ndarray

    @classmethod
    def none(cls) -> Layout:
        """Of a model to which a film is a single number."""
        number, place = np.zeros((0, 0), dtype=np.uint8), np.zeros((0, 2), dtype=np.float16)
        return cls(np.zeros(0, dtype=np.uint8), number, number.astype(np.int16), place, place)

    @classmethod
    def of(
        cls, placed: np.ndarray, neighbours: np.ndarray, similarity: np.ndarray, pca: np.ndarray, tsne: np.ndarray
    ) -> Layout:
        """From full precision."""
        thousandths = np.clip(np.round(STEP * similarity), -STEP, STEP).astype(np.int16)
        flat = (points.astype(np.float16) for points in (pca, tsne))
        return cls(small(placed), small(neighbours), thousandths, *flat)

    def row_of(self, item: int) -> int | None:
        """Where a film stands in `placed`; None where it has no place."""
        row = int(np.searchsorted(self.placed, item))
        return row if row < len(self.placed) and self.placed[row] == item else None


@dataclass(frozen=True, eq=False)
class Places:
    """A layout, and how it is to be read; the fields are those of FilmRecord."""

    layout: Layout
    about: str
    is_weights: bool
    pca_share: float
    min_ratings: int = MIN_RATINGS


@answering()
def places_of(scorer: Scorer, dataset: Dataset, item_counts: np.ndarray, seed: int | None = None) -> Places:
    """Where a trained model puts the films, in well under a second for 1,682 of them.

    Args:
        item_counts: (I,) ratings in training.
        seed: of t-SNE; without one that map, which takes seconds, is left out.

    Raises:
        ArtifactError: the model failed.
        UsageError: a graph in which no film vectors are found.
    """
    space = space_of(scorer, dataset)
    if space is None:
        return Places(Layout.none(), about="", is_weights=False, pca_share=0.0)
    placed = placed_films(space, item_counts)
    if len(placed) < FEWEST_PLACED:
        return Places(Layout.none(), space.about, space.is_weights, pca_share=0.0)
    directions = space.directions(placed)
    flat, share = pca(directions)
    near = np.zeros((0, 2)) if seed is None else tsne(directions, seed)
    layout = Layout.of(placed, *neighbours(space, placed), flat, near)
    return Places(layout, space.about, space.is_weights, round(share, 4))


@dataclass(frozen=True, eq=False)
class FilmRecord:
    """All that is worked out for the films of one model. The rest is JSON-able.

    Args:
        manifest: SHA-256 of the artifact's manifest.
        fingerprint: of the data set.
        seed: of t-SNE.
        min_ratings: ratings in training from which a film has a place.
        about: what a film is to the model, as the end of the sentence "Each film is ..."; "" without a space.
        is_weights: neighbours are films with a large weight, not those at a small angle.
        pca_share: share of the variance that PCA's two axes show.
    """

    model: str
    dataset: str
    fingerprint: str
    manifest: str
    n_users: int
    n_items: int
    seed: int
    min_ratings: int
    about: str
    is_weights: bool
    pca_share: float
    reach: Reach
    layout: Layout
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        if self.format_version != FORMAT_VERSION:
            raise ValueError(f"it has format {self.format_version!r}, not {FORMAT_VERSION}")
        n_placed, n_near = self.layout.placed.size, self.layout.neighbours.shape[-1]
        per_film, best = (self.n_items,), (self.n_items, min(N_BEST, self.n_users))
        near, flat = (n_placed, n_near), (n_placed, 2)
        expected: dict[str, tuple[tuple[int, ...], str, float]] = {  # shape, kind, all numbers are below
            "top_10": (per_film, "u", np.inf),
            "top_100": (per_film, "u", np.inf),
            "middle": (per_film, "u", np.inf),
            "best_users": (best, "u", self.n_users),
            "best_ranks": (best, "u", np.inf),
            "placed": ((n_placed,), "u", self.n_items),
            "neighbours": (near, "u", self.n_items),
            "thousandths": (near, "i", np.inf),
            "pca": (flat, "f", np.inf),
            "tsne": (flat, "f", np.inf),
        }
        for name, array in (vars(self.reach) | vars(self.layout)).items():
            shape, kind, limit = expected[name]
            if array.shape != shape or array.dtype.kind != kind:
                raise ValueError(f"{name} is {array.dtype} of shape {array.shape}, not {kind!r} of {shape}")
            if kind == "f" and not np.isfinite(array).all():
                raise ValueError(f"{name} holds something other than finite numbers")
            if array.size and array.max() >= limit:
                raise ValueError(f"{name} names number {array.max()} of {limit}")

    @property
    def places(self) -> Places:
        return Places(self.layout, self.about, self.is_weights, self.pca_share, self.min_ratings)

    def is_of(self, manifest: Manifest) -> bool:
        """Whether it was worked out from exactly this trained model."""
        return self.manifest == manifest.sha256


def folder_of(dataset: str, root: Path | None = None) -> Path:
    return records.folder_of(dataset, records.FILMS, root)


def command_for(dataset: str, model: str) -> str:
    """The command that works a record out again."""
    return f"python -m recsys record films --dataset {dataset} --models {model}"


def write(record: FilmRecord, root: Path | None = None) -> int:
    """Put it on record; the bytes that it takes. Raises UsageError where nothing can be written."""
    facts = {name: value for name, value in asdict(record).items() if name not in ("reach", "layout")}
    path = folder_of(record.dataset, root) / f"{record.model}.json"
    return records.write(path, facts, {**vars(record.reach), **vars(record.layout)})


def read(dataset: str, model: str, root: Path | None = None) -> FilmRecord | None:
    """A record, or None where there is none. Raises ArtifactError: it is there and damaged."""
    path = folder_of(dataset, root) / f"{model}.json"
    how = "The record of the films", command_for(dataset, model)
    if (found := records.read_arrays(path, *how)) is None:
        return None
    facts, arrays = found
    del facts[records.VALUES]
    try:
        parts = [cls(**{each.name: arrays[each.name] for each in fields(cls)}) for cls in (Reach, Layout)]
    except KeyError as error:
        raise records.damaged(path, *how, ValueError(f"it has no array {error}")) from None
    place = {"model": model, "dataset": dataset}
    return records.as_record(FilmRecord, facts, path, *how, place, reach=parts[0], layout=parts[1])
