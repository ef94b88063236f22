"""What an example is made of: one user, one model, and the lines that lead to one of its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.data.dataset import Dataset, History
from recsys.lessons.base import Config
from recsys.serving.lists import ModelList
from recsys.serving.scorers import Scorer


@dataclass(frozen=True)
class Line:
    """What a number is, how it is worked out, and its value: data, not Markdown."""

    label: str
    working: str = ""
    value: str = ""


@dataclass(frozen=True)
class Example:
    """The lines that lead to one of the model's numbers, the result."""

    says: str
    lines: tuple[Line, ...]
    result: float


@dataclass(frozen=True, eq=False)
class Case:
    """One user and one model.

    Args:
        known: what the models know.
        history: of the user, who is known to them.
        next_film: the film that the user rated next, or None.
        full: all films in the model's order.
        settings: of the scorer, from the manifest.
    """

    known: Dataset
    history: History
    next_film: int | None
    scorer: Scorer
    full: ModelList
    settings: Config

    @property
    def user(self) -> int:
        """Index of the user."""
        assert self.history.user is not None
        return self.history.user

    @property
    def first(self) -> int:
        """Index of the first film of the list."""
        return int(self.full.items[0])

    def title(self, item: int) -> str:
        return self.known.catalog.titles[item]
