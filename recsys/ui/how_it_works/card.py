"""A lesson as a page: idea, diagram, loss, an example, code and settings."""

from __future__ import annotations

import numpy as np
import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import RecsysError
from recsys.evaluation.metrics import label_of
from recsys.evaluation.protocols import HOLDOUT
from recsys.lessons import examples, source
from recsys.lessons.base import DIMENSIONS, Code, Lesson
from recsys.lessons.examples import Case, Example
from recsys.models.registry import entry
from recsys.models.settings import Setting
from recsys.serving.artifacts import Manifest
from recsys.ui import loaders, systems, url
from recsys.ui.components.code import code as excerpts
from recsys.ui.components.flow import flow
from recsys.ui.components.worked import worked
from recsys.ui.how_it_works import facts as lesson_facts
from recsys.ui.how_it_works.facts import Facts, shape, value
from recsys.ui.text import count, md, number, seconds


def show(lesson: Lesson, dataset: Dataset, user: int) -> None:
    """The card of one model; where it is not trained its defaults are shown, and a sentence says so."""
    facts = lesson_facts.of(lesson, dataset)
    idea, diagram = st.columns([1, 1], gap="large")
    with idea:
        _idea(lesson, facts)
    with diagram:
        data = flow.payload(lesson.flow, facts.sizes, facts.config, systems.of(lesson.name).color)
        flow.draw(key=f"flow_{lesson.name}", data=data)
    st.header("What it learns", anchor=False, divider="gray")
    _loss(lesson, facts)
    st.header(f"On user {int(dataset.viewers.ids.ids[user])}", anchor=False, divider="gray")
    _example(lesson, facts, dataset, user)
    st.header("The code that matters", anchor=False, divider="gray")
    _code(lesson)
    st.header("Its settings", anchor=False, divider="gray")
    _settings(facts)


def _idea(lesson: Lesson, facts: Facts) -> None:
    st.header(entry(lesson.name).label, anchor=False)
    st.markdown(f":gray[{md(entry(lesson.name).full_name)}]")
    st.markdown(" ".join(md(sentence) for sentence in lesson.idea))
    st.markdown("**What it is blind to**")
    st.markdown("\n".join(f"- {md(sentence)}" for sentence in lesson.blind))
    st.markdown(f"**What a new user gets**  \n{md(facts.new_user)}")
    paper = f" · [the paper]({lesson.paper})" if lesson.paper else ""
    st.caption(f"Source: {md(facts.source)}{paper}")


def _loss(lesson: Lesson, facts: Facts) -> None:
    for start in range(0, len(lesson.formulas), 2):
        for column, formula in zip(st.columns(2, gap="large"), lesson.formulas[start : start + 2], strict=False):
            column.markdown(f"{md(formula.says)}:")
            column.latex(formula.latex)
    rows = [
        f"| ${symbol.latex}$ | {md(symbol.meaning)} | {shape(symbol, facts.sizes, facts.config)} |"
        for symbol in lesson.symbols
    ]
    half = -(-len(rows) // 2)
    for column, part in zip(st.columns(2, gap="medium"), (rows[:half], rows[half:]), strict=True):
        column.markdown("\n".join(["| Symbol | Meaning | Shape or value |", "|---|---|---|", *part]))
    if letters := _letters(lesson):
        st.caption(letters)
    parts = "; ".join(f"{md(name)}: {n:,}" for name, n in facts.parameters.items())
    learnt, ratings = count(facts.n_parameters, "number"), count(facts.sizes["N"], "rating")
    st.markdown(f"Learnt from {ratings}: **{learnt}** ({parts}).")


def _letters(lesson: Lesson) -> str:
    """What the letters of the shapes count."""
    used = {letter for symbol in lesson.symbols for letter in symbol.shape}
    return "; ".join(f"${letter}$ {md(says)}" for letter, says in DIMENSIONS.items() if letter in used)


def _example(lesson: Lesson, facts: Facts, dataset: Dataset, user: int) -> None:
    if facts.manifest is None:
        st.markdown(f"{md(facts.problem)} Its numbers will be here once it is trained.")
        return
    try:
        example = _worked(lesson, facts, dataset, user)
    except RecsysError as error:
        st.markdown(md(getattr(error, "problem", error)))
        return
    if example is None:
        st.markdown("This user has seen every film, so there is none to explain.")
        return
    data = worked.payload_of_example(example, systems.of(lesson.name))
    worked.draw(key=f"example_{lesson.name}", data=data)


def _worked(lesson: Lesson, facts: Facts, dataset: Dataset, user: int) -> Example | None:
    task = loaders.task(dataset)
    later = task.held_out.rows_of(user)
    case = Case(
        known=task.known,
        history=task.known.history(user),
        next_film=int(task.held_out.items[later[0]]) if len(later) else None,
        scorer=loaders.artifact(dataset, lesson.name).scorer,
        full=loaders.ranking(dataset, lesson.name, user, exclude_seen=not url.current().seen),
        settings=facts.manifest.scorer["settings"] if facts.manifest else {},
    )
    return examples.of(lesson.name, case)


def _code(lesson: Lesson) -> None:
    """Each excerpt under the name of its definition, read from the file at this moment."""
    names = [".".join(code.place.name.split(".")[-2:]) for code in lesson.code]
    key = f"code_{lesson.name}"
    st.session_state[key] = names[min(url.current().excerpt, len(names) - 1)]
    tabs = st.tabs(names, key=key, on_change=lambda: url.change(excerpt=names.index(st.session_state[key])))
    for tab, code in zip(tabs, lesson.code, strict=True):
        with tab:
            _show_code(code)


def _show_code(code: Code) -> None:
    """An excerpt with its file and lines, or a sentence where it is not there any more."""
    try:
        found = source.excerpt(code)
    except RecsysError as error:
        st.markdown(md(error))
        return
    st.markdown(f"{md(code.says)} :gray[{md(found.path)}, lines {found.first} to {found.last}]")
    excerpts.show(f"{code.place.name} of {found.path}", found.text)


def _settings(facts: Facts) -> None:
    if facts.manifest is None:
        st.markdown(f"{md(facts.problem)} These are the defaults that it would be trained with:")
    if not facts.settings:
        st.markdown("It has none: there is nothing to choose.")
    else:
        rows = [f"| `{each.name}` {md(each.help)} | {_shipped(each, facts)} |" for each in facts.settings]
        st.markdown("\n".join(["| Setting | Value |", "|---|---|", *rows]))
    if facts.manifest is not None:
        st.caption(_measured(facts.manifest))


def _shipped(setting: Setting, facts: Facts) -> str:
    """The value of the shipped model, and the default where that is another."""
    shipped, default = value(facts.config[setting.name]), value(setting.default)
    return shipped if shipped == default else f"{shipped} (default: {default})"


def _measured(manifest: Manifest) -> str:
    """How the shipped model was made, and its headline numbers."""
    made = f"Trained in {seconds(manifest.train_seconds)} on the {manifest.device.upper()}"
    values = [(label_of(name), manifest.metric(name)) for name in (HOLDOUT.headline, "rmse")]
    said = [f"{label} {number(value)}" for label, value in values if np.isfinite(value)]
    return md(f"{made}, seed {manifest.seed}. Measured as on the Leaderboard: {', '.join(said)}.")
