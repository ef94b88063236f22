"""The payload of the board: which models, their lists, and one chosen film in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

import numpy as np

from recsys.data.dataset import Dataset
from recsys.serving.lists import Agreement, ModelList
from recsys.serving.new_user import Profile
from recsys.serving.scorers import Unit
from recsys.ui import loaders, systems, url
from recsys.ui.components.mount import Component
from recsys.ui.components.shared.cards import Card, Row, Switch
from recsys.ui.lists import NO_LIST, Answer, Film, badge, film
from recsys.ui.systems import Column
from recsys.ui.text import UNIT_NOTES, hits_sentence, score
from recsys.ui.view import MAX_RUNS, View


class Pill(Switch):
    is_baseline: bool


class BoardCard(Card):
    """`n_ranked` is the number of films in the whole ranking."""

    n_ranked: int


class BoardFilm(Film):
    """`ranks` has the film's place in each model's whole ranking, where it has one."""

    hit: bool
    seen: bool
    ranks: dict[str, int]


class BoardPayload(TypedDict):
    """Films by their raw ids; `links` by page, in which FILM stands for a raw id."""

    user: int
    k: int
    film: int | None
    layout: str
    most_runs: int
    pills: list[Pill]
    cards: list[BoardCard]
    links: dict[str, str]
    films: dict[str, BoardFilm]
    order: list[int]


_GUESS = "Guess first: which of these did the user go on to like?"

board: Component[BoardPayload] = Component("board", "pills", "cards", "matrix")


@dataclass(frozen=True, eq=False)
class Board:
    """What is on the board.

    Args:
        given: the chosen models' lists, or why they have none.
        offered: what can be switched on and off.
        agreed: of the lists in `given`; its order is the order of the table.
        relevant: films held out and liked.
        seen: films that the user already knows.
        user_id: tells one user or new user from another.
        k: films per list.
        film_id: raw id of the chosen film.
        ticks: whether hits may be shown; without them the payload does not contain them.
        layout: "cards" or "table".
        links: where a chosen film leads to, as `lists.links_of` gives them.
        heads, feet: by model, what stands on its card instead of what it looks at, and under its list.
    """

    dataset: Dataset
    given: Sequence[Answer]
    offered: Sequence[Column]
    agreed: Agreement
    relevant: np.ndarray
    seen: np.ndarray
    user_id: int
    k: int
    film_id: int | None
    ticks: bool
    layout: str
    links: Mapping[str, str] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)
    feet: Mapping[str, str] = field(default_factory=dict)

    def payload(self) -> BoardPayload:
        """All that the component draws, as JSON."""
        catalog, ids = self.dataset.catalog, self.dataset.catalog.ids
        shown = list(self.agreed.votes)
        film_id = self.film_id
        chosen = [ids.index(film_id)] if film_id is not None and ids.index(film_id) not in self.agreed.votes else []
        ranks = {a.column.key: _ranks(a.full, self.dataset.n_items) for a in self.given if a.full is not None}
        hits = set(self.relevant.tolist()) if self.ticks else set()
        known = set(self.seen.tolist())
        selected = {a.column.key for a in self.given}
        return {
            "user": self.user_id,
            "k": self.k,
            "film": film_id,
            "layout": self.layout,
            "most_runs": MAX_RUNS,
            "pills": [
                {
                    **badge(column),
                    "model": column.key,
                    "note": column.note,
                    "on": column.key in selected,
                    "is_baseline": column.entry.is_baseline and not column.is_run,
                    "is_extra": column.entry.is_extra and not column.is_run,
                }
                for column in self.offered
            ],
            "cards": [self._card(answer) for answer in self.given],
            "links": dict(self.links),
            "films": {
                str(int(ids.ids[item])): {
                    **film(catalog, item),
                    "hit": item in hits,
                    "seen": item in known,
                    "ranks": {name: int(rank[item]) for name, rank in ranks.items() if rank[item]},
                }
                for item in [*shown, *chosen]
            },
            "order": [int(ids.ids[item]) for item in shown],
        }

    def _card(self, answer: Answer) -> BoardCard:
        key = answer.column.key
        card: BoardCard = {
            **badge(answer.column),
            "model": key,
            "note": answer.column.note,
            "looks_at": self.heads.get(key, answer.looks_at),
            "unit": "",
            "problem": None,
            "rows": [],
            "n_ranked": 0,
            "foot": self.feet.get(key, ""),
        }
        if answer.top is None or answer.full is None:
            return {**card, "problem": (answer.problem or NO_LIST).note()}
        top, unit = answer.top, answer.top.unit
        strengths = top.strengths()
        shown = top.shown_scores(self.dataset.scale)
        ids = self.dataset.catalog.ids.ids
        rows: list[Row] = []
        for place, item in enumerate(top.items.tolist()):
            text = score(unit, float(shown[place]), float(strengths[place]))
            rows.append(
                {
                    "rank": place + 1,
                    "film": int(ids[item]),
                    "score": text,
                    "spoken": text.replace("★", "stars"),
                    "bar": round(float(np.clip(strengths[place], 0, 100)), 1) if unit is Unit.STRENGTH else None,
                    "hit": bool(top.is_hit[place]) and self.ticks,
                }
            )
        missed = top.missed_ranks.tolist()
        foot = hits_sentence(top.n_hits, len(self.relevant), len(rows), missed) if self.ticks else _GUESS
        return {
            **card,
            "unit": UNIT_NOTES[unit],
            "rows": rows,
            "n_ranked": len(answer.full.items),
            "foot": self.feet.get(key, foot),
        }


def draw(
    dataset: Dataset,
    who: int | Profile,
    view: View,
    given: Sequence[Answer],
    agreed: Agreement,
    *,
    user_id: int,
    ticks: bool,
    links: Mapping[str, str],
    heads: Mapping[str, str] | None = None,
    feet: Mapping[str, str] | None = None,
) -> None:
    """The board of a page, about a user or a new user; what it reports goes into the view. See `Board`."""
    here, chosen = systems.trained_here(dataset.name), [answer.column.key for answer in given]
    on_board = Board(
        dataset=dataset,
        given=given,
        offered=systems.offered(here, chosen, with_models=not loaders.nothing_trained(dataset.name)),
        agreed=agreed,
        relevant=loaders.relevant(dataset, who),
        seen=loaders.history(dataset, who).items,
        user_id=user_id,
        k=view.k,
        film_id=view.film,
        ticks=ticks,
        layout=view.layout,
        links=links,
        heads=heads or {},
        feet=feet or {},
    )
    reports = {f"on_{field}_change": url.on_report("board", field, dataset) for field in ("film", "models", "layout")}
    board(key="board", data=on_board.payload(), **reports)


def _ranks(full: ModelList, n_items: int) -> np.ndarray:
    """(I,) place of each film in a full ranking; 0 where it is not in it."""
    ranks = np.zeros(n_items, dtype=np.int64)
    ranks[full.items] = np.arange(1, len(full.items) + 1)
    return ranks
