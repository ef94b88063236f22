"""Two closer looks on the Why page: the GRU after each film that it read, and the attention of AutoInt+."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.serving.new_user import Profile
from recsys.ui import components, loaders, url
from recsys.ui.components.attention.attention import payload as attention_payload
from recsys.ui.components.steps.steps import payload as steps_payload
from recsys.ui.errors import calm
from recsys.ui.systems import Column
from recsys.ui.why import explanations, subject


def show_steps(dataset: Dataset, asked: Sequence[Column], who: int | Profile, item: int) -> None:
    """How the film moved in the list of the first GRU on screen; nothing without one."""
    column = _first(asked, "gru")
    if column is None:
        return
    with calm():
        read = explanations.read_steps(dataset, column.key, who, item)
        if len(read.items):
            components.steps(key="steps", data=steps_payload(dataset, read, item, column))


def show_attention(dataset: Dataset, asked: Sequence[Column], who: int | Profile, item: int, view: url.View) -> None:
    """What the first AutoInt+ on screen looked at, for this film and another; nothing without one."""
    column = _first(asked, "autoint")
    if column is None:
        return
    with calm():
        st.subheader(f"What {column.label} looked at", anchor=False)
        st.caption("What it looked at, not proof of cause: beside it stands what the chance loses without each field.")
        best = loaders.ranking(dataset, column.key, who, exclude_seen=True).items[:2].tolist()
        suggested = next((film for film in [*best, 0, 1] if film != item), item)
        beside = subject.choose_beside(dataset, item, suggested, view)
        films = [(film, explanations.read_attention(dataset, column.key, who, film)) for film in (item, beside)]
        components.attention(key="attention", data=attention_payload(dataset, films, column))


def _first(asked: Sequence[Column], model: str) -> Column | None:
    return next((column for column in asked if column.entry.name == model), None)
