"""What a model makes of one new user's films, in a sentence: which it uses, which it cannot use, and what that means.

How a model takes in new users at all, its artifact says (`Manifest.new_user`). This is about one profile.
"""

from __future__ import annotations

import numpy as np

from recsys.data.catalog import Catalog, Viewers
from recsys.data.dataset import History
from recsys.serving.fold_in import bias_of_new_user
from recsys.serving.lists import ModelList
from recsys.serving.scorers import Query, ScorerState

_LIKES_ONLY = (Query.PAIRWISE, Query.WEIGHTED, Query.INTERACTIONS)
_MOST_NAMED = 2
"""More films than this are not named, only counted."""
_HEAVIER = (("star_power", "films with more stars"), ("recency", "later films"))
_LEAST_BIAS = 0.05
"""Stars; a smaller bias changes no digit on screen."""


def note(state: ScorerState, history: History, item_counts: np.ndarray, catalog: Catalog, viewers: Viewers) -> str:
    """What becomes of this history in the model with this state.

    Args:
        state: of the scorer; what it holds says how it reads a history.
        history: of a new user.
        item_counts: (I,) number of ratings that the model has learnt from, per film.
        viewers: names what the new user says of themselves.
    """
    n = len(history)
    encoder = state.settings.get("encoder")
    if encoder == "user_item_fields":
        return _demographics(history, viewers)
    if encoder == "user_item":
        return "Your films are not used: every new user gets this list."
    if encoder == "item_sequence":
        said = _sequence(history, int(state.settings["max_length"]), catalog)
    elif encoder is not None:
        whose = "its" if n == 1 else "their"
        said = f"Reads {_all(n)} and {whose} stars." if n else "Without stars its input is empty: a list for anybody."
    else:
        query = Query(state.settings["query"])
        if query in (Query.CONSTANT, Query.LOOKUP):
            return "Nothing that you rate changes this order."
        if query in _LIKES_ONLY:
            said = _liked(state, history, query)
        else:
            said = _bias(state, history) if query is Query.BIAS else _ridge(n)
    unseen = history.items[item_counts[history.items] == 0].tolist()
    blank = [item for item in history.items[~learnt(state, history.items)].tolist() if item not in unseen]
    more = [_named("It never saw a rating of", unseen, catalog), _named("It has learnt nothing of", blank, catalog)]
    return " ".join(filter(None, [said, *more]))


def learnt(state: ScorerState, items: np.ndarray) -> np.ndarray:
    """(T,) bool: whether these films have any weight in the model; where the weights are in a graph, it is assumed."""
    factors = state.arrays.get("item_factors")
    if factors is None:
        return np.ones(len(items), dtype=bool)
    if state.settings["query"] == Query.INTERACTIONS:  # there, a film of the history is a column
        return (factors[:, items] != 0).any(axis=0)
    return (factors[items] != 0).any(axis=1)


def is_undecided(full: ModelList) -> bool:
    """Whether a model scores all films alike: its order would be that of the catalogue, which is no answer."""
    return len(full.scores) > 1 and float(full.scores.max()) == float(full.scores.min())


def nothing_to_go_on(state: ScorerState, history: History) -> str:
    """Why such a model has no list, and what would give it one."""
    least = float(state.settings.get("min_rating", 0.0))
    if not len(history):
        return "It knows nobody without films. Rate one, and its list appears."
    if state.settings.get("query") in _LIKES_ONLY and not (history.ratings >= least).any():
        return f"It looks only at films with {least:g} stars or more, and you have rated none so high."
    return "It has learnt nothing of the films that you rated. Rate one that more people have seen."


def _all(n: int) -> str:
    return "your one film" if n == 1 else f"all {n} films"


def _sequence(history: History, longest: int, catalog: Catalog) -> str:
    if not len(history):
        return "Without a film there is no sequence: this is what it knows of the first film of anybody."
    last = catalog.label(int(history.items[-1]))
    if len(history) == 1:
        return f"Reads one film, “{last}”. Stars are not used."
    n = min(len(history), longest)
    which = f"all {n} films" if n == len(history) else f"your last {n} films"
    return f"Reads {which} in your order, “{last}” last. Stars are not used."


def _liked(state: ScorerState, history: History, query: Query) -> str:
    least = float(state.settings["min_rating"])
    n, n_liked = len(history), int((history.ratings >= least).sum())
    from_nothing = " This is the list for somebody it knows nothing of." if query is Query.PAIRWISE else ""
    if n == 0:
        return f"It has no film to go on.{from_nothing}"
    if n_liked == 0:
        return f"Uses films with {least:g} stars or more, and you have none.{from_nothing}"
    uses = f"Uses {_all(n)}." if n_liked == n else f"Uses {n_liked} of {n} films: those with {least:g} stars or more."
    return f"{uses} {_weights(state)}" if n_liked > 1 else uses


def _weights(state: ScorerState) -> str:
    """Which of the liked films count more."""
    heavier = " and ".join(says for setting, says in _HEAVIER if state.settings.get(setting, 0.0) > 0)
    return f"{heavier.capitalize()} weigh more." if heavier else "They all count alike."


def reads_order(state: ScorerState) -> bool:
    """Whether the order of a profile changes what the model says."""
    return state.settings.get("encoder") == "item_sequence" or state.settings.get("recency", 0.0) > 0


def _bias(state: ScorerState, history: History) -> str:
    if not len(history):
        return "Without stars you count as an average viewer."
    settings = state.settings
    residuals = history.ratings - settings["global_bias"] - state.arrays["item_bias"][history.items]
    bias = bias_of_new_user(residuals, settings["regularization"])
    if abs(bias) < _LEAST_BIAS:
        return "You rate as high as the average viewer; the order is the same for all."
    side = "above" if bias > 0 else "below"
    return f"You rate {side} the average: every film moves by {bias:+.1f} stars, so the order stays.".replace("-", "−")


def _ridge(n: int) -> str:
    if n == 0:
        return "Without stars it cannot place you: films in the order of their own ratings."
    return f"Uses {_all(n)}; low stars push away what is like {'it' if n == 1 else 'them'}."


def _demographics(history: History, viewers: Viewers) -> str:
    said = [getattr(viewers, trait).names[code] for trait, code in vars(history.demographics).items() if code]
    if not said:
        return "Your films are not used, and you have said nothing of yourself: the list for an unknown viewer."
    return f"Your films are not used, only what you say of yourself: {', '.join(said)}."


def _named(what: str, items: list[int], catalog: Catalog) -> str:
    if not items:
        return ""
    if len(items) > _MOST_NAMED:
        return f"{what} {len(items)} of them."
    return f"{what} {' or '.join(f'“{catalog.label(item)}”' for item in items)}."
