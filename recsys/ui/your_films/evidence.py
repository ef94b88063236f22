"""How good the models' answers to new users are, as measured; shown below those answers."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError, RecsysError
from recsys.evaluation import new_users
from recsys.evaluation.new_users import FoldIn
from recsys.ui import controls, loaders, systems
from recsys.ui.errors import tell
from recsys.ui.text import DASH, count, md, number


def show(dataset: Dataset, models: Sequence[str]) -> None:
    """A folded table of the models on screen that have a record, and which record is damaged; nothing without one."""
    found: dict[str, FoldIn] = {}
    for key in models:
        try:
            if (record := of(dataset.name, key)) is not None:
                found[key] = record
        except ArtifactError as error:
            tell(error)
    if not found:
        return
    first = next(iter(found.values()))
    with controls.fold("How good are these answers for somebody new?", "new_users", icon=":material/science:"):
        st.markdown(
            "Measured with users of this data set. **Same list**: how similar a known user's list is to the one that a "
            f"new user with the same films gets (rank-biased overlap, 1 is the same; {count(first.n_users, 'user')}). "
            "**New users**: each model was trained again without a fifth of the users, who then asked as new users "
            f"(nDCG@10; {first.n_kept_out} users with something to find), and how much that is above or below "
            "Popularity, with a 95 % interval."
        )
        head = "| Model | Same list | New users | Against Popularity |\n|:--|--:|--:|--:|"
        st.markdown("\n".join([head, *(_row(systems.of(key).label, record) for key, record in found.items())]))
        if any(systems.of(key).entry.predicts_stars for key in new_users.beside_popularity(found)[2]):
            st.caption(
                "A model of stars that falls below Popularity does so for known users as well: it never learns what "
                "people choose, only how much they like it."
            )


def of(dataset_name: str, key: str) -> FoldIn | None:
    """What was measured of exactly the model on screen; None for runs, where nothing was, and without a sound model.

    Raises ArtifactError where it is damaged.
    """
    try:
        sha256 = loaders.manifest(dataset_name, key).sha256
    except RecsysError:  # its list says why
        return None
    return new_users.read(dataset_name, key, sha256)


def _row(label: str, record: FoldIn) -> str:
    low, high = record.over_popularity_interval
    is_baseline = record.model == "popularity"
    margin = DASH if is_baseline else f"{_signed(record.over_popularity)} ({_signed(low)} to {_signed(high)})"
    return f"| {md(label)} | {number(record.overlap, 2)} | {number(record.kept_out)} | {margin} |"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")
