"""Guess first: what is asked while there are no ticks, and what the guess was worth when they come.

Nothing here sends what a user went on to like before they are shown: of the films to pick from, only that some are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.ui import controls, lists, loaders, systems, url
from recsys.ui.lists import Answer
from recsys.ui.text import count, listed, md
from recsys.ui.view import View

N_FILMS, N_PICKS = 10, 3
WAYS = {"ticks": "Ticks hidden", "pick": f"Pick {N_PICKS} of {N_FILMS}", "model": "Which model found most?"}
_GUESSES = "recsys_guesses"
_WIDTH = 980
"""In pixels: ten films to pick from, so that the button stands beside them on a projector and the lists stay on it."""


@dataclass
class Guess:
    """What a visitor guesses of one user.

    Args:
        films: film indices to pick from, in the order of the catalogue; None where no choice is possible.
        picked: those that were picked.
        model: the model or run that is said to find most, "" for none yet.
    """

    films: list[int] | None
    picked: list[int] = field(default_factory=list)
    model: str = ""


def ways() -> None:
    """The choice among the three ways."""
    controls.segmented("How to guess", "guess", WAYS, key="guess", label_visibility="collapsed", wrap=True)


def show(dataset: Dataset, user: int, given: Sequence[Answer], relevant: np.ndarray, view: View) -> None:
    """What is asked about this user; once the ticks are there, how good the answer was.

    Args:
        given: the lists on screen.
        relevant: what is to be guessed.
    """
    answered = {a.column.key: a for a in given if a.top is not None}
    raw = int(dataset.viewers.ids.ids[user])
    if view.guess == "ticks" or not answered:
        return
    guesses = st.session_state.setdefault(_GUESSES, {})
    if view.ticks:
        guess = guesses.get((dataset.fingerprint, user))
        if guess is not None and (says := result(guess, view.guess, answered, relevant, raw)):
            st.info(says, icon=":material/celebration:")
        return
    if (dataset.fingerprint, user) not in guesses:
        films = np.unique(np.concatenate([a.top.items for a in answered.values() if a.top is not None]))
        guesses[dataset.fingerprint, user] = Guess(_drawn_once(dataset, user, tuple(films.tolist()), relevant))
    guess = guesses[dataset.fingerprint, user]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall", key=f"guess_{raw}"):
        if view.guess == "pick":
            _pick(dataset, raw, guess)
        else:
            _say_which(raw, guess, answered)


def _pick(dataset: Dataset, raw: int, guess: Guess) -> None:
    if guess.films is None:
        st.caption(
            f"The lists hold fewer than {N_PICKS} films that user {raw} went on to like, so there are not "
            f"{N_PICKS} to pick: take another user, or another way to guess."
        )
        return
    names = _told_apart(dataset, guess.films)
    key = f"picks_{raw}"
    st.session_state[key] = guess.picked

    def keep() -> None:
        chosen = st.session_state[key]
        guess.picked = [item for item in names if item in chosen]

    question = f"Which {N_PICKS} of these {len(names)} did user {raw} go on to like?"
    with st.container(width=_WIDTH):  # pills of a width of their own would be stretched to it
        st.pills(
            question,
            list(names),
            selection_mode="multi",
            format_func=names.__getitem__,
            key=key,
            on_change=keep,
            wrap=True,
        )
    left = N_PICKS - len(guess.picked)
    label = "Reveal" if left == 0 else f"Pick {left} more" if left > 0 else f"Take {-left} away"
    _reveal_button(label, raw, is_ready=left == 0)


def _told_apart(dataset: Dataset, films: Sequence[int]) -> dict[int, str]:
    """Film index -> its name in a menu, all different: of options with the same name, Streamlit takes the last."""
    names: dict[int, str] = {}
    for item in films:
        it = lists.film(dataset.catalog, item)
        name = md(it["title"])
        if it["year"] and name in names.values():
            name = md(f"{it['title']} ({it['year']})")
        names[item] = f"{name}, film {int(dataset.catalog.ids.ids[item])}" if name in names.values() else name
    return names


def _say_which(raw: int, guess: Guess, answered: Mapping[str, Answer]) -> None:
    if len(answered) < 2:
        st.caption("Choose two models or more: then one of them can have found most.")
        return
    names = systems.told_apart([a.column for a in answered.values()])
    key = f"most_{raw}"
    st.session_state[key] = guess.model if guess.model in names else None

    def keep() -> None:
        chosen = st.session_state[key]
        guess.model = chosen if chosen in names else ""

    question = f"Which list has most of what user {raw} went on to like?"
    st.pills(question, list(names), format_func=lambda each: md(names[each]), key=key, on_change=keep, wrap=True)
    _reveal_button("Reveal", raw, is_ready=guess.model in names)


def _reveal_button(label: str, raw: int, *, is_ready: bool) -> None:
    st.button(
        label,
        key=f"reveal_{raw}",
        type="primary",
        disabled=not is_ready,
        on_click=lambda: url.change(ticks=True),
    )


@st.cache_resource(max_entries=1000, show_spinner=False, hash_funcs=loaders.KEYS)
def _drawn_once(dataset: Dataset, user: int, films: tuple[int, ...], _relevant: np.ndarray) -> list[int] | None:
    """The same ten also after a reload: from several draws, what is in all of them would be the answer."""
    return drawn(np.array(films), _relevant, np.random.default_rng())


def drawn(films: np.ndarray, hits: np.ndarray, random: np.random.Generator) -> list[int] | None:
    """Ten of these films, as if drawn again and again until at least three were hits; None where there are not three.

    Every such ten is as likely, and they come in the order of the catalogue: so neither the choice nor the order says
    more of a film than that.

    Args:
        films: film indices, some of them several times.
        hits: what is to be guessed, among them or not.
    """
    among, others = np.intersect1d(films, hits), np.setdiff1d(films, hits)
    if len(among) < N_PICKS:
        return None
    n = min(N_FILMS, len(among) + len(others))
    possible = range(N_PICKS, min(n, len(among)) + 1)
    weights = np.array([math.comb(len(among), h) * math.comb(len(others), n - h) for h in possible], dtype=float)
    n_hits = int(random.choice(possible, p=weights / weights.sum()))
    chosen = [random.choice(among, n_hits, replace=False), random.choice(others, n - n_hits, replace=False)]
    return [int(item) for item in np.sort(np.concatenate(chosen))]


def result(guess: Guess, way: str, answered: Mapping[str, Answer], relevant: np.ndarray, raw: int) -> str:
    """The visitor's count and the models' own in one sentence; "" where nothing was guessed in this way."""
    if way == "pick" and guess.films is not None and guess.picked:
        own = {key: _best_hits(a, guess.films, relevant) for key, a in answered.items()}
        yours = int(np.isin(guess.picked, relevant).sum())
        return (
            f"Of the {len(guess.picked)} that you picked, user {raw} went on to like **{yours}**; of the {N_PICKS} of "
            f"these {len(guess.films)} that each model puts first: {_counts(own, answered)}."
        )
    if way == "model" and guess.model in answered:
        own = {key: a.top.n_hits for key, a in answered.items() if a.top is not None}
        most = max(own.values())
        if not most:
            return f"You said {_name(guess.model, answered)}, but no list has any of the {len(relevant)}."
        first = listed([_name(key, answered) for key, n in own.items() if n == most])
        but = "and rightly" if own[guess.model] == most else f"but {first} found most"
        return (
            f"You said **{_name(guess.model, answered)}**, {but}: of {count(len(relevant), 'film')} that user {raw} "
            f"went on to like, the lists have {_counts(own, answered)}."
        )
    return ""


def _best_hits(answer: Answer, films: Sequence[int], relevant: np.ndarray) -> int:
    """How many of the three that a model puts first among these films were liked."""
    if answer.full is None:
        return 0
    first = answer.full.items[np.isin(answer.full.items, films)][:N_PICKS]
    return int(np.isin(first, relevant).sum())


def _counts(own: Mapping[str, int], answered: Mapping[str, Answer]) -> str:
    return listed([f"{_name(key, answered)} {n}" for key, n in own.items()])


def _name(key: str, answered: Mapping[str, Answer]) -> str:
    return md(answered[key].column.spoken)
