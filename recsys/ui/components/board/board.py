"""The payload of the board: which models, their lists, and one chosen film in all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TypedDict

import numpy as np

from recsys.data.dataset import Dataset
from recsys.serving.lists import Agreement, ModelList
from recsys.serving.new_user import Profile
from recsys.serving.scorers import Unit
from recsys.ui import loaders, systems, url, words
from recsys.ui.components.mount import Component
from recsys.ui.components.shared.cards import Card, Row, Switch
from recsys.ui.lists import NO_LIST, Answer, Film, badge, film
from recsys.ui.text import UNIT_NOTES, score
from recsys.ui.view import MAX_RUNS, View


class Pill(Switch):
    is_baseline: bool


class Overall(TypedDict):
    """What a model reaches over all users: the number, and a sentence with its interval."""

    value: str
    note: str
    is_best: bool


class Sum(TypedDict):
    """The foot of a list: what this list found in a few words and in a sentence, what its model reaches; no `overall`
    without a record. `link` leads to the Leaderboard."""

    found: str
    found_note: str
    overall: Overall | None
    link: str


class BoardCard(Card):
    """`both` has the films that this model lists for the other user as well, `n_ranked` is the number of films in the
    whole ranking, `full_name` what the label stands for, `card` where the model is explained, `rests_on` what its order
    rests on, `says` a sentence under its name; `sum` takes the place of `foot`."""

    both: list[int]
    n_ranked: int
    rests_on: str
    says: str
    full_name: str
    card: str
    sum: Sum | None


class BoardFilm(Film):
    """`ranks` has the film's place in each model's whole ranking, where it has one."""

    hit: bool
    seen: bool
    ranks: dict[str, int]


class Gone(TypedDict):
    """A film that has left a list; `rank` is its place now, None where it has none any more: it was rated."""

    title: str
    rank: int | None


class Moved(TypedDict):
    """What the last change of the films did to a list: the places that a film gained, by its raw id, without those that
    stayed and None for new ones; and those that are gone."""

    marks: dict[str, int | None]
    gone: list[Gone]


class Rating(TypedDict):
    """What films can be rated with where the lists show them.

    `scale` has the fields of `RatingScale`; `most` films can be rated; `rated` has stars by raw id; `moved` is by
    model.
    """

    scale: dict[str, float]
    most: int
    rated: dict[str, float]
    moved: dict[str, Moved]


class BoardPayload(TypedDict):
    """Films by their raw ids; `links` by what they lead to, with FILM for a raw id and MODEL for a name; `tour` starts
    the tour. `beside` names the other user where there are two; the second board has no `pills`. Without `rating`,
    films cannot be rated here. `is_guessing` leaves the room above the lists to what is asked there. `words` has the
    technical words of the sums and where they lead to."""

    user: int
    beside: str
    k: int
    film: int | None
    layout: str
    covers: str
    tour: int
    is_guessing: bool
    words: dict[str, str]
    most_runs: int
    pills: list[Pill]
    cards: list[BoardCard]
    links: dict[str, str]
    films: dict[str, BoardFilm]
    order: list[int]
    rating: Rating | None


board: Component[BoardPayload] = Component(
    "board", "pills", "cards", "matrix", "tour", "cover", "stars", "moved", "rate_rows"
)


@dataclass(frozen=True, eq=False)
class Board:
    """What is on the board.

    Args:
        who: the index of a user, or the new user.
        view: bounded by the data set.
        given: the chosen models' lists, or why they have none.
        agreed: of the lists in `given`; its order is the order of the table.
        user_id: tells one user or new user from another.
        ticks: whether hits may be shown; without them the payload does not contain them.
        links: where a chosen film and a model's name lead to, as `lists.links_of` gives them.
        heads, feet: by model, what stands on its card under its name, and under its list.
        sums: by model, what stands under its list in numbers.
        beside: the answers for the other user, where there are two, and how that one is called.
        key: tells two boards of a page apart; the models are chosen on the first, which has the key "board".
        tour: starts the tour where it is another number than before, and not 0.
        rating, on_rate: what films are rated with here, and the callback for the key that it reports under: `rate`,
            a list of films with stars as the address has them.
    """

    dataset: Dataset
    who: int | Profile
    view: View
    given: Sequence[Answer]
    agreed: Agreement
    user_id: int
    ticks: bool
    links: Mapping[str, str]
    heads: Mapping[str, str] = field(default_factory=dict)
    feet: Mapping[str, str] = field(default_factory=dict)
    sums: Mapping[str, Sum] = field(default_factory=dict)
    beside: tuple[Sequence[Answer], str] = ((), "")
    key: str = "board"
    tour: int = 0
    rating: Rating | None = None
    on_rate: Callable[[], None] | None = None

    def draw(self) -> None:
        """What it reports goes into the view."""
        fields = ("film", "models", "layout")
        reports = {f"on_{name}_change": url.on_report(self.key, name, self.dataset) for name in fields}
        if self.on_rate is not None:
            reports["on_rate_change"] = self.on_rate
        board(key=self.key, data=self.payload(), **reports)

    def payload(self) -> BoardPayload:
        """All that the component draws, as JSON."""
        catalog, ids = self.dataset.catalog, self.dataset.catalog.ids
        shown = list(self.agreed.votes)
        film_id = self.view.film
        chosen = [ids.index(film_id)] if film_id is not None and ids.index(film_id) not in self.agreed.votes else []
        ranks = {a.column.key: _ranks(a.full, self.dataset.n_items) for a in self.given if a.full is not None}
        hits = set(self._relevant.tolist()) if self.ticks else set()
        known = set(loaders.history(self.dataset, self.who).items.tolist())
        selected = [a.column.key for a in self.given]
        with_models = not loaders.nothing_trained(self.dataset.name)
        offered = systems.offered(systems.trained_here(self.dataset.name), selected, with_models=with_models)
        return {
            "user": self.user_id,
            "beside": self.beside[1],
            "k": self.view.k,
            "film": film_id,
            "layout": self.view.layout,
            "covers": self.view.covers,
            "tour": self.tour,
            "words": words.among(it["found"] for it in self.sums.values()),
            "is_guessing": not self.ticks and self.view.guess != "ticks",
            "most_runs": MAX_RUNS,
            "pills": [
                {
                    **badge(column),
                    "model": column.key,
                    "on": column.key in selected,
                    "is_baseline": column.entry.is_baseline and not column.is_run,
                    "is_extra": column.entry.is_extra and not column.is_run,
                }
                for column in offered
                if self.key == "board"
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
            "rating": self.rating,
        }

    @property
    def _relevant(self) -> np.ndarray:
        return loaders.relevant(self.dataset, self.who)

    def _card(self, answer: Answer) -> BoardCard:
        column = answer.column
        key = column.key
        card: BoardCard = {
            **badge(column),
            "model": key,
            "rests_on": column.entry.rests_on,
            "looks_at": answer.looks_at,
            "says": self.heads.get(key, ""),
            "unit": "",
            "problem": None,
            "rows": [],
            "both": self._both(answer),
            "n_ranked": 0,
            "full_name": column.entry.full_name,
            "card": self.links.get("model", "").replace("MODEL", column.entry.name),
            "foot": self.feet.get(key, ""),
            "sum": self.sums.get(key),
        }
        if answer.top is None or answer.full is None:
            return {**card, "problem": asdict(answer.problem or NO_LIST)}
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
        return {**card, "unit": UNIT_NOTES[unit], "rows": rows, "n_ranked": len(answer.full.items)}

    def _both(self, answer: Answer) -> list[int]:
        """Raw ids of the films that the same model lists for the other user."""
        others = [other.top.items for other in self.beside[0] if other.column.key == answer.column.key and other.top]
        if answer.top is None or not others:
            return []
        return [int(self.dataset.catalog.ids.ids[item]) for item in np.intersect1d(answer.top.items, others[0])]


def _ranks(full: ModelList, n_items: int) -> np.ndarray:
    """(I,) place of each film in a full ranking; 0 where it is not in it."""
    ranks = np.zeros(n_items, dtype=np.int64)
    ranks[full.items] = np.arange(1, len(full.items) + 1)
    return ranks
