"""Explanations of models whose score is a sum: biases, products of vectors, votes of films.

Everything here is taken apart in double precision from the arrays that the scorer itself multiplies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from recsys.data.dataset import Dataset, History
from recsys.explain.parts import Films, Part, Reasons, Term
from recsys.explain.shares import axes_of, factors_of, pairwise_shares, ridge_shares, vectors_of
from recsys.serving.fold_in import bias_of_new_user, ridge_vector
from recsys.serving.scorers import FactorScorer, Query, Scorer


def reasons(scorer: Scorer, dataset: Dataset, history: History, item: int) -> Reasons:
    """What adds up to the score of one film, by the scorer's query."""
    assert isinstance(scorer, FactorScorer)
    return _BY_QUERY[scorer.query](scorer, dataset, history, item)


def _constant(scorer: FactorScorer, dataset: Dataset, history: History, item: int) -> Reasons:
    terms = (Term("People who rated this film", scorer.global_bias + float(scorer.item_bias[item])),)
    return Reasons("It counts how many people rated the film. Nothing about this person is used.", terms)


def _lookup(scorer: FactorScorer, dataset: Dataset, history: History, item: int) -> Reasons:
    return Reasons("There is no reason: the order is shuffled, the same way each time.")


def _bias(scorer: FactorScorer, dataset: Dataset, history: History, item: int) -> Reasons:
    whose = "learnt from all ratings" if history.user is not None else "computed from the stars given"
    method = (
        f"Three averages are added: of all ratings, of this film, of this person ({whose}). The person's share "
        "is the same for every film, so it moves no film past another."
    )
    if history.user is not None and scorer.user_bias is not None:
        own = float(scorer.user_bias[history.user])
    else:
        residuals = history.ratings.astype(np.float64) - scorer.global_bias - scorer.item_bias[history.items]
        own = bias_of_new_user(residuals, scorer.regularization)
    of_film = Term(Part.FILM, float(scorer.item_bias[item]))
    return Reasons(method, (Term(Part.MEAN, scorer.global_bias), of_film, Term(Part.PERSON, own)))


def _interactions(scorer: FactorScorer, dataset: Dataset, history: History, item: int) -> Reasons:
    items, loudness = scorer.votes(history)
    votes = np.asarray(scorer.item_factors)[item, items].astype(np.float64) * loudness
    own = scorer.global_bias + float(scorer.item_bias[item])
    whose = f"film with {scorer.min_rating:g} stars or more" if scorer.min_rating > 0 else "film of the history"
    louder = " and ".join(["more stars"] * (scorer.star_power > 0) + ["a later place"] * (scorer.recency > 0))
    method = f"Each {whose} votes for or against this one{f', louder with {louder}' * bool(louder)}; the votes add up."
    terms = (
        Term("Liked films" if scorer.min_rating > 0 else "Films rated", float(votes.sum())),
        *([Term(Part.FILM, own)] if own else []),
    )
    # Without one film the others move up in age, where age counts.
    films = Films(items, votes, is_split=True, is_loss=scorer.recency == 0)
    return Reasons(method, terms, films)


def _weighted(scorer: FactorScorer, dataset: Dataset, history: History, item: int) -> Reasons:
    """Hu, Koren & Volinsky 2008, section 5: p.q = sum over liked j of alpha * q_i' A^-1 q_j, A as in the fold-in."""
    items = history.items[history.ratings >= scorer.min_rating]
    vectors = vectors_of(scorer)
    liked = vectors[items]
    weighted = vectors.T @ vectors + (scorer.alpha - 1) * liked.T @ liked
    weighted += scorer.regularization * np.eye(vectors.shape[1])
    shares = scorer.alpha * liked @ np.linalg.solve(weighted, vectors[item])
    own = scorer.global_bias + float(scorer.item_bias[item])
    terms = (Term("Liked films", float(shares.sum())), *([Term(Part.FILM, own)] if own else []))
    method = (
        f"The person's vector is solved from the films with {scorer.min_rating:g} stars or more, so the score is a "
        "sum over these films (Hu et al. 2008, section 5)."
    )
    return Reasons(method, terms, Films(items, shares, is_split=True, is_loss=False))


def _ridge(scorer: FactorScorer, dataset: Dataset, history: History, item: int) -> Reasons:
    vectors = vectors_of(scorer)
    residuals = history.ratings.astype(np.float64) - scorer.global_bias - scorer.item_bias[history.items]
    shares = ridge_shares(vectors[history.items], residuals, scorer.regularization, vectors[item])
    films = Films(history.items, shares, is_split=True, is_loss=False)
    person, bias = _known(scorer, history) or ridge_vector(vectors[history.items], residuals, scorer.regularization)
    method = (
        "A person is a point among the films, placed there by least squares from their stars. What they add to the "
        "film's own average is a sum over their films: how similar each is to this one, times how far its stars lie "
        "above or below what is usual for it."
    )
    return _product(scorer, dataset, history, item, person, bias, films, method)


def _pairwise(scorer: FactorScorer, dataset: Dataset, history: History, item: int) -> Reasons:
    person, bias = _known(scorer, history) or (scorer.folded_in(history), 0.0)
    fitted = person if history.user is None else scorer.folded_in(history)
    films = Films(*pairwise_shares(scorer, history, fitted, item), is_split=True, is_loss=False)
    method = (
        "Every comparison of a film that this person liked with one that they have not seen pulls their vector "
        "towards the first. Where the pulls balance the vector comes to rest, so it is the sum of them, and the score "
        "a sum over the liked films. The balance is found step by step, so the sum is close (to about 5 %), not exact."
    )
    return _product(scorer, dataset, history, item, person, bias, films, method)


def _product(
    scorer: FactorScorer,
    dataset: Dataset,
    history: History,
    item: int,
    person: np.ndarray,
    bias: float,
    films: Films,
    method: str,
) -> Reasons:
    """Biases plus a product of two vectors, which the films carry but for a rest."""
    taste = float(person.astype(np.float64) @ vectors_of(scorer)[item])
    own = Term(Part.FILM, float(scorer.item_bias[item]))
    mean = [Term(Part.MEAN, scorer.global_bias)] if scorer.global_bias else []
    of_person = [Term(Part.PERSON, bias)] if bias else []
    if history.user is not None:
        method += (
            " Training gave this known user a vector that is not quite the one that their films alone give: the "
            "difference has a line of its own."
        )
    return Reasons(
        method,
        (*mean, own, *of_person, Term(Part.TASTE, taste)),
        replace(films, rest=bias + taste - float(films.values.sum())),
        factors_of(vectors_of(scorer), axes_of(scorer), person, item, dataset.item_counts),
    )


def _known(scorer: FactorScorer, history: History) -> tuple[np.ndarray, float] | None:
    """The trained vector and bias of a known user; None for a new user."""
    if history.user is None or scorer.user_factors is None:
        return None
    bias = 0.0 if scorer.user_bias is None else float(scorer.user_bias[history.user])
    return scorer.user_factors[history.user], bias


_BY_QUERY: dict[Query, Callable[[FactorScorer, Dataset, History, int], Reasons]] = {
    Query.CONSTANT: _constant,
    Query.LOOKUP: _lookup,
    Query.BIAS: _bias,
    Query.RIDGE: _ridge,
    Query.PAIRWISE: _pairwise,
    Query.WEIGHTED: _weighted,
    Query.INTERACTIONS: _interactions,
}
