"""The answers of models that add up or multiply stored numbers, taken apart."""

from __future__ import annotations

import math

import numpy as np

from recsys.lessons.example import Case, Example, Line
from recsys.lessons.worked import added, show
from recsys.serving.scorers import FactorScorer

_MOST_PARTS = 3


def als(case: Case) -> Example:
    scorer, item = _factors(case), int(case.full.items[0])
    lines = _biases(scorer, case, item)
    parts = [scorer.global_bias, *(_bias_of(scorer, case, item))]
    return _summed(case, item, lines, parts, "predicted stars")


def svd(case: Case) -> Example:
    scorer, item = _factors(case), int(case.full.items[0])
    assert scorer.user_factors is not None
    assert scorer.item_factors is not None
    products = scorer.user_factors[case.user] * scorer.item_factors[item]
    strongest = products[np.argsort(-np.abs(products))[:_MOST_PARTS]].tolist()
    largest = "the largest: " + ", ".join(show(part) for part in strongest)
    lines = [
        *_biases(scorer, case, item),
        Line("product of both vectors", f"{len(products)} products; {largest}", show(float(products.sum()))),
    ]
    parts = [scorer.global_bias, *_bias_of(scorer, case, item), float(products.sum())]
    return _summed(case, item, lines, parts, "predicted stars")


def bpr(case: Case) -> Example:
    scorer, first = _factors(case), int(case.full.items[0])
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


def popularity(case: Case) -> Example:
    item = int(case.full.items[0])
    count = int(case.known.item_counts[item])
    line = Line(case.title(item), "people who rated it, of those that the model knows", f"{count:,}")
    return Example("The first film of the list.", (line,), float(count))


def ease(case: Case) -> Example:
    scorer, item = _factors(case), int(case.full.items[0])
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


def _bias_of(scorer: FactorScorer, case: Case, item: int) -> tuple[float, float]:
    user = float(scorer.user_bias[case.user]) if scorer.user_bias is not None else 0.0
    return user, float(scorer.item_bias[item])


def _biases(scorer: FactorScorer, case: Case, item: int) -> list[Line]:
    user, film = _bias_of(scorer, case, item)
    raw = int(case.known.viewers.ids.ids[case.user])
    return [
        Line("mean of all known ratings", "", show(scorer.global_bias)),
        Line(f"bias of user {raw}", "more" if user >= 0 else "less", show(user)),
        Line("bias of the film", case.title(item), show(film)),
    ]


def _summed(case: Case, item: int, lines: list[Line], parts: list[float], name: str) -> Example:
    total = float(sum(parts))
    shown = float(case.known.scale.clip(np.array(total)))
    clipped = f"; the list shows {show(shown)}, as the scale ends there" if shown != total else ""
    last = Line(name, added(parts).replace("+ −", "− ") + clipped, show(total))
    return Example(f"The first film of the list: {case.title(item)}.", (*lines, last), total)
