"""All metrics, in words and in formulas, and what the words of this app mean: in the order in which pages show them."""

from __future__ import annotations

from typing import Any

from recsys.lessons import texts
from recsys.lessons.base import Symbol
from recsys.lessons.metric import Metric, On


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
