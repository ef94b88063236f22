"""Figures for a notebook, in the colours of the app's light theme."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.errors import UsageError
from recsys.evaluation.leaderboard import place_on_curve, spread_of_places
from recsys.evaluation.metrics import LOWER_IS_BETTER, label_of
from recsys.evaluation.protocols import Task
from recsys.explain import film_records
from recsys.models import registry
from recsys.notebook.model import Model
from recsys.paths import SHIPPED
from recsys.serving import artifacts

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Plots:
    """`data.plot`: each method returns a plotly Figure, which a notebook shows by itself."""

    def __init__(self, task: Task, models: Mapping[str, Model]) -> None:
        self._known, self._models = task.known, models

    def leaderboard(self, metric: str = "ndcg@10") -> go.Figure:
        """What each trained model reaches under `holdout`, with its 95 % interval over users.

        Raises:
            RecsysError: nothing is trained, or no model has such a metric.

        >>> import recsys
        >>> len(recsys.open("demo").plot.leaderboard().data) > 5
        True
        """
        manifests = {name: model.manifest for name, model in self._models.items()}
        found = {name: it.summary.get(metric) for name, it in manifests.items()}
        values = {name: value for name, value in found.items() if value is not None}
        if not values:
            raise UsageError(f"No trained model has the metric {metric!r} on {self._known.name}.")
        worst_first = sorted(values, key=lambda name: values[name], reverse=metric in LOWER_IS_BETTER)
        chart = _figure(f"{label_of(metric)} under holdout, with 95 % intervals over users")
        for name in worst_first:
            low, high = manifests[name].intervals.get(metric, (values[name], values[name]))
            _add_dot(chart, name, values[name], low, high)
        return chart.update_xaxes(title=label_of(metric))

    def popularity(self) -> go.Figure:
        """Around which place by number of ratings the films of a user's list stand: the median user, and eight in ten.

        >>> import recsys
        >>> recsys.open("demo").plot.popularity().layout.xaxis.type
        'log'
        """
        counts = self._known.item_counts
        chart = _figure("Place of the recommended films by number of ratings: median user, and eight in ten")
        for name, model in self._models.items():
            popularity = artifacts.load_evaluation(model.folder)["popularity"]
            low, half, high = spread_of_places(place_on_curve(popularity, counts))
            _add_dot(chart, name, half, low, high)
        return chart.update_xaxes(type="log", title="place by number of ratings (1 is the best known film)")

    def map(self, model: str | Model) -> go.Figure:
        """Where a model puts the films: two main directions of its space (PCA), by first genre.

        Raises:
            RecsysError: no such model, or one to which a film is a single number.

        >>> import recsys
        >>> recsys.open("demo").plot.map("svd").layout.title.text
        'Films as SVD sees them'
        """
        of = self._known
        asked = model if isinstance(model, Model) else self._models.get(registry.entry(model).name)
        if asked is None:
            raise UsageError(f"{model} is not trained on {of.name}: `data.recommend(models=[{model!r}])` says why.")
        layout = film_records.places_of(asked.scorer, of, of.item_counts).layout
        label = registry.BY_NAME[asked.name].label
        if not len(layout.placed):
            raise UsageError(f"To {label} a film is a single number: it has no map.")
        genres = np.array([(of.catalog.genres_of(int(item)) or ("none",))[0] for item in layout.placed])
        chart = _figure(f"Films as {label} sees them", height=560)
        for genre in sorted(set(genres)):
            rows = np.flatnonzero(genres == genre)
            chart.add_scatter(
                x=layout.pca[rows, 0],
                y=layout.pca[rows, 1],
                mode="markers",
                name=genre,
                text=[of.catalog.label(int(item)) for item in layout.placed[rows]],
                hoverinfo="text",
            )
        return chart.update_layout(showlegend=True)


def _figure(title: str, height: int = 420) -> go.Figure:
    import plotly.graph_objects as go

    return go.Figure(
        layout={
            "title": title,
            "height": height,
            "showlegend": False,
            "paper_bgcolor": _theme()["backgroundColor"],
            "plot_bgcolor": _theme()["backgroundColor"],
            "font": {"color": _theme()["textColor"]},
            "colorway": _theme()["chartCategoricalColors"],
        }
    )


def _add_dot(chart: go.Figure, model: str, x: float, low: float, high: float) -> None:
    """A model's value on a line of its own, between two ends."""
    entry = registry.BY_NAME[model]
    ends = {"type": "data", "symmetric": False, "array": [high - x], "arrayminus": [x - low]}
    marker = {"color": _theme()["chartCategoricalColors"][entry.color], "size": 12}
    chart.add_scatter(x=[x], y=[entry.label], mode="markers", name=entry.label, marker=marker, error_x=ends)


@cache
def _theme() -> dict[str, Any]:
    """The only place where the colours are written down."""
    return tomllib.loads((SHIPPED / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]["light"]
