"""The glossary of metrics: each as a formula, and worked out on the list of a user."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import RecsysError
from recsys.evaluation.protocols import HOLDOUT, Task
from recsys.lessons.glossary import METRIC_OF, METRICS, Metric, On
from recsys.lessons.worked import calibration
from recsys.training.jobs import runs
from recsys.ui import controls, lists, loaders, notices, systems, url
from recsys.ui.components.worked import worked
from recsys.ui.how_it_works import terms
from recsys.ui.how_it_works.facts import shape
from recsys.ui.how_it_works.terms import Screen
from recsys.ui.how_it_works.topics import Topic
from recsys.ui.systems import Column
from recsys.ui.text import count, md, number
from recsys.ui.view import MODELS, View, bounded

_PICKED, _MODEL, _K = "metric_picked", "metric_model", "metric_k"
SEEN_LEFT_OUT = "Films already seen are left out here, as under the protocol, although Compare lists them now."


def show(topic: Topic, dataset: Dataset, user: int) -> None:
    """The metric that is open: what it means on the left, what it is for this list on the right."""
    st.session_state[_PICKED] = topic.metric.slug
    st.pills(
        "Metric",
        list(METRIC_OF),
        format_func=lambda slug: METRIC_OF[slug].label,
        key=_PICKED,
        required=True,
        on_change=lambda: url.change(topic=replace(topic, metric=METRIC_OF[st.session_state[_PICKED]]).text),
        label_visibility="collapsed",
    )
    meaning, numbers = st.columns([5, 6], gap="large")
    with meaning:
        _explain(topic.metric, dataset)
    with numbers:
        offered = _offered(topic, dataset)
        if not offered:
            notices.untrained(dataset)
            return
        _work_out(topic, offered, dataset, user)


def _offered(topic: Topic, dataset: Dataset) -> list[Column]:
    """The trained models, then the runs of this data set, and whatever run the address names, as it can say why not."""
    here = systems.trained_here(dataset.name)
    finished = {column.key for column in here}
    chosen = [key for key in url.current().models if key in finished] + [topic.model] * runs.is_id(topic.model)
    shipped = [systems.of(name) for name in MODELS if loaders.is_trained(dataset.name, name)]
    return [*shipped, *systems.offered(here, list(dict.fromkeys(chosen)), with_models=False)]


def _explain(metric: Metric, dataset: Dataset) -> None:
    st.header(metric.label, anchor=False)
    st.latex(metric.latex)
    sizes = {"I": dataset.n_items, "U": dataset.n_users}
    signs = []
    for symbol in metric.symbols:
        length = f" ({shape(symbol, sizes, {})})" if symbol.shape else ""
        signs.append(f"${symbol.latex}$ : {md(symbol.meaning)}{length}")
    st.markdown("  \n".join(signs))
    st.markdown(f"**Rewards** {md(metric.rewards)}")
    st.markdown(f"**Hides** {md(metric.hides)}")
    if metric.source:
        st.caption(f"Source: {md(metric.source)}")
    st.caption(md(HOLDOUT.summary))


def _work_out(topic: Topic, offered: list[Column], dataset: Dataset, user: int) -> None:
    view, metric = bounded(url.current(), dataset), topic.metric
    by_key = {column.key: column for column in offered}
    named = [key for key in (topic.model, *view.models) if key in by_key]
    model = by_key[named[0]] if named else offered[0]
    _controls(topic, metric, model, offered, view, dataset)
    try:
        task, manifest = loaders.task(dataset), loaders.manifest(dataset.name, model.key)
        if metric.on is On.EVERYBODY:
            st.markdown(_of_everybody(metric, manifest.metric(metric.name), model.spoken, dataset))
            return
        if metric.name == "calibration_error":
            _calibration(metric, model, manifest.calibration)
            return
        screen = Screen(
            task=task,
            user=user,
            k=view.k,
            scorer=loaders.artifact(dataset, model.key).scorer,
            full=loaders.ranking(dataset, model.key, user, exclude_seen=True),
        )
        found = terms.of(metric, screen)
    except RecsysError as error:
        st.markdown(md(getattr(error, "problem", error) if model.is_run else error))
        return
    if isinstance(found, str):
        st.markdown(md(found))
        return
    is_list = metric.on in (On.HITS, On.FILMS)
    what = f"the first {view.k} films of {model.spoken}" if is_list else f"{model.spoken}, held-out films"
    raw = int(dataset.viewers.ids.ids[user])
    name = f"{metric.name}@{view.k}" if metric.name in _AT_K else metric.name
    worked.draw(
        key="worked",
        data=worked.payload(
            *found,
            title=f"{metric.label} of user {raw}: {what}",
            model=model,
            foot=_foot(metric, manifest.metric(name), model.spoken, task),
            hit_word="liked later" if is_list else "liked",
            link=lists.links_of(replace(view, topic=""), "user", raw)["film"],
        ),
    )
    if view.seen and is_list:
        st.caption(SEEN_LEFT_OUT)


_AT_K = {metric.name for metric in METRICS if metric.on is On.HITS} - {"serendipity"}


def _controls(topic: Topic, metric: Metric, model: Column, offered: list[Column], view: View, dataset: Dataset) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        names = systems.told_apart(offered)
        st.session_state[_MODEL] = model.key
        st.selectbox(
            "Model",
            list(names),
            format_func=names.__getitem__,
            key=_MODEL,
            on_change=lambda: url.change(topic=replace(topic, model=st.session_state[_MODEL]).text),
            width=260 if any(each.is_run for each in offered) else 200,
        )
        if metric.on in (On.HITS, On.FILMS):
            controls.films_per_list(_K, dataset, view, width=210)


def _foot(metric: Metric, mean: float, label: str, task: Task) -> str:
    """The mean over all for whom the metric is defined, where the manifest has it."""
    if not math.isfinite(mean):
        return ""
    match metric.on:
        case On.HITS:
            liked = task.held_out.ratings >= task.relevance
            n_users = len(np.unique(task.held_out.users[liked]))
            over = f"the {count(n_users, 'user')} who liked at least one held-out film"
        case On.FILMS:
            over = "all users"
        case _:
            over = "all held-out ratings"
    length = "" if metric.name in _AT_K or over == "all held-out ratings" else ", lists of 10"
    return f"Over {over}{length}, {label} has {number(mean)}."


def _of_everybody(metric: Metric, value: float, label: str, dataset: Dataset) -> str:
    """Metrics of all lists together have no terms in one list."""
    start = f"**{md(label)}: {number(value)}**, from the lists of 10 of {count(dataset.n_users, 'user')}."
    if metric.name == "coverage" and math.isfinite(value):
        films = round(value * dataset.n_items)
        start += f" {count(films, 'film')} of {dataset.n_items:,} are in at least one of them."
    return f"{start} A single list has no value: the metric needs everybody's, so nothing is added up here."


def _calibration(metric: Metric, model: Column, rows: list[list[float]] | None) -> None:
    if not rows:
        st.markdown("This model gives no chance of a like, so the metric does not apply. AutoInt+ gives one.")
        return
    curve = np.asarray(rows, dtype=float)
    bins = [worked.Row(f"promised {number(p, 2)}", f"and {number(f, 2)} were liked") for p, f, _ in curve.tolist()]
    worked.draw(
        key="worked",
        data=worked.payload(
            calibration(curve),
            bins,
            title=f"{metric.label} of {model.spoken}: held-out films of all users",
            model=model,
        ),
    )
