"""All metrics, in words and in formulas, and what the words of this app mean: in the order in which pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from recsys.lessons import texts
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
        name: as in recsys.evaluation.metrics.METRICS and in the summary of a manifest.
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


def _metrics() -> tuple[Metric, ...]:
    found = texts.read("metrics")
    shared = {name: texts.symbol(each) for name, each in found["shared"].items()}

    def symbols(given: list[Any]) -> tuple[Symbol, ...]:
        return tuple(shared[each] if isinstance(each, str) else texts.symbol(each) for each in given)

    return tuple(
        Metric(**{**each, "on": On(each["on"]), "symbols": symbols(each["symbols"])}) for each in found["metrics"]
    )


METRICS = _metrics()
METRIC_OF = {metric.slug: metric for metric in METRICS}
"""By their names in an address."""
WORDS: dict[str, str] = texts.read("words")
"""Word -> what it means, in alphabetical order."""
