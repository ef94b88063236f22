"""A model's answer for one user, taken apart: what goes in, what is added up, and the score that the list shows."""

from __future__ import annotations

from collections.abc import Callable

from recsys.lessons import examples_factors as factors
from recsys.lessons import examples_networks as networks
from recsys.lessons.example import Case, Example

_OF: dict[str, Callable[[Case], Example]] = {
    "als": factors.als,
    "svd": factors.svd,
    "autoencoder": networks.autoencoder,
    "bpr": factors.bpr,
    "gru": networks.gru,
    "autoint": networks.autoint,
    "popularity": factors.popularity,
    "ease": factors.ease,
}


def of(name: str, case: Case) -> Example | None:
    """The example of a model; None where it has none or the list is empty."""
    return _OF[name](case) if name in _OF and len(case.full.items) else None
