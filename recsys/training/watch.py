"""How a job sees whether its model improves: a quick measurement on the validation part after each epoch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from recsys.evaluation.evaluate import BLOCK, evaluate
from recsys.evaluation.metrics import is_better, ndcg
from recsys.evaluation.protocols import Ask, Task
from recsys.models.base import LiveScorer
from recsys.serving.ranking import recommend
from recsys.serving.scorers import Scorer, ScorerState

WATCHED_USERS, SLOWLY_WATCHED_USERS = 2000, 200
"""On how many users, at most and always the same, a model is watched by its lists. The smaller number is for models
that answer film by film (AutoInt+): to watch it on more would take longer than an epoch."""


class Watch:
    """Measures a model on the validation part and remembers how it was at its best."""

    def __init__(self, task: Task, metric: str) -> None:
        if metric not in ("rmse", "ndcg@10"):
            raise ValueError(f"a job is watched by rmse or ndcg@10. Received {metric!r}.")
        self._task, self.metric = replace(task, asks=frozenset({Ask.STARS})), metric
        liked = task.held_out.users[task.held_out.ratings >= task.relevance]
        self._users = np.random.default_rng(0).permutation(np.unique(liked))
        self.forget()

    def forget(self) -> None:
        """As if nothing had been seen; training begins anew."""
        self.best: Callable[[], ScorerState] | None = None
        self.best_epoch, self.last, self._best_value = 0, float("nan"), float("nan")

    def look(self, scorer: Scorer, epoch: int) -> None:
        self.last = self._measure(scorer)
        if np.isfinite(self.last) and (self.best is None or is_better(self.last, self._best_value, self.metric)):
            self._best_value, self.best_epoch = self.last, epoch
            self.best = scorer.snapshot() if isinstance(scorer, LiveScorer) else scorer.state

    def _measure(self, scorer: Scorer) -> float:
        if self.metric == "rmse":
            return float(evaluate(scorer, self._task, (1,)).summary["rmse"])
        is_slow = isinstance(scorer, LiveScorer) and scorer.encoder.is_pairwise
        users = np.sort(self._users[: SLOWLY_WATCHED_USERS if is_slow else WATCHED_USERS])
        if not len(users):
            return float("nan")
        k = min(10, scorer.n_items)
        values = []
        for block in np.array_split(users, -(-len(users) // BLOCK)):
            lists = recommend(scorer, self._task.known.histories(block), k).items  # (B, k)
            relevant = [self._task.relevant_of(int(user)) for user in block]
            is_hit = np.stack([np.isin(films, liked) for films, liked in zip(lists, relevant, strict=True)])
            values.append(ndcg(is_hit, np.array([len(liked) for liked in relevant])))
        return float(np.concatenate(values).mean())
