"""Two closer looks on the Why page: the GRU after each film that it read, and the attention of AutoInt+."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.explain.attention import UNKNOWN, Attention
from recsys.explain.networks import Steps
from recsys.serving.fields import FIELDS
from recsys.serving.new_user import Profile
from recsys.serving.scorers import Unit
from recsys.ui import components, loaders
from recsys.ui.errors import calm
from recsys.ui.systems import Column
from recsys.ui.text import count, percent
from recsys.ui.view import View
from recsys.ui.why import loaders as why_loaders
from recsys.ui.why import subject
from recsys.ui.why.bars import amount


def show_steps(dataset: Dataset, asked: Sequence[Column], who: int | Profile, item: int) -> None:
    """How the film moved in the list of the first GRU on screen; nothing without one."""
    column = next((each for each in asked if each.entry.name == "gru"), None)
    if column is None:
        return
    with calm():
        read = why_loaders.read_steps(dataset, column.key, who, item)
        if len(read.items):
            components.steps(key="steps", data=steps_payload(dataset, read, item, column))


def steps_payload(dataset: Dataset, read: Steps, item: int, column: Column) -> dict[str, Any]:
    """The film after each film read: a row for before, then one per film, oldest first."""
    label, most = dataset.catalog.label, float(read.scores.max()) or 1.0
    before = f"{count(read.n_before, 'film')} read" if read.n_before else "nothing read"
    rows = []
    for place, score in enumerate(read.scores.tolist()):
        rank, last = int(read.ranks[place]), int(read.ranks[place - 1]) if place else 0
        rows.append(
            {
                "title": label(int(read.items[place - 1])) if place else f"Before: {before}",
                "detail": "",
                "width": round(100 * score / most, 2),
                "from": round(100 * float(read.scores[place - 1]) / most, 2) if place else None,
                "chance": percent(score),
                "rank": f"{rank:,}" if rank else "seen",
                "move": "up" if place and rank < last else "",
                "said": "" if not place or rank == last else "higher" if rank < last else "lower",
            }
        )
    jumps = np.diff(read.scores)
    top = int(np.argmax(jumps))
    says = f"{column.label} reads films in order and says which comes next."
    if jumps[top] > 0:
        says += f" {label(int(read.items[top]))} raised the chance most: {amount(float(jumps[top]), Unit.NEXT)}."
    return {
        "title": f"How “{label(item)}” moved while {column.label} read",
        "says": says,
        "most": percent(most),
        "color": column.color,
        "rows": rows,
        "foot": f"Rank among the {read.n_ranked:,} films that are not in the whole history.",
    }


def show_attention(dataset: Dataset, asked: Sequence[Column], who: int | Profile, item: int, view: View) -> None:
    """What the first AutoInt+ on screen looked at, for this film and another; nothing without one."""
    column = next((each for each in asked if each.entry.name == "autoint"), None)
    if column is None:
        return
    with calm():
        st.subheader(f"What {column.label} looked at", anchor=False)
        st.caption("What it looked at, not proof of cause: beside it stands what the chance loses without each field.")
        best = loaders.ranking(dataset, column.key, who, exclude_seen=True).items[:2].tolist()
        suggested = next((film for film in [*best, 0, 1] if film != item), item)
        beside = subject.choose_beside(dataset, item, suggested, view)
        films = [(film, why_loaders.read_attention(dataset, column.key, who, film)) for film in (item, beside)]
        components.attention(key="attention", data=attention_payload(dataset, films, column))


def attention_payload(dataset: Dataset, films: Sequence[tuple[int, Attention]], column: Column) -> dict[str, Any]:
    """Two films with what each head looks at, on one scale of colours."""
    n_layers, n_heads = films[0][1].weights.shape[:2]
    heads = [(layer, head) for layer in range(n_layers) for head in range(n_heads)]

    def said(layer: int, head: int) -> str:
        return f"Head {head + 1}" if n_layers == 1 else f"Layer {layer + 1}, head {head + 1}"

    def drawn(item: int, found: Attention) -> dict[str, Any]:
        changes = [found.changes.get(name) for name in FIELDS]
        looked = found.received.mean(axis=(0, 1))
        most = int(looked.argmax())
        strongest = max(found.changes, key=lambda name: abs(found.changes[name]), default="")
        loses = f"; {strongest} changes it most, by {amount(found.changes[strongest], Unit.LIKE)}" if strongest else ""
        return {
            "title": dataset.catalog.label(item),
            "says": f"{percent(found.score)} chance of 4 stars or more. It looks most at "
            f"{FIELDS[most]} ({found.values[most]}; {percent(float(looked[most]))} of all attention){loses}.",
            "values": list(found.values),
            "received": [np.round(found.received[layer, head], 4).tolist() for layer, head in heads],
            "weights": [np.round(found.weights[layer, head], 4).tolist() for layer, head in heads],
            "changes": [None if change is None else round(change, 5) for change in changes],
            "texts": ["" if change is None else amount(change, Unit.LIKE, 1) for change in changes],
        }

    found = [attention for _, attention in films]
    return {
        "color": column.color,
        "fields": [name.capitalize() for name in FIELDS],
        "unknown": UNKNOWN,
        "heads": [
            {"short": f"H{head + 1}" if n_layers == 1 else f"L{layer + 1}H{head + 1}", "said": said(layer, head)}
            for layer, head in heads
        ],
        "films": [drawn(item, attention) for item, attention in films],
        "range": _range([each.received for each in found]),
        "pairs": _range([each.weights for each in found]),
        "note": f"H1, H2, …: a head of the attention. The number is the share of its looks that fall on the field, in "
        f"percent; {round(100 / len(FIELDS))} would be an even share. Left out: what the chance of 4 stars loses when "
        "that field alone is unknown, in percentage points; a striped bar to the left means that the chance rises "
        "without it.",
    }


def _range(shares: Sequence[np.ndarray]) -> list[float]:
    """The least and the greatest share, between which the colours run."""
    return [round(min(float(each.min()) for each in shares), 4), round(max(float(each.max()) for each in shares), 4)]
