"""The sanity board: live checks, each with a word beside its colour."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import RecsysError, UsageError
from recsys.evaluation import sanity
from recsys.evaluation.sanity import Check, State
from recsys.models.registry import BY_NAME
from recsys.serving import artifacts
from recsys.ui import export, loaders
from recsys.ui.components.checks import checks
from recsys.ui.errors import for_visitors
from recsys.ui.leaderboard.standings import Standing, facts


def show(dataset: Dataset, given: list[Standing]) -> None:
    st.header("Can these numbers be trusted?", anchor=False)
    st.markdown("Each check asks the served models or reads their files now; none of the answers are stored.")
    if st.button("Check again", icon=":material/refresh:", key="check_again"):
        _checks.clear()
    folders = [artifacts.folder_of(dataset.name, s.name) for s in given]
    data = checks.payload(_checks(dataset, folders, given))
    with export.saved("checks", data["title"], facts(dataset.name, given), table=lambda: checks.table(data)):
        checks.draw(key="checks", data=data)


@st.cache_resource(max_entries=8, show_spinner="Asking every model …", hash_funcs=loaders.KEYS)
def _checks(dataset: Dataset, folders: list[Path], _given: list[Standing]) -> list[Check]:
    task = loaders.task(dataset)
    scorers, problems = {}, []
    for s in _given:
        try:
            if s.problem:
                raise UsageError(s.problem)
            scorers[s.label] = loaders.artifact(dataset, s.name).scorer
        except RecsysError as error:
            problems.append(f"{s.label}: {for_visitors(error)}")
    answers = Check(
        "Every trained model answers",
        State.FAILED if problems else State.PASSED,
        " ".join(problems) or f"{len(scorers)} models were loaded and match these ratings.",
    )
    values = {s.name: dict(s.values) for s in _given if not s.problem}
    return [
        answers,
        sanity.nothing_seen_is_recommended(scorers, task),
        sanity.nothing_held_out_is_known(task),
        sanity.metrics_are_in_range({s.label: values[s.name] for s in _given if s.name in values}, dataset.scale),
        sanity.files_are_as_written(folders),
        *sanity.baselines_meet_their_figures(dataset.name, values, {name: it.label for name, it in BY_NAME.items()}),
    ]
