"""Why a model gives somebody a film its score: what adds up to it, and which of their films carry it.

The method depends on the model: sums and products are taken apart (`factors`), networks are asked again with
something left out (`networks`). Whether the films that are named do carry the score, `deletion` tests.
"""

from __future__ import annotations

from recsys.data.dataset import Dataset, History
from recsys.explain import factors, networks
from recsys.explain.parts import Explanation, Reasons, place
from recsys.serving.scorers import Scorer, answering


def explain(scorer: Scorer, dataset: Dataset, history: History, item: int) -> Explanation:
    """Why `scorer` gives the film `item` its score for this history, of a known user or of a new user.

    Args:
        dataset: what the model knows of films and viewers; the ratings in it say which films are well known.

    Raises:
        ArtifactError: the model failed.
        ValueError: there is no such film.
    """
    if not 0 <= item < scorer.n_items:
        raise ValueError(f"item must be 0..{scorer.n_items - 1}. Received {item}.")
    with answering():
        scores = scorer.score([history])[0]
        rank, n_ranked = place(scores, history, item)
        why = reasons(scorer, dataset, history, item)
    score = float(scores[item])
    return Explanation(**vars(why), item=item, unit=scorer.unit, score=score, rank=rank, n_ranked=n_ranked)


def reasons(scorer: Scorer, dataset: Dataset, history: History, item: int) -> Reasons:
    """What carries the score, by kind of model; a scorer of no known kind is asked again without each film."""
    found = factors.reasons if scorer.state().kind == "factors" else networks.reasons
    return found(scorer, dataset, history, item)
