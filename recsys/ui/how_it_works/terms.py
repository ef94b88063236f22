"""A metric of the list on screen, term by term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import Task
from recsys.lessons import worked
from recsys.lessons.glossary import Metric, On
from recsys.lessons.worked import Worked
from recsys.serving.lists import ModelList
from recsys.serving.ranking import rank
from recsys.serving.scorers import Scorer, Unit
from recsys.ui.components.worked.worked import Row
from recsys.ui.text import stars

NOTHING_LIKED = "This user liked none of the held-out films, so there is nothing to find and the metric has no value."
NOTHING_HELD_OUT = "No rating of this user is held out, so the metric has no value."


@dataclass(frozen=True, eq=False)
class Screen:
    """The list that is measured: as under the protocol, without the films that the user already knows.

    Args:
        task: what the models know, and what is held out.
        full: all other films in the model's order, and `top` the first k of them.
    """

    task: Task
    user: int
    k: int
    scorer: Scorer
    full: ModelList

    @property
    def top(self) -> ModelList:
        return self.full.first(self.k)

    @property
    def hits(self) -> np.ndarray:
        """(k,) bool; a list that ran out of films has no hits below its end."""
        return np.pad(self.top.is_hit, (0, self.k - len(self.top.is_hit)))


def of(metric: Metric, screen: Screen) -> tuple[Worked, list[Row]] | str:
    """The metric and the films that its terms belong to, or a sentence that says why it has no value here."""
    if metric.on is On.HITS:
        return _of_hits(metric, screen)
    if metric.on is On.FILMS:
        return _of_films(metric, screen)
    return _of_ratings(metric, screen)


def _of_hits(metric: Metric, screen: Screen) -> tuple[Worked, list[Row]] | str:
    n_relevant = len(screen.task.relevant_of(screen.user))
    if n_relevant == 0:
        return NOTHING_LIKED
    if metric.name == "serendipity":
        found = worked.serendipity(screen.hits, _expected(screen))
    else:
        found = worked.OF_HITS[metric.name](screen.hits, n_relevant)
    return found, _listed(screen, screen.k)


def _expected(screen: Screen) -> np.ndarray:
    """(k,) bool: whether the film is in the list of the most rated films as well."""
    history = screen.task.known.history(screen.user)
    counts = screen.task.known.item_counts.astype(np.float32)[None]
    usual = rank(counts, [history], screen.k).items[0]
    items = screen.top.items
    return np.pad(np.isin(items, usual), (0, screen.k - len(items)))


def _of_films(metric: Metric, screen: Screen) -> tuple[Worked, list[Row]] | str:
    items, known = screen.top.items, screen.task.known
    if len(items) == 0:
        return "The list is empty: this user has seen every film."
    if metric.name == "diversity":
        if len(items) < 2 or known.catalog.genres.shape[1] == 0:
            return "It takes two films with genres to tell how different they are."
        return worked.diversity(known.catalog.genres[items]), _listed(screen, len(items))
    counts = known.item_counts[items]
    found = worked.novelty(counts, known.n_users) if metric.name == "novelty" else worked.popularity(counts)
    return found, _listed(screen, len(items))


def _of_ratings(metric: Metric, screen: Screen) -> tuple[Worked, list[Row]] | str:
    held_out, unit = screen.task.held_out, screen.scorer.unit
    if metric.on is On.STARS and unit is not Unit.STARS:
        return "This model ranks films and predicts no stars, so the metric does not apply. ALS and SVD predict them."
    if metric.on is On.CHANCE and unit is not Unit.LIKE:
        return "This model gives no chance of a like, so the metric does not apply. AutoInt+ gives one."
    rows = held_out.rows_of(screen.user)
    if len(rows) == 0:
        return NOTHING_HELD_OUT
    items, given = held_out.items[rows], held_out.ratings[rows].astype(np.float64)
    scores = screen.scorer.score([screen.task.known.history(screen.user)])[0, items].astype(np.float64)
    liked = given >= screen.task.relevance
    if metric.on is not On.STARS:
        # The liked ones first where they alone add something.
        order = np.lexsort((-scores, ~liked)) if metric.on is On.ORDER else np.argsort(-scores, kind="stable")
        items, given, scores, liked = items[order], given[order], scores[order], liked[order]
    notes = [f"gave {stars(value)}" for value in given.tolist()]
    films = [
        _film(held_out, item, note=note, is_hit=bool(hit))
        for item, note, hit in zip(items.tolist(), notes, liked.tolist(), strict=True)
    ]
    clipped = held_out.scale.clip(scores)
    found: Worked | None
    match metric.name:
        case "rmse":
            found = worked.rmse(given, clipped)
        case "mae":
            found = worked.mae(given, clipped)
        case "fcp":
            found = worked.fcp(given, scores)
        case "auc":
            found = worked.auc(liked, scores)
        case _:
            found = worked.log_loss(liked, scores)
    if found is None:
        return "It takes two held-out films that this user liked differently, so the metric has no value here."
    return found, films


def _listed(screen: Screen, n: int) -> list[Row]:
    """The first n places of the list."""
    items, hits = screen.top.items.tolist(), screen.hits
    rows = [
        _film(screen.task.known, item, rank=place + 1, is_hit=bool(hits[place])) for place, item in enumerate(items[:n])
    ]
    return rows + [Row("no film left", rank=place + 1) for place in range(len(rows), n)]


def _film(dataset: Dataset, item: int, **beside: Any) -> Row:
    return Row(dataset.catalog.label(item), film=int(dataset.catalog.ids.ids[item]), **beside)
