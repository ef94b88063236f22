"""What the page says of a metric: in words, as a formula, and what it is computed from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from recsys.lessons.base import Symbol


class On(StrEnum):
    """What a metric is computed from."""

    HITS = "hits"  # a list, and what of it was liked
    FILMS = "films"  # the films of a list
    STARS = "stars"  # predicted stars of the held-out films
    ORDER = "order"  # any score of the held-out films
    CHANCE = "chance"  # predicted chances of the held-out films
    EVERYBODY = "everybody"  # the lists of all users


@dataclass(frozen=True)
class Metric:
    """One metric.

    Args:
        name: as in recsys.evaluation.metrics.LIST_METRICS and in the summary of a manifest.
        label: as people call it.
        rewards: what a good value means, in a sentence.
        hides: what it does not say, in a sentence.
        source: authors and year.
    """

    name: str
    label: str
    on: On
    latex: str
    symbols: tuple[Symbol, ...]
    rewards: str
    hides: str
    source: str = ""

    @property
    def slug(self) -> str:
        """Its name in an address."""
        return self.name.removesuffix("_error").replace("_", "-")
