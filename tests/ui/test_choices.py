"""Every choice that changes what is seen stands in the address, and is found again after a reload."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from recsys.data.dataset import Dataset
from recsys.paths import ROOT
from recsys.serving import records
from recsys.training import search
from recsys.ui import url
from recsys.ui.leaderboard import cost, people
from recsys.ui.leaderboard.page import PARTS
from recsys.ui.train import learning_curves
from recsys.ui.view import AXES, COSTS, FIELDS, SLICINGS, TABS, View
from tests.app import given_to, opened, parameters
from tests.ui.test_leaderboard_page import record
from tests.ui.test_widget_values import session

assert session is not None  # a fixture, used by name


def test_what_the_view_offers_is_what_the_pages_draw() -> None:
    assert tuple(PARTS) == TABS
    assert tuple(people.SLICINGS) == SLICINGS
    assert tuple(cost.COSTS) == COSTS
    assert tuple(learning_curves.AXES) == AXES


def test_no_choice_is_kept_in_the_session_alone() -> None:
    """The search for a user and the values of a grid are on the way to a choice; what is asked for is not yet seen."""
    code = {path: path.read_text(encoding="utf-8") for path in (ROOT / "recsys" / "ui").rglob("*.py")}
    kept = {path.name for path, text in code.items() if re.search(r"persist_state=", text)}
    assert kept == {"picker.py", "sweep.py"}


WIDGETS = [
    ("cost", "segmented_control", "cost", "cost", "n_bytes"),
    ("people", "pills", "slicing", "groups", "taste"),
    ("people", "selectbox", "duel_x", "across", "als"),
    ("people", "selectbox", "duel_y", "up", "popularity"),
    ("protocols", "pills", "lens", "mistake", "sampled"),
    ("searches", "selectbox", "search", "search", "next-svd"),
]


@pytest.mark.parametrize(("tab", "kind", "key", "field", "value"), WIDGETS)
def test_the_choice_of_a_widget_is_found_again(
    trained: Path, tab: str, kind: str, key: str, field: str, value: str
) -> None:
    for protocol in ("next", "sampled", "holdout", "naive-ctr"):
        record(trained.parent, protocol, als={"ndcg@10": 0.1}, svd={"ndcg@10": 0.2})
    trial = {"settings": {}, "value": 0.1, "n_epochs": 1, "seconds": 1.0, "config": {}}
    for model in ("als", "svd"):
        facts = {"model": model, "dataset": "demo", "fingerprint": "", "protocol": "next, validation part", "seed": 0}
        best = {"value": 0.1, "config": {}}
        table = {**facts, "metric": "ndcg@10", "best": best, "trials": [trial]}
        records.write(search.folder_of("demo", "next") / f"{model}.json", table)
    app = opened("leaderboard", tab=tab)
    widget = getattr(app, kind)(key=key)
    assert widget.value != value
    widget.set_value(value).run()
    assert parameters(app)[field] == value
    again = opened("leaderboard", **parameters(app))
    assert getattr(again, kind)(key=key).value == value


COMPONENTS = [
    ("leaderboard", "scores", {"metric": "rmse", "order": "worst", "without": ["svd"]}),
    ("compare", "overlap", {"agree": "rank_biased_overlap"}),
    ("film", "film_map", {"marks": ["listed"], "only": 1}),
]


@pytest.mark.parametrize(("page", "component", "chosen"), COMPONENTS)
def test_the_choice_in_a_component_is_found_again(
    trained: Path, page: str, component: str, chosen: dict[str, Any]
) -> None:
    said = {name: ",".join(it) if isinstance(it, list) else str(it) for name, it in chosen.items()}
    app = opened(page, **said)
    assert {name: parameters(app)[name] for name in said} == said
    if component == "film_map" and component not in str(app.get("bidi_component")):
        return  # the quick models have no map: the browser tests draw one
    given = given_to(app, component)
    assert {name: given[name] for name in chosen} == chosen


def test_a_component_sends_choices_and_nothing_but_fields_of_the_view_is_taken(
    session: dict[str, Any], demo_dataset: Dataset
) -> None:
    send = url.on_choices("scores", demo_dataset)
    session["scores"] = SimpleNamespace(choices={"metric": "rmse", "without": ["svd", "als"], "order": "worst", "x": 1})
    send()
    assert url.current() == View(dataset="demo", k=7, metric="rmse", without=("als", "svd"), order="worst")
    session["scores"] = SimpleNamespace(choices={"metric": "", "without": [], "order": "<script>", "only": None})
    send()
    assert url.current() == View(dataset="demo", k=7)
    for nonsense in (None, 3, [1], {"metric": {"a": 1}}, {"marks": None}):
        session["scores"] = SimpleNamespace(choices=nonsense)
        send()
        assert url.current() == View(dataset="demo", k=7)


@pytest.mark.parametrize(
    ("page", "where", "label", "name"),
    [
        ("leaderboard", {}, "Every pair", "pairs"),
        ("train", {}, "Advanced", "advanced"),
        ("train", {}, "Try a grid", "grid"),
    ],
)
def test_what_is_unfolded_stays_so(trained: Path, page: str, where: dict[str, str], label: str, name: str) -> None:
    def is_open(app: Any) -> bool:
        [fold] = [each for each in app.expander if each.label.startswith(label)]
        return bool(fold.children)

    assert not is_open(opened(page, **where))
    app = opened(page, **where, folds=name)
    assert is_open(app)
    assert parameters(app)["folds"] == name


def test_a_field_says_what_it_is() -> None:
    """The words of the address are explained where its table is."""
    said = View.__doc__ or ""
    assert [name for name in FIELDS if not re.search(rf"^\s+(\w+, )*{name}(, \w+)*: ", said, re.MULTILINE)] == []
