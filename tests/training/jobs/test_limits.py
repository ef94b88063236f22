from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.models.settings import config_from, describe
from recsys.models.size import Size
from recsys.training import presets, search
from recsys.training.jobs import limits
from tests.models.test_settings import VALUES
from tests.toys import checkerboard, from_triples

TOY = checkerboard().known
ML_100K, ML_1M, ML_20M = Size(943, 1682, 100_000), Size(6040, 3706, 1_000_209), Size(138_493, 26_744, 20_000_263)


def without_ratings(size: Size) -> Dataset:
    """So many users and films, for what grows with these alone."""
    return from_triples([], n_users=size.n_users, n_items=size.n_items, name="large")


def estimated(model: str, size: Size, **settings: Any) -> int:
    entry = registry.entry(model)
    return limits.estimate(entry, entry.load().config_class(**settings), size)


def refusal(model: str, settings: Any, dataset: Dataset = TOY) -> str:
    with pytest.raises(UsageError) as caught:
        limits.check(registry.entry(model), dataset, settings)
    return str(caught.value)


# Ranges


@pytest.mark.parametrize("entry", registry.ENTRIES, ids=lambda entry: entry.name)
def test_every_number_that_is_offered_has_a_lowest_and_a_highest_value(entry: registry.Entry) -> None:
    of_class = {known.name: known for known in describe(entry.load().config_class)}
    for known in limits.offered(entry):
        if known.kind in ("int", "float", "tuple"):
            assert known.low is not None, known.name
            assert known.high is not None, known.name
            wider = of_class[known.name]
            assert wider.low is None or known.low >= wider.low
            assert wider.high is None or known.high <= wider.high


@pytest.mark.parametrize("preset", presets.NAMES)
@pytest.mark.parametrize("entry", registry.ENTRIES, ids=lambda entry: entry.name)
def test_presets_are_allowed_up_to_a_million_ratings(entry: registry.Entry, preset: str) -> None:
    config = limits.check(entry, TOY, presets.settings(entry, "ml-100k", preset))
    assert limits.estimate(entry, config, ML_1M) < limits.MEMORY_LIMIT_BYTES


@pytest.mark.parametrize("entry", registry.ENTRIES, ids=lambda entry: entry.name)
def test_all_that_was_ever_searched_is_allowed(entry: registry.Entry) -> None:
    table = search.read_table(entry.name, search.folder_of("ml-100k", HOLDOUT.name))
    for trial in table["trials"] if table else []:
        config = limits.check(entry, TOY, trial["config"])
        assert limits.estimate(entry, config, ML_100K) < limits.MEMORY_LIMIT_BYTES


@pytest.mark.parametrize(
    ("model", "settings", "text"),
    [
        ("svd", {"n_epochs": 201}, "n_epochs must be between 1 and 200. Received 201."),
        ("svd", {"n_factors": "513"}, "n_factors must be between 1 and 512. Received 513."),
        ("svd", {"n_factors": 10**30}, None),
        ("svd", {"n_factors": 10**6000}, None),
        ("bpr", {"batch_size": 65_537}, "batch_size must be between 1 and 65536. Received 65537."),
        ("bpr", {"learning_rate": 1.5}, "learning_rate must be above 0 and at most 1. Received 1.5."),
        ("bpr", {"min_rating": -1}, "min_rating must be between 0 and 10. Received -1.0."),
        ("bpr", {"recency": 1e300}, None),
        ("gru", {"max_length": 501}, "max_length must be between 2 and 500. Received 501."),
        ("gru", {"hidden_dim": 513}, "hidden_dim must be between 1 and 512. Received 513."),
        ("autoencoder", {"hidden": [2049]}, "hidden needs at most 5 positive widths up to 2048. Received (2049,)."),
        ("autoencoder", {"hidden": "8,8,8,8,8,8"}, None),
        ("autoencoder", {"hidden": [8] * 10_000}, None),
        ("autoint", {"optimizer": "sgd"}, None),
        ("autoint", {"products": "perhaps"}, "products must be true or false, such as True. Received 'perhaps'."),
        ("als", {"n_epochs": "１２"}, "n_epochs must be a whole number, such as 10. Received '１２'."),
        ("als", {"__class__": 1}, None),
        ("popularity", {"n_epochs": 1}, "There is no setting 'n_epochs'; available: none."),
        ("als", [["n_epochs", 1]], "Settings must be names with values. Received [['n_epochs', 1]]."),
        ("als", None, "Settings must be names with values. Received None."),
    ],
    ids=lambda value: "" if isinstance(value, dict) else None,
)
def test_a_crafted_request_is_refused_in_one_short_line(model: str, settings: Any, text: str | None) -> None:
    said = refusal(model, settings)
    assert text is None or said == text
    assert len(said) < 300
    assert len(said.splitlines()) == 1


def asked(entry: registry.Entry, settings: dict[str, Any]) -> str:
    try:
        limits.check(entry, TOY, settings)
    except UsageError as error:
        return str(error)
    return ""


@given(st.sampled_from(registry.ENTRIES), st.data())
def test_whatever_is_asked_is_allowed_or_refused_in_one_line(entry: registry.Entry, data: st.DataObject) -> None:
    names = st.sampled_from([known.name for known in limits.offered(entry)] or ["x"])
    assert len(asked(entry, data.draw(st.dictionaries(names, VALUES, max_size=2))).splitlines()) <= 1


# Memory


def test_what_an_estimate_is_made_of() -> None:
    """EASE by hand: the program, the ratings, the measuring, three matrices of users and films, six of films."""
    size = Size(1000, 200, 5000)
    assert estimated("ease", size) == 100e6 + 200 * 5000 + 256 * 200 * 40 + 4 * (3 * 1000 * 200 + 6 * 200 * 200)


def test_memory_grows_with_what_takes_it() -> None:
    """At least by the bytes of the arrays that are known to be there."""
    size = ML_20M
    n_vectors = size.n_users + size.n_items
    assert estimated("bpr", size, n_factors=512) - estimated("bpr", size, n_factors=256) >= n_vectors * 256 * 4 * 4
    logits = 64 * 50 * size.n_items * 4
    assert estimated("gru", size, batch_size=128) - estimated("gru", size) >= 2 * logits
    assert estimated("gru", size, n_sampled=2048) < estimated("gru", size) - logits
    rows = 4096 * size.n_items * 4
    assert estimated("autoencoder", size, batch_size=4096) - estimated("autoencoder", size, batch_size=1) > 2 * rows
    assert estimated("ease", size) > size.n_users * size.n_items * 4 + size.n_items**2 * 4
    assert estimated("item-knn", size) > 2 * size.n_items**2 * 4
    fields = size.n_ratings * 14 * 4
    more = estimated("autoint", size, n_negatives=8) - estimated("autoint", size, n_negatives=4)
    assert more > 4 * fields


@pytest.mark.parametrize("model", ["ease", "item-knn"])
def test_what_needs_too_much_memory_is_refused_with_the_figures(model: str) -> None:
    dataset = without_ratings(ML_20M)
    needed = estimated(model, Size(dataset.n_users, dataset.n_items, 0)) / 1e9
    said = refusal(model, {}, dataset)
    assert f" needs about {needed:,.1f} GB of memory on large, but a job may take 4.0 GB." in said


def test_the_operator_sets_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.memory_limit() == 4 * 10**9
    monkeypatch.setenv("RECSYS_TRAIN_MEMORY_GB", "0.05")
    assert limits.memory_limit() == 50_000_000
    assert "a job may take 0.1 GB" in refusal("als", {})
    monkeypatch.setenv("RECSYS_TRAIN_MEMORY_GB", "500")
    limits.check(registry.entry("ease"), without_ratings(ML_20M), {})


@pytest.mark.parametrize("text", ["", "many", "0", "-1", "nan", "inf", "1e400"])
def test_a_limit_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("RECSYS_TRAIN_MEMORY_GB", text)
    with pytest.raises(UsageError, match=r"^RECSYS_TRAIN_MEMORY_GB must be a number above 0, such as 4\. Rec"):
        limits.memory_limit()


PEAK = """
import json, resource, sys
from recsys.data import synthetic
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.models.base import FitOptions, config_from
task = HOLDOUT.final(synthetic.make("100k"))
model = registry.entry(sys.argv[1]).load()
scorer = model(config_from(model.config_class, json.loads(sys.argv[2]))).fit(task.known, FitOptions())
evaluate(scorer, task, (10,))
try:  # of this program alone: the mark of `resource` is that of the process it was started from, if that is higher
    with open("/proc/self/status") as status:
        print(next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")))
except OSError:
    unit = 1 if sys.platform == "darwin" else 1024
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
"""


@pytest.mark.training
@pytest.mark.skipif(sys.platform == "win32", reason="the peak of a process is asked for as POSIX has it")
@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("als", "{}"),
        ("ease", "{}"),
        ("svd", '{"n_epochs": 1, "n_factors": 512}'),
        ("autoencoder", '{"n_epochs": 1, "hidden": [2048], "batch_size": 512}'),
        ("gru", '{"n_epochs": 1, "batch_size": 256, "embedding_dim": 16, "hidden_dim": 16}'),
    ],
)
def test_a_process_stays_below_its_estimate(model: str, settings: str) -> None:
    """Measured, not assumed; a fifth more is forgiven, as libraries differ from machine to machine."""
    done = subprocess.run([sys.executable, "-c", PEAK, model, settings], capture_output=True, text=True, check=True)
    config = config_from(registry.entry(model).load().config_class, json.loads(settings))
    assert int(done.stdout.split()[-1]) < 1.2 * limits.estimate(registry.entry(model), config, ML_100K)


# Grids


def test_a_grid_is_all_its_combinations() -> None:
    entry = registry.entry("svd")
    assert limits.check_grid(entry, TOY, {"n_factors": [2, 4], "n_epochs": [1]}) == [
        {"n_factors": 2, "n_epochs": 1},
        {"n_factors": 4, "n_epochs": 1},
    ]
    assert limits.check_grid(entry, TOY, [{"n_factors": [2]}, {"n_epochs": [1]}]) == [{"n_factors": 2}, {"n_epochs": 1}]
    assert len(limits.check_grid(entry, TOY, {"n_factors": list(range(1, 65))})) == limits.MAX_TRIALS


@pytest.mark.parametrize(
    ("grid", "text"),
    [
        ({"n_factors": list(range(1, 66))}, "A grid may have up to 64 trials. Received 65."),
        ([{"n_factors": list(range(1, 41))}] * 2, "A grid may have up to 64 trials. Received 80."),
        (
            {f"x{i}": [1, 2, 3] for i in range(10_000)},
            "A grid may have up to 64 trials. Received a number too long to show.",
        ),
        ({"n_factors": [2, 513]}, "n_factors must be between 1 and 512. Received 513."),
        ({"n_wheels": [2]}, None),
        ({"n_factors": []}, "A grid must map settings to lists of values. Received {'n_factors': []}."),
        ({"n_factors": 2}, "A grid must map settings to lists of values. Received {'n_factors': 2}."),
        ([], "A grid must map settings to lists of values. Received []."),
        ("n_factors", "A grid must map settings to lists of values. Received 'n_factors'."),
        (None, "A grid must map settings to lists of values. Received None."),
    ],
    ids=lambda _: "",
)
def test_a_bad_grid_is_refused_before_anything_is_trained(grid: Any, text: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        limits.check_grid(registry.entry("svd"), TOY, grid)
    assert text is None or str(caught.value) == text
