"""The preference table in words: how its models do on all that is hidden of its users, on screen or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recsys.evaluation import real_and_predicted, statistics
from recsys.evaluation.protocols import HOLDOUT
from recsys.evaluation.real_and_predicted import Cell, Said, Table
from recsys.evaluation.statistics import LIKELY
from recsys.ui.components.preferences.preferences import LIST
from recsys.ui.systems import Column
from recsys.ui.text import count, percent

FEW = 30
"""With fewer ratings nothing is said of a model: the standard error of a share of 30 is up to 9 points."""

_Answers = Sequence[tuple[Column, np.ndarray]]
"""What models say of all cells: predicted stars, or places."""


def findings(of: Table, n_shown: int, models: Sequence[Column], said: Mapping[str, Said]) -> tuple[str, str]:
    """How the models do, and what is on screen.

    Args:
        of: the users, with every film that one of them has rated; the first n_shown films are on screen.
        said: of all these films.
    """
    kinds = of.first(n_shown).kinds
    n_known, n_hidden = _n(kinds, Cell.KNOWN), _n(kinds, Cell.HIDDEN)
    on_screen = (
        f"On screen: {count(kinds.size, 'cell')}, {count(n_known, 'rating')} that the models have learnt from, "
        f"{n_hidden:,} hidden, {kinds.size - n_known - n_hidden:,} not rated."
    )
    if not models:
        return "Real ratings, and what is hidden of them", on_screen
    by_stars = [(column, stars) for column in models if (stars := said[column.key].stars) is not None]
    by_place = [(column, said[column.key].places) for column in models if said[column.key].stars is None]
    title = "; ".join(each for each in (_closeness(of, by_stars), _finds(of, by_place)) if each)
    title = title[:1].upper() + title[1:]  # "Only", "No" or a model: the name of a run begins with an isolate
    return title, " ".join(each for each in (_difference(of, by_stars), on_screen, _memory(of, by_stars)) if each)


def _closeness(of: Table, models: _Answers) -> str:
    """How often models that predict stars are close to what is hidden; "" without such a model."""
    n = _n(of.kinds, Cell.HIDDEN)
    if not models:
        return ""
    if n < FEW:
        return f"{_only(n, 'hidden rating')} of {_whose(of)}: too few to say how close a model is"
    what = f"the {n:,} hidden ratings of {_whose(of)}"
    return f"{_shares(of, models, Cell.HIDDEN)} of {what} predicted within half a star"


def _finds(of: Table, models: _Answers) -> str:
    """How much of what is hidden and liked the lists of models that only rank find; "" without such a model."""
    found = [real_and_predicted.found_in(of, places, LIST, HOLDOUT.relevance) for _, places in models]
    if not found:
        return ""
    n_liked = found[0][1]
    if n_liked < FEW:
        return f"{_only(n_liked, 'hidden film')} that {_whose(of)} liked: too few to say what a list finds"
    each = ", ".join(f"{column.spoken}: {n:,}" for (column, _), (n, _) in zip(models, found, strict=True))
    return f"{each} of the {n_liked:,} hidden films that {_whose(of)} liked found in the first {LIST}"


def _difference(of: Table, models: _Answers) -> str:
    """Whether one of two models is closer beyond chance: the mean over users, as the ratings of one go together."""
    if len(models) < 2 or _n(of.kinds, Cell.HIDDEN) < FEW:
        return ""
    (first, ours), (second, theirs) = models
    found = statistics.compare(
        first.key,
        second.key,
        real_and_predicted.close_shares(of, ours, Cell.HIDDEN),
        real_and_predicted.close_shares(of, theirs, Cell.HIDDEN),
    )
    if found is None:
        return ""
    if not found.difference:
        return f"On average per user, {first.spoken} and {second.spoken} come close equally often."
    by = f"{100 * abs(found.difference):.1f} percentage points"
    if found.p_value >= LIKELY:
        return (
            f"On average per user, {first.spoken} and {second.spoken} cannot be told apart: {by} of the hidden "
            f"ratings lie between them, which may be chance (p = {found.p_value:.2f})."
        )
    ahead, behind = (first, second) if found.difference > 0 else (second, first)
    return (
        f"On average per user, {ahead.spoken} is close to {by} more of the hidden ratings than {behind.spoken}: that "
        f"is more than chance (p = {found.p_value:.2f})."
    )


def _memory(of: Table, models: _Answers) -> str:
    n = _n(of.kinds, Cell.KNOWN)
    if not models or not n:
        return ""
    learnt = f"of their {count(n, 'rating')} that the models have learnt from"
    return f"{_shares(of, models, Cell.KNOWN)} {learnt} are as close. That is memory, not a test."


def _shares(of: Table, models: _Answers, kind: Cell) -> str:
    """How many of these ratings each model is close to: "SVD: 42 %, ALS: 39 %"."""
    close = [(column, int(real_and_predicted.is_close(of, stars, kind).sum())) for column, stars in models]
    return ", ".join(f"{column.spoken}: {percent(n / _n(of.kinds, kind))}" for column, n in close)


def _n(kinds: np.ndarray, kind: Cell) -> int:
    return int((kinds == kind).sum())


def _only(n: int, what: str) -> str:
    return f"only {count(n, what)}" if n else f"no {what}"


def _whose(of: Table) -> str:
    return "this user" if len(of.users) == 1 else f"these {len(of.users):,} users"
