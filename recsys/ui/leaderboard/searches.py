"""What was tried before the shipped settings were chosen: every trial on record, on the validation part."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.evaluation.metrics import LOWER_IS_BETTER, label_of
from recsys.evaluation.protocols import PROTOCOLS
from recsys.models.registry import BY_NAME
from recsys.training import search
from recsys.ui import charts, controls, export, words
from recsys.ui.errors import tell
from recsys.ui.leaderboard.standings import Standing
from recsys.ui.text import count, md, number

_LONGEST = 14
"""More trials than this are cut to the first: a wall of dots says nothing."""

_WIDTH = 24
"""Letters in a line of settings: beside a dot a phone has room for no more."""

_ROW, _LINE, _GAP = 14, 16, 12
"""Pixels between two settings, of a line of one, and between a dot and what it stands for."""


def show(dataset: Dataset, _given: list[Standing]) -> None:
    st.header("What was tried", anchor=False)
    words.markdown(
        "Settings are chosen on a validation part cut from the training ratings; the hidden part plays no role in it. "
        "Each dot is one training run on record."
    )
    found = search.tables(dataset.name, tell)
    tables = {key: table for key, table in found.items() if key[0] in PROTOCOLS and key[1] in BY_NAME}
    if not tables:
        st.info(f"No search on {md(dataset.name)} is on record.", icon=":material/info:")
        return
    keys = sorted(tables, key=lambda key: (list(PROTOCOLS).index(key[0]), list(BY_NAME).index(key[1])))
    by_name = {f"{protocol}-{model}": (protocol, model) for protocol, model in keys}
    names = {name: f"{BY_NAME[model].label}, {protocol}" for name, (protocol, model) in by_name.items()}
    protocol, model = by_name[controls.menu("Model and protocol", "search", names, key="search")]
    table = tables[protocol, model]
    metric, is_lower = table["metric"], table["metric"] in LOWER_IS_BETTER
    every = sorted(table["trials"], key=lambda trial: trial["value"], reverse=not is_lower)
    trials = search.counted(every, BY_NAME[model].load()) or every
    on_the_way = [trial for trial in every if trial not in trials]
    first, last = trials[0], trials[-1]
    label, name = BY_NAME[model].label, label_of(metric)
    title = (
        f"{label}: one setting is on record, with {name} {number(first['value'], 4)}"
        if len(trials) == 1
        else f"{label}: {count(len(trials), 'trial')} reach {name} {number(first['value'], 4)} to "
        f"{number(last['value'], 4)}"
    )
    charts.heading(
        title,
        f"Validation part of {protocol}; {'lower' if is_lower else 'higher'} is better. The first setting is the one "
        "that is used; one run each, so those close to it may be as good.",
    )
    shown = [*trials, *on_the_way][:_LONGEST]
    labels = [_settings(trial, search.varied(table)) for trial in shown]
    said = "; ".join(f"{text}: {number(trial['value'], 4)}" for text, trial in zip(labels, shown, strict=True))
    charts.show(
        _chart(shown, labels, model, metric),
        key=f"search_{protocol}_{model}",
        alt=f"Dots of trials. {said}.",
        title=title,
        about=export.facts(dataset.name, protocol=f"{protocol}, validation part", seed=str(table["seed"])),
        table=lambda: trials_table([*trials, *on_the_way], metric, n_counted=len(trials)),
    )
    if len(trials) > _LONGEST:
        st.caption(f"The first {_LONGEST} of {len(trials)} trials are drawn.")
    if on_the_way:
        moment = _settings(on_the_way[0], [])
        st.caption(
            f"The learning rate of {label} follows a schedule over all its epochs: {moment} is not what a schedule of "
            "that length would give; it stays on record but does not count."
        )


def trials_table(
    trials: Sequence[search.Trial], metric: str, *, n_counted: int
) -> tuple[list[str], list[list[object]]]:
    """Every trial with all its settings for a file, in this order: header and rows; the first n_counted count."""
    names = list(dict.fromkeys(name for trial in trials for name in trial["config"]))
    header = ["place", metric, *names, "best_epoch", "seconds", "counts"]
    rows: list[list[object]] = []
    for place, trial in enumerate(trials, start=1):
        settings = [charts.short(trial["config"].get(name, "")) for name in names]
        rows.append([place, trial["value"], *settings, trial["n_epochs"], trial["seconds"], place <= n_counted])
    return header, rows


def _settings(trial: search.Trial, names: list[str]) -> str:
    """The settings in which a trial differs from others, and the epoch at which it was best."""
    parts = [_in_words(name, trial["config"].get(name)) for name in names if name != "n_epochs"]
    n_epochs = trial["config"].get("n_epochs")
    epoch = trial.get("n_epochs") or n_epochs
    of = f" of {n_epochs}" if n_epochs and epoch < n_epochs else ""
    return ", ".join([*parts, f"epoch {epoch}{of}"] if epoch else parts) or "the defaults"


def _in_words(name: str, value: Any) -> str:
    """ "factors 64" for n_factors, "without products" for a switch that is off."""
    words = name.removeprefix("n_").replace("_", " ").strip()
    if isinstance(value, bool):
        return f"{'with' if value else 'without'} {words}"
    return f"{words} {charts.short(value)}"


def _chart(trials: list[search.Trial], labels: list[str], model: str, metric: str) -> Any:
    values = [trial["value"] for trial in trials]
    rows = list(range(len(trials)))
    low, high = charts.padded(values)
    texts = [wrap(label, _WIDTH) for label in labels]
    chart = charts.figure(
        80 + (_ROW + _LINE * max(map(len, texts))) * len(trials),
        xaxis=charts.axis(f"{label_of(metric)} on the validation part", range=[low, high]),
        # The settings stand beside their dots, not on an axis: a phone has no room for both.
        yaxis=charts.axis("", range=[len(trials) - 0.5, -0.5], showticklabels=False, showgrid=False),
    )
    chart.add_scatter(
        x=values,
        y=rows,
        mode="markers",
        marker={
            "color": charts.color(model),
            "size": [15 if row == 0 else 10 for row in rows],
            "line": {"width": [2 if row == 0 else 0 for row in rows], "color": charts.ink()},
        },
        hovertext=[
            f"{label}<br>{number(value, 4)}, {trial['seconds']:.0f} s"
            for label, value, trial in zip(labels, values, trials, strict=True)
        ],
        hoverinfo="text",
    )
    for row, (value, lines) in enumerate(zip(values, texts, strict=True)):
        # On the side where there is more room.
        side, shift = ("left", _GAP) if value < (low + high) / 2 else ("right", -_GAP)
        place = {"x": value, "xanchor": side, "xshift": shift, "y": row, "yanchor": "middle", "align": side}
        charts.write(chart, "<br>".join(lines), **place, font=charts.font())
    return chart
