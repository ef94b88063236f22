"""JSON from anybody becomes a type, or one line says what is wrong and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypedDict

import numpy as np
import pytest

from recsys.errors import UsageError
from recsys.json_types import as_type, parse


class Size(TypedDict):
    n_users: int


@dataclass(frozen=True)
class Step:
    at: float


@dataclass(frozen=True)
class Thing:
    name: str
    size: Size
    steps: tuple[Step, ...]
    interval: tuple[float, float]
    values: dict[str, float | None]
    rest: dict[str, Any] = field(default_factory=dict)
    is_on: bool = False
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


FACTS: dict[str, Any] = {
    "name": "a",
    "size": {"n_users": 3},
    "steps": [{"at": 1}],
    "interval": [0.5, 1],
    "values": {"x": None, "y": 2},
}


def test_what_fits_is_the_same_in_types() -> None:
    thing = as_type(Thing, FACTS, arrays={"a": np.zeros(1)})
    assert thing == Thing("a", {"n_users": 3}, (Step(1),), (0.5, 1), {"x": None, "y": 2}, arrays=thing.arrays)
    assert as_type(Size, {"n_users": 3}) == {"n_users": 3}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": 1}, r"^name must be text\. Received 1$"),
        ({"name": None}, "name must be text"),
        ({"size": {}}, "size has no field n_users"),
        ({"size": {"n_users": 3.5}}, r"size\.n_users must be a whole number"),
        ({"size": {"n_users": True}}, r"size\.n_users must be a whole number"),
        ({"size": []}, "size is not an object"),
        ({"steps": {}}, "steps must be a list"),
        ({"steps": [{"at": "1"}]}, r"steps\[0\]\.at must be a number\. Received '1'"),
        ({"interval": [1]}, "interval has 1 values, not 2"),
        ({"values": {"x": [1]}}, r"values\.x must be a number"),
        ({"values": {"x": 10**400}}, r"values\.x is too large"),
        ({"rest": 3}, "rest must be an object"),
        ({"is_on": 1}, "is_on must be true or false"),
        ({"else\n": 1}, r"it has a field that is not known: 'else\\n'"),
    ],
)
def test_what_does_not_is_named(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        as_type(Thing, FACTS | wrong, arrays={})


@pytest.mark.parametrize("value", [None, [], "a", 1])
def test_what_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="it is not an object"):
        as_type(Thing, value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"NaN", "NaN is not a number of JSON"),
        (b"[-Infinity]", "-Infinity is not a number of JSON"),
        (b"[1e999]", "1e999 is not a number of JSON"),
        (b'"\\uD800"', "surrogates not allowed"),
        (b'"\xed\xa0\x80"', "can't decode"),
        (b"[" * 100_000, "nested too deeply"),
        (b"{", "Expecting"),
    ],
)
def test_what_is_no_json_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse(content)


def test_a_pair_of_surrogates_is_a_character() -> None:
    assert parse(b'"\\ud83c\\udfac"') == "🎬"


def test_an_error_is_one_line_without_control_characters() -> None:
    assert str(UsageError("a\n\x1b[31mb \ud800 \u2068é🎬")) == "a \\x1b[31mb \\ud800 \u2068é🎬"
