"""What the cards of the Why page are given to draw: bars of what carries a score, in the model's own unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from recsys.data.dataset import Dataset, History, RatingScale
from recsys.errors import RecsysError
from recsys.explain.deletion import Deletion
from recsys.explain.parts import Explanation, Part
from recsys.serving.artifacts import Manifest
from recsys.serving.new_user import Profile
from recsys.serving.scorers import Unit
from recsys.ui import loaders, url
from recsys.ui.lists import Answer, Problem, badge, film
from recsys.ui.systems import Column
from recsys.ui.text import UNIT_NOTES, count, number, percent, stars
from recsys.ui.view import View
from recsys.ui.why import loaders as why_loaders
from recsys.ui.why.bars import Row, amount, block, running

N_UP, N_DOWN, N_ALL, N_FIELDS = 4, 2, 7, 6
"""So many films that lift a score are named, and so many that pull it down; all of so many; so many fields."""
_UNITS = {**UNIT_NOTES, Unit.STRENGTH: "strength, in no unit"}


def payload(
    dataset: Dataset,
    given: Sequence[Answer],
    offered: Sequence[Column],
    who: int | Profile,
    item: int,
    view: View,
    n_lists: int,
) -> dict[str, Any]:
    """All that the component draws, as JSON.

    Args:
        given: the models on screen with their lists, or why they have none.
        offered: what can be switched on and off.
        n_lists: how many of the lists have the film among their first.
    """
    raw, selected = int(dataset.catalog.ids.ids[item]), {answer.column.key for answer in given}
    history = loaders.history(dataset, who)
    n_answers = sum(answer.full is not None for answer in given)
    found = f"among the first {view.k} of {n_lists} of {count(n_answers, 'model')}"
    places = "" if not n_answers else found if n_lists else f"in no list’s first {view.k}"
    return {
        "film": {
            **film(dataset.catalog, item),
            "id": raw,
            "places": f"already seen by {'you' if history.user is None else 'this user'}"
            if item in history.items
            else places,
            "link": url.address("film", replace(view, film=raw)),
        },
        "pills": [
            {
                **badge(column),
                "model": column.key,
                "on": column.key in selected,
                "is_extra": column.entry.is_extra and not column.is_run,
            }
            for column in offered
        ],
        "cards": [_card(dataset, answer, who, history, item) for answer in given],
    }


def _card(dataset: Dataset, answer: Answer, who: int | Profile, history: History, item: int) -> dict[str, Any]:
    card: dict[str, Any] = {**badge(answer.column), "model": answer.column.key, "unit": "", "problem": None}
    if answer.full is None:
        return {**card, "problem": asdict(answer.problem or Problem("This model cannot answer", "It gave no list."))}
    key = answer.column.key
    try:
        why = why_loaders.explanation(dataset, key, who, item)
    except RecsysError as error:
        return {**card, "problem": asdict(Problem("This model cannot say why", str(error)))}
    return {
        **card,
        "unit": _UNITS[why.unit],
        "score": score_text(why, dataset.scale),
        "rank": f"place {why.rank:,} of {why.n_ranked:,}" if why.rank else "already seen, so it has no place",
        "caution": low_chances(loaders.manifest(dataset.name, key), why.score) if why.unit is Unit.LIKE else "",
        "blocks": blocks(why, dataset, history),
        "method": why.method,
        "tested": tested_sentence(why_loaders.tested(dataset, key), why.unit),
    }


def score_text(why: Explanation, scale: RatingScale) -> str:
    """The score as the lists show it; a strength as the number that its parts add up to."""
    if why.unit is Unit.STARS:
        return stars(float(scale.clip(np.array(why.score))))
    if why.unit in (Unit.LIKE, Unit.NEXT):
        return percent(why.score)
    return f"{why.score:,.0f}" if why.unit is Unit.VIEWERS else number(why.score, 2)


def low_chances(manifest: Manifest, score: float) -> str:
    """That a model's chances are too low, as it was trained with drawn films as "no"; "" where they are not.

    What became of a chance like this one is on record for the held-out ratings (`Manifest.calibration`).
    """
    if not manifest.config.get("n_negatives"):
        return ""
    cause = "too low on average: drawn films counted as “no” in training"
    if not manifest.calibration:
        return f"As chances, its numbers are {cause}."
    promised, happened, n = np.asarray(manifest.calibration, dtype=float).T
    if np.average(promised, weights=n) >= np.average(happened, weights=n):
        return ""
    near = int(np.abs(promised - score).argmin())
    given, came = percent(float(promised[near])), percent(float(happened[near]))
    return f"Its chances are {cause}. Of held-out ratings that it gave about {given}, {came} were liked."


def blocks(why: Explanation, dataset: Dataset, history: History) -> list[dict[str, Any]]:
    """The parts of a card: what adds up, which films carry it, which axes of taste, which fields."""
    is_new_user = history.user is None
    found = []
    if len(why.terms) > 1:
        rows = running([Row(_name_of(term.name, is_new_user), term.value) for term in why.terms], why.unit)
        note = ""
        if why.unit is Unit.STARS and not dataset.scale.low <= why.score <= dataset.scale.high:
            side = "More" if why.score > dataset.scale.high else "Less"
            note = f"{side} than the scale of stars has, so the lists show {score_text(why, dataset.scale)}."
        found.append(block("What adds up to it", rows, note=note))
    if why.films is not None:
        found.append(_films(why, dataset, history))
    if why.factors:
        label = dataset.catalog.label
        axes = [
            Row(
                f"Towards {' and '.join(label(film) for film in factor.toward)}",
                factor.value,
                f"and away from {' and '.join(label(film) for film in factor.away)}",
            )
            for factor in why.factors
        ]
        whose = "you are" if is_new_user else "this user is"
        note = f"The film lies that way along each axis; a bar to the right: {whose} on the same side."
        found.append(block("Which axes of taste", axes, unit=why.unit, note=note, folded=True))
    if why.alone:
        order = sorted(why.alone, key=lambda term: -abs(term.value))
        fields = [Row(term.name.capitalize(), term.value) for term in order[:N_FIELDS]]
        rest = len(order) - N_FIELDS
        more = f" {count(rest, 'smaller one is', 'smaller ones are')} not shown." if rest > 0 else ""
        found.append(block("What it loses without each field", fields, unit=why.unit, note=more.strip()))
    return found


def _films(why: Explanation, dataset: Dataset, history: History) -> dict[str, Any]:
    films, whose = why.films, "you" if history.user is None else "they"
    assert films is not None
    given = dict(zip(history.items.tolist(), history.ratings.tolist(), strict=True))
    values, order = films.values, films.order.tolist()
    up = [place for place in order[:N_UP] if values[place] > 0]
    down = [place for place in order[::-1][:N_DOWN] if values[place] < 0][::-1]
    named = [*up, *down] if len(order) > N_ALL else order
    rows = [
        Row(
            dataset.catalog.label(int(films.items[place])),
            float(values[place]),
            f"{whose} gave {given[int(films.items[place])]:g} ★",
        )
        for place in named
    ]
    title = "Which films carry it" if history.user is not None else "Which of your films carry it"
    if not len(films):
        note = "None of the films is one that this model reads: it wants more stars." if len(history) else ""
        return block(title, [], note=note or "There are no films yet.")
    n_more = len(films) - len(named)
    if not films.is_split:
        return block(title, rows, unit=why.unit, note=_left_out(n_more, films.n_unasked))
    if n_more:
        rows.append(Row(f"and {n_more:,} more", float(values.sum() - values[named].sum()), kind="quiet"))
    whole = float(values.sum()) + films.rest
    if abs(films.rest) > 5e-3 * max(abs(whole), float(np.abs(values).max()), 1e-9):
        rows.append(Row(_BEYOND if history.user is not None else _INEXACT, films.rest, kind="quiet"))
    note = "" if films.is_loss else _SHARE
    return block(title, rows, unit=why.unit, note=note, total=Row(_sum_name(why, history), whole))


def _left_out(n_more: int, n_unasked: int) -> str:
    """Which films of a history have no bar: those with less to say, and those that the model was not asked about."""
    more = f"{n_more:,} more {'is' if n_more == 1 else 'are'} not shown" if n_more else ""
    oldest = "oldest was" if n_unasked == 1 else f"{n_unasked:,} oldest were"
    said = "; ".join(words for words in (more, f"the {oldest} not asked about" if n_unasked else "") if words)
    return f"{said[0].upper()}{said[1:]}." if said else ""


_SHARE = "Each is a share of the sum, not what would be lost without the film."
_BEYOND, _INEXACT = "learnt beyond these films", "what the steps left open"


def _sum_name(why: Explanation, history: History) -> str:
    """What the shares of the films add up to, by the names of the terms above them."""
    terms = [term.name for term in why.terms]
    if Part.PERSON in terms:
        return f"{_name_of(Part.PERSON, history.user is None)} and taste"
    return _name_of(Part.TASTE, history.user is None) if Part.TASTE in terms else "All of them"


def _name_of(term: str, is_new_user: bool) -> str:
    """A term as the page calls it."""
    names: dict[str, str] = {
        Part.MEAN: "All ratings, on average",
        Part.FILM: "This film",
        Part.PERSON: "You in general" if is_new_user else "This user in general",
        Part.TASTE: "Taste",
    }
    return names.get(term, term)


def tested_sentence(test: Deletion | None, unit: Unit) -> str:
    """What the deletion test of this model found; "" where there is none."""
    if test is None:
        return ""
    low, high = (round(100 * share) for share in test.wins_interval)
    said = (
        f"Tested on {test.n_users:,} users: without the film named first the score fell more than without a random "
        f"one in {100 * test.wins:.0f} % of cases [{low}, {high}], by {amount(test.drop_first, unit, signed=False)} "
        f"against {amount(test.drop_random, unit, signed=test.drop_random < 0)} on average."
    )
    return (
        f"{said} What a film carries is here what is lost without it, so that holds by construction."
        if test.is_identity
        else said
    )
