"""A model's answer for one user, taken apart: what goes in, what is added up, and the score that the list shows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recsys.data.dataset import Dataset, History
from recsys.lessons.base import Config
from recsys.lessons.worked import added, show
from recsys.serving.fields import FIELDS, FieldTable, names_of
from recsys.serving.lists import ModelList
from recsys.serving.scorers import FactorScorer, Scorer

FULL = 25.0
"""As in `recsys.models.autoencoder.network`; a test keeps them equal."""
_MOST_PARTS = 3
"""So many of the largest parts, or of the last films, are written out."""


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


def of(name: str, case: Case) -> Example | None:
    """The example of a model; None where the list is empty."""
    return _OF[name](case) if len(case.full.items) else None


def _als(case: Case) -> Example:
    return _summed(case, *_biases(case))


def _svd(case: Case) -> Example:
    scorer = _factors(case)
    assert scorer.user_factors is not None
    assert scorer.item_factors is not None
    products = scorer.user_factors[case.user] * scorer.item_factors[case.first]
    strongest = products[np.argsort(-np.abs(products))[:_MOST_PARTS]].tolist()
    largest = "the largest: " + ", ".join(show(part) for part in strongest)
    product = float(products.sum())
    lines, parts = _biases(case)
    line = Line("product of both vectors", f"{len(products)} products; {largest}", show(product))
    return _summed(case, [*lines, line], [*parts, product])


def _biases(case: Case) -> tuple[list[Line], list[float]]:
    """Mean, bias of the user and bias of the first film: as lines, and as numbers."""
    scorer, raw = _factors(case), int(case.known.viewers.ids.ids[case.user])
    mean, film = scorer.global_bias, float(scorer.item_bias[case.first])
    user = float(scorer.user_bias[case.user]) if scorer.user_bias is not None else 0.0
    lines = [
        Line("mean of all known ratings", "", show(mean)),
        Line(f"bias of user {raw}", "more" if user >= 0 else "less", show(user)),
        Line("bias of the film", case.title(case.first), show(film)),
    ]
    return lines, [mean, user, film]


def _summed(case: Case, lines: list[Line], parts: list[float]) -> Example:
    total = float(sum(parts))
    shown = float(case.known.scale.clip(np.array(total)))
    clipped = f"; the list shows {show(shown)}, as the scale ends there" if shown != total else ""
    last = Line("predicted stars", added(parts).replace("+ −", "− ") + clipped, show(total))
    return Example(f"The first film of the list: {case.title(case.first)}.", (*lines, last), total)


def _bpr(case: Case) -> Example:
    scorer, first = _factors(case), case.first
    assert scorer.user_factors is not None
    assert scorer.item_factors is not None
    product, bias = float(scorer.user_factors[case.user] @ scorer.item_factors[first]), float(scorer.item_bias[first])
    lines = (
        Line("product of both vectors", case.title(first), show(product)),
        Line("bias of the film", "", show(bias)),
        Line("score of the first film in the list", f"{show(product)} + {show(bias)}", show(product + bias)),
    )
    compared = _comparison(case, scorer)
    after = " Below it, a comparison as training makes it." if compared else ""
    return Example(f"The first film of the list.{after}", (*lines, *compared), product + bias)


def _comparison(case: Case, scorer: FactorScorer) -> tuple[Line, ...]:
    """The latest rated film beside the unseen film at the median place of the best of `n_candidates` random ones.

    Of n films in descending order, the best of c draws is at place n (1 - 2^(-1/c)) or above it half of the time.
    """
    rated = case.history.items[case.history.ratings >= scorer.min_rating]
    unseen = np.setdiff1d(np.arange(case.known.n_items), case.history.items)
    if not len(rated) or not len(unseen):
        return ()
    scores = case.scorer.score([case.history])[0].astype(np.float64)
    unseen = unseen[np.argsort(-scores[unseen], kind="stable")]
    drawn, latest = scorer.n_candidates, int(rated[-1])
    place = int(len(unseen) * (1 - 0.5 ** (1 / drawn)))
    other = int(unseen[place])
    margin = float(scores[latest] - scores[other])
    chance = 1 / (1 + math.exp(-margin))
    least = scorer.min_rating
    last = f"the last film with {least:g} stars or more" if least > case.known.scale.low else "the film rated last"
    which = "an unseen film drawn at random" if drawn == 1 else f"the highest of {drawn} unseen films drawn at random"
    return (
        Line(f"score of {last}", case.title(latest), show(float(scores[latest]))),
        Line(f"score of {which}", f"the middle case, place {place + 1:,}: {case.title(other)}", show(scores[other])),
        Line("margin", "the one less the other", show(margin)),
        Line("chance of that order", f"sigmoid of {show(margin)}", show(chance)),
        Line("what training sees as loss", f"−ln {show(chance)}, before weight and penalty", show(-math.log(chance))),
    )


def _popularity(case: Case) -> Example:
    count = int(case.known.item_counts[case.first])
    line = Line(case.title(case.first), "people who rated it, of those that the model knows", f"{count:,}")
    return Example("The first film of the list.", (line,), float(count))


def _ease(case: Case) -> Example:
    scorer, item = _factors(case), case.first
    assert scorer.item_factors is not None
    liked = case.history.items[case.history.ratings >= scorer.min_rating]
    weights = scorer.item_factors[item, liked].astype(np.float64)
    order = np.argsort(-weights)
    top, rest = order[:_MOST_PARTS], order[_MOST_PARTS:]
    lines = [Line(case.title(int(liked[at])), "weight from this film", show(float(weights[at]))) for at in top.tolist()]
    if len(rest):
        lines.append(
            Line(f"{len(rest):,} other liked films", "the sum of their weights", show(float(weights[rest].sum())))
        )
    total = float(weights.sum())
    lines.append(Line(case.title(item), "the sum: score of the first film in the list", show(total)))
    return Example("What the liked films say about the first film of the list.", tuple(lines), total)


def _factors(case: Case) -> FactorScorer:
    assert isinstance(case.scorer, FactorScorer)
    return case.scorer


def _autoencoder(case: Case) -> Example:
    n, item = len(case.history), case.first
    out = case.known.scale.clip(case.scorer.score([case.history])[0])
    off = float(np.abs(out[case.history.items] - case.history.ratings).mean()) if n else math.nan
    lines = (
        Line("stars that go in", f"for so many of {case.known.n_items:,} films", f"{n:,}"),
        Line("all of them turned by", f"√(25 ÷ (1 + {n:,}))", show(math.sqrt(FULL / (1 + n)))),
        Line("the same stars as they come out", "mean distance from what went in", show(off)),
        Line(case.title(item), "predicted stars of the first film in the list", show(float(out[item]))),
    )
    return Example("A row of stars goes in, stars for every film come out.", lines, float(out[item]))


def _gru(case: Case) -> Example:
    chances, item = case.scorer.score([case.history])[0], case.first
    last = [case.title(film) for film in case.history.items[-_MOST_PARTS:].tolist()]
    lines = [
        Line("read last", " → ".join(last) if last else "nothing", ""),
        Line("chances of all films together", "a softmax", show(float(chances.sum()))),
        Line(case.title(item), "chance of the first film in the list", show(float(chances[item]))),
    ]
    if case.next_film is not None:
        chance = max(float(chances[case.next_film]), 1e-12)
        place = np.flatnonzero(case.full.items == case.next_film)
        rank = f"; it stands at {int(place[0]) + 1:,}" if len(place) else ""
        lines += [
            Line(case.title(case.next_film), f"chance of the film that really came next{rank}", f"{chance:.5f}"),
            Line("loss of this place", "minus the logarithm of that", show(-math.log(chance))),
        ]
    return Example("What the last films make likely, and what came.", tuple(lines), float(chances[item]))


def _autoint(case: Case) -> Example:
    item, years = case.first, tuple(case.settings["rating_years"])
    codes = FieldTable.of(case.known, years).all_films_for(case.history)[item].tolist()
    names = names_of(codes, case.known, years) | {"zip area": "not shown"}
    lines = tuple(Line(field, "", name) for field, name in names.items())
    chance = float(case.full.scores[0])
    last = Line("chance of 4 stars or more", f"what the network makes of the {len(FIELDS)} fields", show(chance))
    return Example("The first film of the list, as the model sees it.", (*lines, last), chance)


_OF: dict[str, Callable[[Case], Example]] = {
    "als": _als,
    "svd": _svd,
    "autoencoder": _autoencoder,
    "bpr": _bpr,
    "gru": _gru,
    "autoint": _autoint,
    "popularity": _popularity,
    "ease": _ease,
}
