"""What the table of attention is given: what AutoInt+ looked at for one film and another. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from recsys.data.dataset import Dataset
from recsys.explain.attention import Attention
from recsys.serving.fields import FIELDS, UNKNOWN
from recsys.serving.scorers import Unit
from recsys.ui.components.mount import Component
from recsys.ui.components.shared.amounts import amount
from recsys.ui.systems import Column
from recsys.ui.text import percent
from recsys.ui.view import View, in_url


class Head(TypedDict):
    short: str
    said: str


class AttentionFilm(TypedDict):
    """Per field: what stands in it, and what the chance loses without it, as a number and a text.

    `received` has a row of fields per head, `weights` a table: which field looks at which.
    """

    title: str
    says: str
    values: list[str]
    received: list[list[float]]
    weights: list[list[list[float]]]
    changes: list[float | None]
    texts: list[str]


class AttentionPayload(TypedDict):
    """`range` and `pairs` are the least and the greatest share of `received` and of `weights`, of both films.

    `head` and `by_field` ("1" or "0") are those of the view.
    """

    head: int
    by_field: str

    color: int
    fields: list[str]
    unknown: str
    heads: list[Head]
    films: list[AttentionFilm]
    range: list[float]
    pairs: list[float]
    note: str


draw: Component[AttentionPayload] = Component("attention")


def payload(dataset: Dataset, films: Sequence[tuple[int, Attention]], column: Column, view: View) -> AttentionPayload:
    """Two films with what each head looks at, on one scale of colours."""
    n_layers, n_heads = films[0][1].weights.shape[:2]
    heads: list[Head] = []
    for layer in range(1, n_layers + 1):
        for head in range(1, n_heads + 1):
            short, said = (f"H{head}", f"Head {head}")
            if n_layers > 1:
                short, said = f"L{layer}{short}", f"Layer {layer}, head {head}"
            heads.append({"short": short, "said": said})
    return {
        "head": view.head,
        "by_field": in_url(view, "by_field"),
        "color": column.color,
        "fields": [name.capitalize() for name in FIELDS],
        "unknown": UNKNOWN,
        "heads": heads,
        "films": [_film(dataset.catalog.label(item), found) for item, found in films],
        "range": _range([found.received for _, found in films]),
        "pairs": _range([found.weights for _, found in films]),
        "note": f"H1, H2, …: the attention heads. The number is the share of a head's attention that falls on "
        f"the field, in percent; {round(100 / len(FIELDS))} would be an even share. Left out: how far the chance of 4 "
        "stars drops when that field alone is unknown, in percentage points; a striped bar to the left means that the "
        "chance rises without it.",
    }


def _film(title: str, found: Attention) -> AttentionFilm:
    changes = [found.changes.get(name) for name in FIELDS]
    looked = found.received.mean(axis=(0, 1))
    most = int(looked.argmax())
    loses = ""
    if found.changes:
        name, change = max(found.changes.items(), key=lambda each: abs(each[1]))
        loses = f"; {name} changes it most, by {amount(change, Unit.LIKE)}"
    return {
        "title": title,
        "says": f"{percent(found.score)} chance of 4 stars or more. It looks most at {FIELDS[most]} "
        f"({found.values[most]}; {percent(float(looked[most]))} of all attention){loses}.",
        "values": list(found.values),
        "received": _by_head(found.received),
        "weights": _by_head(found.weights),
        "changes": [None if change is None else round(change, 5) for change in changes],
        "texts": ["" if change is None else amount(change, Unit.LIKE, 1) for change in changes],
    }


def _by_head(shares: np.ndarray) -> list:
    """The layers one after the other."""
    return np.round(shares.reshape(-1, *shares.shape[2:]), 4).tolist()


def _range(shares: Sequence[np.ndarray]) -> list[float]:
    """The least and the greatest share, between which the colours run."""
    return [round(min(float(each.min()) for each in shares), 4), round(max(float(each.max()) for each in shares), 4)]


def table(data: AttentionPayload) -> tuple[list[str], list[list[object]]]:
    """A film and a field per row, with the share of each head's attention, for a file: header and rows."""
    header = ["film", "field", "value", *(head["said"] for head in data["heads"]), "chance_lost_without_it"]
    rows: list[list[object]] = []
    for film in data["films"]:
        for place, field in enumerate(data["fields"]):
            received = [by_head[place] for by_head in film["received"]]
            rows.append([film["title"], field, film["values"][place], *received, film["changes"][place]])
    return header, rows
