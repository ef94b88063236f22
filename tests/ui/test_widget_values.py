"""What a browser may send for a widget reaches the view only as far as the address could say it."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.ui import controls, url
from recsys.ui.view import View


class Parameters(dict[str, str]):
    """As Streamlit has them."""

    def to_dict(self) -> dict[str, str]:
        return dict(self)

    def from_dict(self, given: dict[str, str]) -> None:
        self.clear()
        self.update(given)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {"recsys_view": View(dataset="demo", k=7)}
    fake = SimpleNamespace(session_state=state, query_params=Parameters())
    for module in (url, controls):
        monkeypatch.setattr(module, "st", fake)
    return state


@pytest.mark.parametrize("value", ["many", None, True, 10**9, -3, float("nan"), [], {}, object()])
def test_a_length_that_no_list_has_counts_as_absent(session: dict[str, Any], value: object) -> None:
    url.change(k=value)
    assert url.current() == View(dataset="demo")


@pytest.mark.parametrize(
    "fields", [{"models": 5}, {"films": [1]}, {"films": (("a", "b"),)}, {"years": True}, {"penalty": "a lot"}]
)
def test_what_the_view_cannot_say_changes_nothing_else(session: dict[str, Any], fields: dict[str, Any]) -> None:
    with suppress(UsageError):
        url.change(**fields)
    (name,) = fields
    assert url.current() == View(dataset="demo", k=7, **{name: getattr(View(), name)})


def test_what_it_can_say_is_kept(session: dict[str, Any]) -> None:
    url.change(k=12, models=("als", "svd"), films=((50, 4.5),), seen=True)
    assert url.current() == View(dataset="demo", k=12, models=("als", "svd"), films=((50, 4.5),), seen=True)


@pytest.mark.parametrize("value", [True, None, "1", 1.0, -1, 10**9, [1]])
def test_what_is_no_film_of_a_menu_is_refused(session: dict[str, Any], value: object, demo_dataset: Dataset) -> None:
    session["film"] = value
    with pytest.raises(UsageError, match="something that it does not offer"):
        controls.chosen_film("film", demo_dataset)
    session["film"] = 3
    assert controls.chosen_film("film", demo_dataset) == demo_dataset.catalog.ids.ids[3]
