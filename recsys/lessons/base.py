"""What a lesson is made of.

Text for people is plain text and formulas are LaTeX. Shapes and numbers are names that the data set and the manifest
fill in: none of them is typed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from recsys.data.dataset import Dataset

Config = Mapping[str, Any]
"""The hyperparameters of a model as its manifest has them."""
Sizes = dict[str, int]
"""Length of each dimension by its letter."""

DIMENSIONS = {
    "U": "users",
    "I": "films",
    "N": "ratings that the model learns from",
    "D": "numbers per vector",
    "H": "width of the hidden state or layer",
    "T": "films read in a row",
    "F": "fields",
    "C": "codes of all fields",
    "W": "width of a head",
    "A": "heads side by side: their number times their width",
}
"""What a letter counts, in every lesson."""


@dataclass(frozen=True)
class Symbol:
    """One sign of a formula.

    Args:
        latex: as it stands in the formula.
        shape: letters of DIMENSIONS; () is a single number.
        setting: the hyperparameter that it is, if it is one.
    """

    latex: str
    meaning: str
    shape: tuple[str, ...] = ()
    setting: str = ""


@dataclass(frozen=True)
class Formula:
    """A formula, and a sentence that says what it is for; every sign in it is a symbol of the lesson."""

    says: str
    latex: str


@dataclass(frozen=True)
class Place:
    """Something named in a source file: "ALS.fit", or "_network.Comparisons.call" for what is defined inside."""

    path: str
    name: str


@dataclass(frozen=True)
class Code:
    """Lines of the program itself, found by name each time.

    Args:
        says: what to look for in them.
        first, last: text that the first and the last line contain; "" is where the definition begins or ends.
    """

    place: Place
    says: str
    first: str = ""
    last: str = ""


@dataclass(frozen=True)
class Box:
    """A step of a diagram.

    Args:
        key: by which arrows name it.
        title, note: plain text; {U} and {n_factors} are filled in from the sizes and the configuration.
        kind: "given" by the data, "learnt" in training, or "worked" out.
    """

    key: str
    title: str
    note: str = ""
    kind: str = "worked"


@dataclass(frozen=True)
class Flow:
    """A diagram: rows of boxes from top to bottom, and arrows between them.

    Args:
        paths: boxes by their keys, with an arrow from each to the next one.
        says: the whole in a sentence, for screen readers.
    """

    rows: tuple[tuple[Box, ...], ...]
    paths: tuple[tuple[str, ...], ...]
    says: str

    @property
    def arrows(self) -> list[tuple[str, str]]:
        """Where each arrow begins and ends."""
        return [arrow for path in self.paths for arrow in pairwise(path)]


@dataclass(frozen=True)
class Lesson:
    """A model on one card.

    Args:
        name: in the registry.
        idea: three sentences.
        learns_from: in a few words.
        model: the class whose `looks_at`, `new_user` and `source` are shown where there is no manifest.
        config: the class that has its hyperparameters.
        blind: what it cannot see, a sentence each.
        paper: address of the source.
        parameters: (sizes, configuration) -> what is learnt, and how many numbers that is.
        sizes: (known ratings, configuration, settings of the scorer) -> lengths of dimensions beside U, I and N.
    """

    name: str
    idea: tuple[str, str, str]
    learns_from: str
    flow: Flow
    formulas: tuple[Formula, ...]
    symbols: tuple[Symbol, ...]
    code: tuple[Code, ...]
    model: Place
    config: Place
    blind: tuple[str, ...]
    paper: str
    parameters: Callable[[Sizes, Config], dict[str, int]]
    sizes: Callable[[Dataset, Config, Config], Sizes] = lambda _known, _config, _scorer: {}

    def sizes_of(self, known: Dataset, config: Config, scorer: Config) -> Sizes:
        """The length of every dimension of this lesson."""
        own = self.sizes(known, config, scorer)
        return {"U": known.n_users, "I": known.n_items, "N": len(known), **own}


def filled(text: str, sizes: Sizes, config: Config) -> str:
    """A text of a diagram with its numbers filled in."""
    return text.format(**{**config, **sizes})
