"""A second opinion on the headline: the same models where one moment divides known from hidden, for all users alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT, HOLDOUT_TIME, MIN_KNOWN
from recsys.evaluation.results import Result
from recsys.ui import charts, export, loaders, systems, words
from recsys.ui.components.slices import slices
from recsys.ui.components.slices.slices import MARKS, Slice, SliceRow, SlicesPayload
from recsys.ui.leaderboard.metric_columns import COLUMN_OF, HEADLINE
from recsys.ui.leaderboard.standings import Standing, facts_on_record, per_user_of, recorded, top_in_words
from recsys.ui.text import count

PerUser = Mapping[str, np.ndarray]
_CALENDAR = (
    " Right after any moment, many people watch what has just come out. Of these models only AutoInt+ reads the month "
    "of a rating, and so knows what is new."
)


def show(dataset: Dataset, given: list[Standing]) -> None:
    if not dataset.is_timed:
        return
    st.header("A second opinion: one moment for all", anchor=False)
    words.markdown(
        f"Under `{HOLDOUT.name}` everybody's own last films are hidden, so a model has seen what others rated later. "
        f"`{HOLDOUT_TIME.name}` hides whatever was rated after one moment, as in real use. Few users have "
        f"{MIN_KNOWN} ratings before it and like a film after it, so its intervals are wide: no model and no setting "
        "was chosen based on it."
    )
    found = _measured(dataset.name, given)
    usual = {name: values for name, values in per_user_of(given, HEADLINE).items() if name in found}
    if len(usual) < 2:
        command = f"python -m recsys evaluate --protocol {HOLDOUT_TIME.name} --dataset {dataset.name} --record"
        st.caption(f"Not measured here yet. To measure: `{command}`")
        return
    later = {name: found[name].per_user[HEADLINE] for name in usual}
    key = tuple((name, loaders.manifest(dataset.name, name).sha256, found[name].values_sha256) for name in usual)
    table = _table(key, usual, later)
    charts.heading(*in_words(later, table["rows"][1]))
    about = facts_on_record(dataset.name, [HOLDOUT.name, HOLDOUT_TIME.name], list(usual))
    with export.saved("second_opinion", table["title"], about, is_chart=True, table=lambda: slices.table(table)):
        slices.draw(key="second_opinion", data=table)


def _measured(dataset_name: str, given: Sequence[Standing]) -> dict[str, Result]:
    """What is on record under `holdout-time`, of the models of the page that have values there."""
    found = {}
    for s in given:
        result = recorded(dataset_name, HOLDOUT_TIME.name, s.name)
        if result is not None and np.isfinite(result.per_user.get(HEADLINE, np.nan)).any():
            found[s.name] = result
    return found


def in_words(later: PerUser, row: SliceRow) -> tuple[str, str]:
    """Who is ahead after one moment, where the paired tests say so, and who is clearly behind.

    Args:
        row: the models under `holdout-time`, as `payload` marks them.
    """
    users = count(row["n"], "user")
    cells = dict(zip(later, row["cells"], strict=True))
    values = {name: cell["value"] for name, cell in cells.items() if cell["value"] is not None}
    highest = [name for name, cell in cells.items() if cell["mark"]]
    if not highest:
        return f"{users} can be asked: too few to say which model is ahead", ""
    if len(highest) == 1:
        return top_in_words(highest, values, later, COLUMN_OF[HEADLINE])[0].rstrip("."), ""
    title = f"{systems.named(highest)} are too close to call on nDCG@10 ({users})"
    others = len(later) - len(highest)
    who = "model is" if others == 1 else f"{others} models are"
    return title, f"The other {who} clearly behind the highest of them." if others else ""


@st.cache_data(max_entries=16, show_spinner=False)
def _table(key: tuple[tuple[str, str, str], ...], _usual: PerUser, _later: PerUser) -> SlicesPayload:
    return payload(_usual, _later)


def payload(usual: PerUser, later: PerUser) -> SlicesPayload:
    """Each model's mean under both protocols, and under the first of the users whom the second one asks, as JSON.

    Args:
        usual, later: model -> (U,) values under `holdout` and `holdout-time`; the same models.
    """
    everybody = np.arange(len(next(iter(usual.values()))))
    asked = np.flatnonzero(~np.isnan(next(iter(later.values()))))
    table = slices.payload(
        [
            (Slice(HOLDOUT.name, everybody, "each user's last 20 %"), usual),
            (Slice(HOLDOUT_TIME.name, everybody, "after one moment"), later),
            (Slice(HOLDOUT.name, asked, "the same users"), usual),
        ]
    )
    return {
        **table,
        "title": f"Mean nDCG@10 under {HOLDOUT.name} and {HOLDOUT_TIME.name}",
        "note": "Mean nDCG@10 of the users who liked at least one hidden film; the line is its 95 % interval, all "
        f"cells on one scale. {MARKS} Each model was trained anew for the second row, with the settings it is shipped "
        "with. The rows hide different films: compare the order of the models, not a model's numbers."
        + (_CALENDAR if "autoint" in usual else ""),
    }
