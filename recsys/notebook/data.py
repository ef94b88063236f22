"""A data set with its trained models, as a notebook asks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import pandas as pd

from recsys.data import library
from recsys.data.dataset import Dataset, History
from recsys.errors import ArtifactError, UsageError
from recsys.evaluation import protocols
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import HOLDOUT, Task
from recsys.explain import film_records
from recsys.explain.film_vectors import N_NEIGHBOURS
from recsys.explain.why import explain
from recsys.models import registry
from recsys.notebook.model import Model
from recsys.notebook.plots import Plots
from recsys.notebook.tables import Lists
from recsys.serving import artifacts
from recsys.serving.lists import Place, model_list
from recsys.serving.new_user import history_of
from recsys.training import remeasure, search

Asked = Sequence["str | Model"] | None
"""Models by name, or trained here; None: all that are trained."""


def open(name: str) -> Data:
    """A data set by name: "demo" is always there, "ml-100k" and others where their files are.

    Raises:
        RecsysError: there is none of that name, its files are not here, or they cannot be read.

    >>> open("demo")
    demo: 46,496 ratings of 974 films by 1,000 users
    """
    return Data(library.open_dataset(name))


class Data:
    """Ratings, films and the models that were trained on them.

    Everything is asked by raw ids, as they stand in the files. Lists and numbers are those of the protocol `holdout`:
    the latest fifth of each user's ratings is hidden from the models.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._loaded: dict[str, Model] = {}

    def __repr__(self) -> str:
        of = self.dataset
        return f"{of.name}: {len(of):,} ratings of {of.n_items:,} films by {of.n_users:,} users"

    @cached_property
    def task(self) -> Task:
        """What the models know, and what is hidden from them."""
        return HOLDOUT.final(self.dataset)

    @cached_property
    def models(self) -> dict[str, Model]:
        """The trained models by name, in the order of the registry; one that cannot be loaded is left out.

        >>> list(open("demo").models)[:3]
        ['als', 'svd', 'autoencoder']
        """
        found = {}
        for entry in registry.ENTRIES:
            try:
                found[entry.name] = self._by_name(entry.name)
            except ArtifactError:
                continue  # asked for by name, it says why
        return found

    @cached_property
    def films(self) -> pd.DataFrame:
        """(films, 4) title, year (0 where unknown), genres and n_ratings by film id.

        >>> open("demo").films.loc[1, "title"]
        'Star Wars: Episode IV - A New Hope (1977)'
        """
        catalog, counts = self.dataset.catalog, self.dataset.item_counts
        items = range(len(catalog))
        columns = {
            "title": [catalog.label(item) for item in items],
            "year": catalog.years,
            "genres": [", ".join(catalog.genres_of(item)) for item in items],
            "n_ratings": counts,
        }
        return pd.DataFrame(columns, index=pd.Index(catalog.ids.ids, name="film"))

    def recommend(
        self,
        user: int | None = None,
        *,
        films: Mapping[int, float] | None = None,
        models: Asked = None,
        k: int = 10,
    ) -> Lists:
        """The first k films of each model for a user, or for somebody new who gave these films these stars.

        Args:
            user: raw id.
            films: film id -> stars, oldest first; instead of a user.
            models: names, or models trained here.

        Returns:
            A line per model and rank: model, rank, film, title, score, liked. Scores cannot be compared between models.

        Raises:
            RecsysError: no such user, film, star or model, or k out of range.

        >>> found = open("demo").recommend(films={1: 5, 2: 4}, models=["ease"], k=2)
        >>> found["rank"].tolist()
        [1, 2]
        """
        history, relevant = self._who(user, films)
        rows = []
        for name, model in self.asked(models).items():
            ranked = model_list(model.name, model.scorer, history, relevant, k)
            rows += [(name, *place) for place in ranked.places(self.dataset)]
        return Lists(rows, columns=["model", *Place._fields])

    def evaluate(self, models: Asked = None, protocol: str = HOLDOUT.name, *, seed: int = 0) -> pd.DataFrame:
        """What the models reach over all users: a line per model, a column per metric, with its interval beside it.

        Args:
            protocol: "holdout" measures the models as they are. Any other trains those that are named anew with the
                settings that were found for it, which takes as long as training them.
            seed: of that training.

        Returns:
            Columns such as "ndcg@10", and "ndcg@10 low" and "ndcg@10 high" of its 95 % interval over users.

        Raises:
            RecsysError: no such protocol or model, or one that cannot answer what the protocol asks.

        >>> open("demo").evaluate(["popularity"]).columns[0]
        'ndcg@5'
        """
        wanted = protocols.protocol(protocol)
        table = {}
        for name, model in self.asked(models).items():
            if wanted.name == HOLDOUT.name:
                found = evaluate(model.scorer, self.task, wanted.ks)
                numbers, intervals = found.summary, found.intervals()
            else:
                numbers, intervals = self._measured_anew(model.name, wanted, seed)
            table[name] = {
                column: value
                for metric, number in numbers.items()
                for column, value in _with_interval(metric, number, intervals)
            }
        return pd.DataFrame.from_dict(table, orient="index").rename_axis("model")

    def explain(self, user: int, film: int, model: str | Model) -> pd.DataFrame:
        """What carries a film's score for a user, by one model.

        Returns:
            Columns part ("sum", "film" or "field"), name and value in the unit of the score; `.attrs` holds score,
            unit, rank (0: already seen) and method. A sum adds up to the score; the value of a film of theirs, or of a
            field, is what the score loses without it.

        Raises:
            RecsysError: no such user, film or model, or a model that fails.

        >>> open("demo").explain(7, 1, "als")["part"].tolist()
        ['sum', 'sum', 'sum']
        """
        history, _ = self._who(user, None)
        (chosen,) = self.asked([model]).values()
        found = explain(chosen.scorer, self.task.known, history, self.dataset.catalog.ids.index(film))
        table = pd.DataFrame(found.rows(self.dataset.catalog), columns=["part", "name", "value"])
        table.attrs = {"score": found.score, "unit": found.unit.value, "rank": found.rank, "method": found.method}
        return table

    def similar(self, film: int, models: Asked = None, k: int = 10) -> Lists:
        """The films that lie nearest to one, by each model in which films have a place.

        Returns:
            A line per model and rank: model, rank, film, title, score (likeness, at most 1).

        Raises:
            RecsysError: no such film or model, k out of range, or none of these models has a place for the film.

        >>> open("demo").similar(1, ["svd"], k=3).shape
        (3, 5)
        """
        item = self.dataset.catalog.ids.index(film)
        if not 1 <= k <= N_NEIGHBOURS:
            raise UsageError(f"k goes from 1 to {N_NEIGHBOURS}. Received {k}.")
        rows = []
        for name, model in self.asked(models).items():
            layout = film_records.places_of(model.scorer, self.task.known, self.task.known.item_counts).layout
            row = layout.row_of(item)
            if row is None:
                continue
            near = zip(layout.neighbours[row][:k], layout.thousandths[row][:k] / film_records.STEP, strict=True)
            rows += [(name, rank, *self._film(other), float(alike)) for rank, (other, alike) in enumerate(near, 1)]
        if not rows:
            raise UsageError(f"None of these models has a place for film {film}: too few people have rated it.")
        return Lists(rows, columns=["model", "rank", "film", "title", "score"])

    @property
    def plot(self) -> Plots:
        """Figures of Plotly in the colours of the app."""
        return Plots(self.task, self.models)

    def _by_name(self, name: str) -> Model:
        if name not in self._loaded:
            self._loaded[name] = Model(artifacts.load(artifacts.folder_of(self.dataset.name, name), self.dataset))
        return self._loaded[name]

    def _film(self, item: int) -> tuple[int, str]:
        return int(self.dataset.catalog.ids.ids[item]), self.dataset.catalog.label(int(item))

    def asked(self, models: Asked) -> dict[str, Model]:
        """Models by what they are called here.

        Raises:
            RecsysError: there is none of that name, it is not trained, or was trained on other data.
        """
        if models is None:
            if not self.models:
                raise UsageError(f"Nothing is trained on {self.dataset.name} yet: recsys.train(name, data).")
            return self.models
        found: dict[str, Model] = {}
        for each in [models] if isinstance(models, str | Model) else models:
            model = each if isinstance(each, Model) else self._by_name(registry.entry(each).name)
            if model.fingerprint != self.dataset.fingerprint:
                raise UsageError(f"{model.name} was trained on other data than {self.dataset.name}.")
            label = model.name
            while label in found:
                label += "'"
            found[label] = model
        if not found:
            raise UsageError("No model was named.")
        return found

    def _who(self, user: int | None, films: Mapping[int, float] | None) -> tuple[History, np.ndarray]:
        if user is not None and films is None:
            index = self.dataset.viewers.ids.index(user)
            return self.task.known.history(index), self.task.relevant_of(index)
        if user is not None or films is None:
            raise UsageError("A user or films with stars are needed, one of the two.")
        return history_of(films, self.dataset), np.zeros(0, dtype=np.int64)

    def _measured_anew(
        self, name: str, protocol: protocols.Protocol, seed: int
    ) -> tuple[dict[str, float], dict[str, list[float]]]:
        entry = registry.entry(name)
        if not remeasure.is_suited(entry, protocol):
            raise UsageError(f"{entry.label} cannot answer what {protocol.name} asks.")
        settings = lambda entry, protocol: search.settings_for(entry, self.dataset.name, protocol)  # noqa: E731
        (result,) = remeasure.run(entry, self.dataset, [protocol], settings, seeds=[seed])
        return {metric: result.metric(metric) for metric in result.metrics}, result.intervals


def _with_interval(metric: str, value: float, intervals: Mapping[str, Sequence[float]]) -> list[tuple[str, float]]:
    ends = zip(("low", "high"), intervals.get(metric, ()), strict=False)
    return [(metric, value), *((f"{metric} {end}", limit) for end, limit in ends)]
