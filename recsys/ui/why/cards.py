"""The cards of the Why page: what carries a score, as bars in the model's own unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np

from recsys.data.catalog import Catalog
from recsys.data.dataset import Dataset, History, RatingScale
from recsys.errors import RecsysError
from recsys.explain.deletion import Deletion
from recsys.explain.parts import Explanation, Films, Part
from recsys.serving.artifacts import Manifest
from recsys.serving.new_user import Profile
from recsys.serving.scorers import Unit
from recsys.ui import loaders, url, words
from recsys.ui.components.reasons.reasons import Block, ReasonCard, ReasonsPayload, Row, block, running
from recsys.ui.components.shared.amounts import amount
from recsys.ui.errors import for_visitors
from recsys.ui.lists import NO_LIST, Answer, Problem, badge, film
from recsys.ui.systems import Column
from recsys.ui.text import UNIT_NOTES, count, percent, signed, stars
from recsys.ui.view import View
from recsys.ui.why import explanations

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
) -> ReasonsPayload:
    """All that the component draws, as JSON.

    Args:
        given: the models on screen with their lists, or why they have none.
        offered: what can be switched on and off.
        n_lists: how many of the lists have the film among their first.
    """
    raw, selected = int(dataset.catalog.ids.ids[item]), {answer.column.key for answer in given}
    history = loaders.history(dataset, who)
    n_answers = sum(answer.full is not None for answer in given)
    if item in history.items:
        places = f"already seen by {'you' if history.user is None else 'this user'}"
    elif n_lists:
        places = f"among the first {view.k} of {n_lists} of {count(n_answers, 'model')}"
    else:
        places = f"in no list’s first {view.k}" if n_answers else ""
    link = url.address("film", replace(view, film=raw))
    cards = [_card(dataset, answer, who, history, item) for answer in given]
    return {
        "film": {**film(dataset.catalog, item), "id": raw, "places": places, "link": link},
        "pills": [
            {
                **badge(column),
                "model": column.key,
                "on": column.key in selected,
                "is_extra": column.entry.is_extra and not column.is_run,
            }
            for column in offered
        ],
        "cards": cards,
        "words": words.among(text for card in cards for text in _texts(card)),
    }


def _texts(card: ReasonCard) -> list[str]:
    """The sentences of a card."""
    notes = [it["note"] for it in card.get("blocks", [])]
    return [*notes, card.get("caution", ""), card.get("method", ""), card.get("tested", "")]


def _card(dataset: Dataset, answer: Answer, who: int | Profile, history: History, item: int) -> ReasonCard:
    key = answer.column.key
    card: ReasonCard = {**badge(answer.column), "model": key, "unit": "", "problem": None}
    if answer.full is None:
        return {**card, "problem": asdict(answer.problem or NO_LIST)}
    try:
        why = explanations.explanation(dataset, key, who, item)
    except RecsysError as error:
        return {**card, "problem": asdict(Problem("This model cannot say why", for_visitors(error)))}
    return {
        **card,
        "unit": _UNITS[why.unit],
        "score": score_text(why, dataset.scale),
        "rank": f"place {why.rank:,} of {why.n_ranked:,}" if why.rank else "already seen, so it has no place",
        "caution": low_chances(loaders.manifest(dataset.name, key), why.score) if why.unit is Unit.LIKE else "",
        "blocks": _blocks(why, dataset, history),
        "method": why.method,
        "tested": tested_sentence(explanations.tested(dataset, key), why.unit),
    }


def score_text(why: Explanation, scale: RatingScale) -> str:
    """The score as the lists show it; a strength as the number that its parts add up to."""
    if why.unit is Unit.STARS:
        return stars(float(scale.clip(np.array(why.score))))
    if why.unit in (Unit.LIKE, Unit.NEXT):
        return percent(why.score)
    return f"{why.score:,.0f}" if why.unit is Unit.VIEWERS else signed(why.score, 2)


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


def _blocks(why: Explanation, dataset: Dataset, history: History) -> list[Block]:
    """The parts of a card: what adds up, which films carry it, which axes of taste, which fields."""
    found = []
    if len(why.terms) > 1:
        found.append(_terms(why, dataset.scale, is_new_user=history.user is None))
    if why.films is not None:
        found.append(_films(why, why.films, dataset.catalog, history))
    if why.factors:
        found.append(_factors(why, dataset.catalog, is_new_user=history.user is None))
    if why.alone:
        order = sorted(why.alone, key=lambda term: -abs(term.value))
        fields = [Row(term.name.capitalize(), term.value) for term in order[:N_FIELDS]]
        rest = len(order) - N_FIELDS
        note = f"{count(rest, 'smaller one is', 'smaller ones are')} not shown." if rest > 0 else ""
        found.append(block("What it loses without each field", fields, unit=why.unit, note=note))
    return found


def _terms(why: Explanation, scale: RatingScale, *, is_new_user: bool) -> Block:
    note = ""
    if why.unit is Unit.STARS and not scale.low <= why.score <= scale.high:
        side = "More" if why.score > scale.high else "Less"
        note = f"{side} than the scale of stars allows, so the lists show {score_text(why, scale)}."
    rows = running([Row(_name_of(term.name, is_new_user), term.value) for term in why.terms], why.unit)
    title, n = "What adds up to it", len(rows)
    return {"title": title, "rows": rows, "note": note, "zero": 0.0, "folded": False, "n_first": n}


def _factors(why: Explanation, catalog: Catalog, *, is_new_user: bool) -> Block:
    axes = []
    for factor in why.factors:
        toward, away = (" and ".join(map(catalog.label, films)) for films in (factor.toward, factor.away))
        axes.append(Row(f"Towards {toward}", factor.value, f"and away from {away}"))
    whose = "you are" if is_new_user else "this user is"
    note = f"The film lies that way along each axis; a bar to the right means that {whose} on the same side."
    return block("Which axes of taste", axes, unit=why.unit, note=note, folded=True)


def _films(why: Explanation, films: Films, catalog: Catalog, history: History) -> Block:
    is_new_user = history.user is None
    title = "Which of your films count" if is_new_user else "Which films count"
    if not len(films):
        none = "This model reads none of these films: it needs more stars."
        return block(title, [], note=none if len(history) else "There are no films yet.")
    given = dict(zip(history.items.tolist(), history.ratings.tolist(), strict=True))
    values, order = films.values, films.order.tolist()
    up = [place for place in order[:N_UP] if values[place] > 0]
    down = [place for place in order[-N_DOWN:] if values[place] < 0]
    named = [*up, *down] if len(order) > N_ALL else order
    who = "you" if is_new_user else "they"
    rows = []
    for place in named:
        item = int(films.items[place])
        rows.append(Row(catalog.label(item), float(values[place]), f"{who} gave {given[item]:g} ★"))
    n_more = len(films) - len(named)
    if not films.is_split:
        return block(title, rows, unit=why.unit, note=_left_out(n_more, films.n_unasked))
    if n_more:
        rows.append(Row(f"and {n_more:,} more", float(values.sum() - values[named].sum()), kind="quiet"))
    whole = float(values.sum()) + films.rest
    if abs(films.rest) > 5e-3 * max(abs(whole), float(np.abs(values).max()), 1e-9):
        rest = "what the steps left open" if is_new_user else "learnt beyond these films"
        rows.append(Row(rest, films.rest, kind="quiet"))
    note = "" if films.is_loss else "Each is a share of the sum, not what would be lost without the film."
    return block(title, rows, unit=why.unit, note=note, total=Row(_sum_name(why, is_new_user), whole))


def _left_out(n_more: int, n_unasked: int) -> str:
    """Which films of a history have no bar: those with less to say, and those that the model was not asked about."""
    more = f"{n_more:,} more {'is' if n_more == 1 else 'are'} not shown" if n_more else ""
    oldest = "oldest was" if n_unasked == 1 else f"{n_unasked:,} oldest were"
    said = "; ".join(part for part in (more, f"the {oldest} not asked about" if n_unasked else "") if part)
    return f"{said[0].upper()}{said[1:]}." if said else ""


def _sum_name(why: Explanation, is_new_user: bool) -> str:
    """What the shares of the films add up to, by the names of the terms above them."""
    terms = [term.name for term in why.terms]
    if Part.PERSON in terms:
        return f"{_name_of(Part.PERSON, is_new_user)} and taste"
    return _name_of(Part.TASTE, is_new_user) if Part.TASTE in terms else "All of them"


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
    by_construction = " Here a film's share is what is lost without it, so that holds by construction."
    return said + (by_construction if test.is_identity else "")
