"""Two runs side by side: the settings in which they differ, their numbers and their curves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from recsys.evaluation.metrics import label_of
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.serving.artifacts import Manifest
from recsys.training.jobs.runs import Run
from recsys.ui import charts, export
from recsys.ui.components.grid import grid
from recsys.ui.components.grid.grid import GridPayload, Head, Row, cells
from recsys.ui.text import DASH, md, number, seconds
from recsys.ui.train import learning_curves

METRICS = {name: label_of(name) for name in ("ndcg@10", "recall@10", "hit_rate@10", "rmse", "auc")}


def show(first: Run, second: Run, manifests: Mapping[str, Manifest]) -> None:
    a, b = manifests[first.id], manifests[second.id]
    with st.container(border=True):
        st.markdown(f"**{md(first.name)}** beside **{md(second.name)}**")
        data, seeds = table(first, second, a, b), dict.fromkeys([str(a.seed), str(b.seed)])
        about = export.facts(first.request.dataset, protocol=HOLDOUT.name, seed=", ".join(seeds))
        with export.saved("duel", data["caption"], about, table=lambda: grid.table(data)):
            grid.draw(key="duel", data=data)
        if first.request.model != second.request.model:
            st.caption("Two different models have different settings and losses, so only their results are compared.")
            return
        # Both have the model's colour, so that the second one is drawn in ink.
        curves = [
            learning_curves.of_run(first.records(), first.name, charts.color(first.request.model)),
            learning_curves.of_run(second.records(), second.name, charts.ink()),
        ]
        if any(len(curve.points) > 1 for curve in curves):
            learning_curves.show(curves, about, key="duel_curves")


def table(first: Run, second: Run, a: Manifest, b: Manifest) -> GridPayload:
    """What differs, and what came of it, as JSON for the grid component."""
    rows: list[Row] = []
    for name, values in differing(a, b).items():
        rows.append({"label": name, "cells": cells(*(DASH if it is None else charts.short(it) for it in values))})
    for name, label in METRICS.items():
        pair = (a.metric(name), b.metric(name))
        if any(map(math.isfinite, pair)):
            # No winner is marked: two runs are told apart on the validation part, or the hidden one is used up.
            rows.append({"label": label, "cells": cells(*map(number, pair))})
    rows.append({"label": "Training", "cells": cells(seconds(a.train_seconds), seconds(b.train_seconds))})
    head: list[Head] = [{"text": run.name, "color": registry.entry(run.request.model).color} for run in (first, second)]
    if first.request.model == second.request.model:
        del head[1]["color"]
    return {"caption": "Two runs beside each other", "head": [{"text": "What differs"}, *head], "rows": rows}


def differing(a: Manifest, b: Manifest) -> dict[str, tuple[Any, Any]]:
    """What was asked for differently: name -> both values. Two models have settings of their own, left out."""
    sides = [{"model": it.label, "seed": it.seed, "device": it.device} for it in (a, b)]
    if a.model == b.model:
        sides = [{**it.config, **side} for it, side in zip((a, b), sides, strict=True)]
    pairs = {name: (value, sides[1].get(name)) for name, value in sides[0].items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
