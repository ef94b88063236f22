from __future__ import annotations

import pytest

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.models.base import FitOptions
from recsys.models.settings import config_from, config_to_json
from recsys.training import presets, search

ENTRIES = pytest.mark.parametrize("entry", registry.ENTRIES, ids=lambda entry: entry.name)


@ENTRIES
@pytest.mark.parametrize("dataset", ["ml-100k", "ml-1m", "demo"])
def test_shipped_is_what_is_on_record(entry: registry.Entry, dataset: str) -> None:
    assert presets.settings(entry, dataset, presets.SHIPPED) == search.settings_for(entry, dataset, HOLDOUT)


@ENTRIES
@pytest.mark.parametrize("preset", presets.NAMES)
def test_a_preset_is_a_configuration(entry: registry.Entry, preset: str) -> None:
    settings = presets.settings(entry, "ml-100k", preset)
    config = config_from(entry.load().config_class, settings)
    assert {name: config_to_json(config)[name] for name in settings} == settings


@ENTRIES
def test_quick_is_no_more_work_than_shipped(entry: registry.Entry) -> None:
    quick, shipped = (
        config_from(entry.load().config_class, presets.settings(entry, "ml-100k", preset)) for preset in presets.NAMES
    )
    for name in ("n_epochs", "n_factors", "embedding_dim", "hidden_dim", "max_length", "n_negatives"):
        assert getattr(quick, name, 0) <= getattr(shipped, name, 0), name


def test_a_preset_can_be_changed_without_changing_it_for_others() -> None:
    bpr = registry.entry("bpr")
    presets.settings(bpr, "ml-100k", presets.QUICK)["n_epochs"] = 1000
    assert presets.settings(bpr, "ml-100k", presets.QUICK)["n_epochs"] < 1000


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^There is no preset 'slow'; available: quick, shipped\.$"):
        presets.settings(registry.entry("bpr"), "ml-100k", "slow")


def measured(model: str, dataset: Dataset, metric: str) -> float:
    """What the quick model reaches on the validation part, on which its settings were chosen."""
    entry, task = registry.entry(model), HOLDOUT.validation(dataset)
    config = config_from(entry.load().config_class, presets.settings(entry, dataset.name, presets.QUICK))
    return evaluate(entry.load()(config).fit(task.known, FitOptions()), task, (10,)).summary[metric]


@pytest.mark.training
@pytest.mark.parametrize("model", ["bpr", "gru"])
def test_a_quick_model_has_learned_far_more_than_what_is_popular(model: str, ml100k: Dataset) -> None:
    assert measured(model, ml100k, "ndcg@10") > 1.5 * measured("popularity", ml100k, "ndcg@10")


@pytest.mark.training
@pytest.mark.parametrize("model", ["svd", "autoencoder"])
def test_a_quick_model_knows_stars_better_than_the_biases_do(model: str, ml100k: Dataset) -> None:
    assert measured(model, ml100k, "rmse") < measured("als", ml100k, "rmse")
