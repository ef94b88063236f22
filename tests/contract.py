"""What every model promises. A model's test inherits all of it:

class TestALS(RecommenderContract):
    model, toy, min_hit_rate = ALS, staticmethod(checkerboard), 1.0
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from recsys.data.dataset import Dataset, History
from recsys.errors import UsageError
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import Task
from recsys.models import registry
from recsys.models.base import EpochLog, FitOptions, Model, config_from, config_to_json
from recsys.models.baselines import Popularity
from recsys.models.settings import Setting, describe
from recsys.models.size import Size
from recsys.serving import artifacts
from recsys.serving.ranking import recommend
from recsys.serving.scorers import Scorer, score_pairs
from recsys.training import presets
from recsys.training.jobs import limits
from recsys.training.train import Training
from recsys.training.train import train as train_artifact
from tests.toys import checkerboard

_FITTED: dict[tuple, Scorer] = {}
_SHORT: dict[type, ShortFit] = {}


@dataclass(frozen=True)
class ShortFit:
    """A short training, watched, for all tests that look at the machinery only."""

    model: Model
    train: Dataset
    fingerprint: str  # of the data, before the training
    logs: list[EpochLog]
    no_rows: list[tuple[int, ...]]  # the shape of what the scorer of each epoch gives for no histories
    scorer: Scorer


class RecommenderContract:
    """Shared tests; the class attributes say what is special about a model.

    Attributes:
        model: the class under test.
        settings: hyperparameters that make it learn its toy in seconds.
        toy: makes the data set whose answer is known.
        k: length of the lists that are asked for.
        min_hit_rate: share of users whose withheld films must be found in the k.
        exclude_seen: whether films of the history are masked on the toy.
        is_personal: whether two users may get different lists.
        changes: for each config field, another value that must change the scores.
    """

    model: ClassVar[type[Model]]
    settings: ClassVar[dict[str, Any]] = {}
    toy: ClassVar[Callable[[], Task]] = staticmethod(checkerboard)
    k: ClassVar[int] = 1
    min_hit_rate: ClassVar[float] = 0.9
    exclude_seen: ClassVar[bool] = True
    is_personal: ClassVar[bool] = True
    is_seeded: ClassVar[bool] = True
    changes: ClassVar[dict[str, Any]] = {}

    def fit(self, train: Dataset, seed: int = 0, **settings: Any) -> Scorer:
        """A fitted model; the same request is fitted once per session, as training is what costs."""
        key = (self.model.name, id(type(self)), train.fingerprint, seed, json.dumps(settings, sort_keys=True))
        if key not in _FITTED:
            _FITTED[key] = self.fit_afresh(train, seed, **settings)
        return _FITTED[key]

    def fit_afresh(self, train: Dataset, seed: int = 0, **settings: Any) -> Scorer:
        config = config_from(self.model.config_class, {**self.settings, **settings})
        return self.model(config).fit(train, FitOptions(seed=seed))

    @pytest.fixture
    def task(self) -> Task:
        return type(self).toy()

    @pytest.fixture
    def scorer(self, task: Task) -> Scorer:
        return self.fit(task.known)

    @pytest.fixture
    def short(self) -> ShortFit:
        """Fitted once per session, like `fit`."""
        if type(self) not in _SHORT:
            model = self.model(config_from(self.model.config_class, {**self.settings, **self._short()}))
            train = type(self).toy().known
            before, logs, no_rows = train.fingerprint, list[EpochLog](), list[tuple[int, ...]]()

            def on_epoch(log: EpochLog, live: Scorer | None) -> None:
                logs.append(log)
                if live is not None:
                    no_rows.append(live.score([]).shape)

            scorer = model.fit(train, FitOptions(on_epoch=on_epoch))
            _SHORT[type(self)] = ShortFit(model, train, before, logs, no_rows, scorer)
        return _SHORT[type(self)]

    # What a scorer is

    def test_scores_have_the_contract_shape_and_are_finite(self, task: Task, scorer: Scorer) -> None:
        scores = scorer.score(task.known.histories())
        assert scores.shape == (task.known.n_users, task.known.n_items)
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()
        assert scorer.n_items == task.known.n_items

    def test_no_histories_give_no_rows_while_it_trains_and_after(self, short: ShortFit) -> None:
        assert short.scorer.score([]).shape == (0, short.scorer.n_items)
        assert set(short.no_rows) <= {(0, short.scorer.n_items)}

    def test_a_batch_scores_as_one_by_one(self, task: Task, scorer: Scorer) -> None:
        histories = task.known.histories(range(9))
        one_by_one = np.concatenate([scorer.score([history]) for history in histories])
        np.testing.assert_allclose(scorer.score(histories), one_by_one, atol=1e-5)

    def test_pairs_score_as_in_the_whole_matrix(self, task: Task, scorer: Scorer) -> None:
        histories = [*task.known.histories(range(4)), History.of_new_user([0], [5.0])]
        rows, items = np.array([3, 0, 4, 0, 1]), np.array([1, 2, 3, 0, 2])  # in no order, user 2 not at all
        expected = scorer.score(histories)[rows, items]
        np.testing.assert_allclose(score_pairs(scorer, histories, rows, items), expected, atol=1e-5)

    def test_scoring_is_pure(self, task: Task, scorer: Scorer) -> None:
        history = task.known.history(0)
        before = history.items.copy(), history.ratings.copy()
        first = scorer.score([history])
        np.testing.assert_array_equal(first, scorer.score([history]))
        np.testing.assert_array_equal(history.items, before[0])
        np.testing.assert_array_equal(history.ratings, before[1])

    def test_four_threads_score_alike(self, task: Task, scorer: Scorer) -> None:
        histories = task.known.histories(range(8))
        expected = scorer.score(histories)
        with ThreadPoolExecutor(4) as pool:
            for scores in pool.map(lambda _: scorer.score(histories), range(12)):
                np.testing.assert_allclose(scores, expected, atol=1e-6)

    def test_a_new_user_gets_finite_scores(self, task: Task, scorer: Scorer) -> None:
        known = task.known.history(0)
        new_users = [
            History.of_new_user(known.items, known.ratings),
            History.of_new_user(known.items[:1], known.ratings[:1]),
            History.of_new_user([], []),
        ]
        assert np.isfinite(scorer.score(new_users)).all()

    def test_seen_films_are_never_recommended(self, task: Task, scorer: Scorer) -> None:
        histories = task.known.histories()
        lists = recommend(scorer, histories, 5).items
        for history, items in zip(histories, lists, strict=True):
            assert not np.isin(items, history.items).any()

    # What a model learns

    def test_finds_the_right_answer_of_its_toy(self, task: Task, scorer: Scorer) -> None:
        found = recommend(scorer, task.known.histories(), self.k, exclude_seen=self.exclude_seen).items
        hits = [np.isin(task.relevant_of(user), found[user]).any() for user in range(task.known.n_users)]
        assert np.mean(hits) >= self.min_hit_rate

    def test_is_at_least_as_good_as_popularity_on_its_toy(self, task: Task, scorer: Scorer) -> None:
        if not self.is_personal:
            return
        baseline = Popularity().fit(task.known, FitOptions())
        ours = evaluate(scorer, task, (self.k,)).summary[f"hit_rate@{self.k}"]
        assert ours >= evaluate(baseline, task, (self.k,)).summary[f"hit_rate@{self.k}"]

    def test_same_seed_same_scores_other_seed_other_scores(self, task: Task, scorer: Scorer) -> None:
        histories = task.known.histories(range(6))
        again = self.fit_afresh(task.known)
        np.testing.assert_array_equal(again.score(histories), scorer.score(histories))
        if self.is_seeded:
            other = self.fit(task.known, seed=1)
            assert not np.array_equal(other.score(histories), scorer.score(histories))

    def test_a_second_fit_starts_from_scratch(self, task: Task, short: ShortFit) -> None:
        """And training is the same whether it is watched, as the first was, or not."""
        second = short.model.fit(task.known, FitOptions())
        histories = task.known.histories()
        np.testing.assert_array_equal(second.score(histories), short.scorer.score(histories))

    def test_fitting_leaves_the_data_as_it_was(self, task: Task, short: ShortFit) -> None:
        assert replace(short.train).fingerprint == short.fingerprint == task.known.fingerprint

    def test_each_epoch_is_reported(self, short: ShortFit) -> None:
        assert short.logs or not fields(self.model.config_class)
        for log in short.logs:
            assert 1 <= log.epoch <= log.n_epochs
            assert np.isfinite([log.loss, log.seconds, log.examples_per_second]).all()

    # Configuration

    def test_config_survives_json(self) -> None:
        config = config_from(self.model.config_class, self.settings)
        assert config_from(self.model.config_class, json.loads(json.dumps(config_to_json(config)))) == config

    def test_every_config_field_changes_something(self, task: Task, short: ShortFit) -> None:
        names = {f.name for f in fields(self.model.config_class)}
        assert set(self.changes) == names, "each field needs another value in `changes`"
        histories = task.known.histories()
        reference = short.scorer.score(histories)
        for name, value in self.changes.items():
            changed = self.fit_afresh(task.known, **{**self._short(), name: value}).score(histories)
            assert not np.array_equal(changed, reference), f"{name} = {value} changes nothing"

    def test_a_bad_setting_is_refused_with_a_reason(self) -> None:
        with pytest.raises(UsageError, match="no setting 'n_wheels'"):
            config_from(self.model.config_class, {"n_wheels": "4"})
        for name in self.changes:
            with pytest.raises(UsageError, match=name):
                config_from(self.model.config_class, {name: "many"})

    def test_every_setting_says_what_it_is_and_what_it_may_be(self) -> None:
        for known in describe(self.model.config_class):
            assert known.help.strip(), known.name
            is_ranged = known.low is not None or known.high is not None
            # The stars from which a film counts may be any number: what is rated by others may be on any scale.
            assert is_ranged or known.choices or known.kind == "bool" or known.name == "min_rating", known.name
            known.check(known.default)

    def test_a_new_user_has_a_range_for_every_number_and_an_estimate_of_memory(self, task: Task) -> None:
        entry = registry.entry(self.model.name)
        for known in limits.offered(entry):
            if known.kind in ("int", "float", "tuple"):
                assert known.low is not None, f"{known.name} needs low or least"
                assert known.high is not None, f"{known.name} needs high or most"
        settings = presets.settings(entry, task.known.name, presets.QUICK)
        config = limits.check(entry, task.known, settings)
        size = Size(task.known.n_users, task.known.n_items, len(task.known))
        larger = replace(size, n_users=10**7, n_items=10**6, n_ratings=10**9)
        assert 0 < limits.estimate(entry, config, size) < limits.estimate(entry, config, larger)

    def test_a_value_out_of_range_is_refused_with_its_rule(self) -> None:
        for known in describe(self.model.config_class):
            for value in just_outside(known):
                with pytest.raises(UsageError) as caught:
                    self.model.config_class(**{known.name: value})
                assert str(caught.value).startswith(f"{known.name} {known.rule}. Received "), value

    def test_a_value_at_the_end_of_its_range_is_taken(self) -> None:
        for known in describe(self.model.config_class):
            for end, is_included in ((known.low, known.includes_low), (known.high, known.includes_high)):
                if end is not None and is_included:
                    value = (int(end),) if known.kind == "tuple" else type(known.default)(end)
                    assert getattr(self.model.config_class(**{known.name: value}), known.name) == value

    # Artifact

    def test_state_to_artifact_to_state_scores_alike(self, task: Task, short: ShortFit, tmp_path: Path) -> None:
        protocol = _fixed_split(task)
        entry = registry.entry(self.model.name)
        settings = {**self.settings, **self._short()}
        train_artifact(Training(entry, task.known, protocol, settings=settings, root=tmp_path, device="cpu"))
        loaded = artifacts.load(artifacts.folder_of(task.known.name, entry.name, tmp_path), task.known)
        histories = task.known.histories(range(6))
        np.testing.assert_allclose(loaded.scorer.score(histories), short.scorer.score(histories), atol=1e-6)
        assert loaded.manifest.model == self.model.name
        assert loaded.manifest.config == config_to_json(config_from(self.model.config_class, settings))

    def _short(self) -> dict[str, Any]:
        """Two epochs are enough where only the machinery is looked at."""
        return {"n_epochs": 2} if "n_epochs" in {f.name for f in fields(self.model.config_class)} else {}


def just_outside(known: Setting) -> list[Any]:
    """Values of the right type that the setting must refuse."""
    if known.kind == "str":
        return ["no such word"] if known.choices else []
    if known.kind == "bool":
        return []
    numbers: list[float] = [math.nan, math.inf, -math.inf] if known.kind == "float" else []
    step = 1e-9 if known.kind == "float" else 1
    if known.low is not None:
        numbers.append(known.low - step if known.includes_low else known.low)
    if known.high is not None:
        numbers.append(known.high + step if known.includes_high else known.high)
    if known.kind == "float":
        return [float(number) for number in numbers]
    whole = [int(number) for number in numbers]
    return [(), *((4, number) for number in whole)] if known.kind == "tuple" else whole


def _fixed_split(task: Task) -> Any:
    """A stand-in for a protocol that hands out the toy as it is."""
    return SimpleNamespace(name="toy", ks=(1,), relevance=4.0, final=lambda _dataset: task)
