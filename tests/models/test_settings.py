from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.errors import UsageError
from recsys.models import registry
from recsys.models.settings import LARGEST, ModelConfig, Setting, config_from, config_to_json, describe, setting, show


@dataclass(frozen=True)
class Config(ModelConfig):
    rate: float = setting(0.1, "of learning", above=0)
    share: float = setting(0.5, "of what is dropped", low=0, below=1)
    decay: float = setting(1.0, "after each epoch", above=0, high=1)
    open: float = setting(0.5, "between two ends", above=0, below=1)
    n: int = setting(4, "of something", low=2, high=9)
    n_free: int = setting(0, "of something else", low=0)
    n_some: int = setting(3, "of a third kind", low=3)
    at_most: float = setting(3.0, "bounded from above", high=5)
    stars: float = setting(4.0, "any number")
    widths: tuple[int, ...] = setting((8, 4), "of layers", low=1, high=64)
    kind: str = setting("plain", "of two", choices=("plain", "fancy"))
    color: str = setting("red", "of three", choices=("red", "green", "blue"))
    is_on: bool = setting(True, "or off")


def short(value: object) -> str:
    """The name of a test; pytest's own would write out every digit."""
    return show(value)


BY_NAME = {known.name: known for known in describe(Config)}


def refusal(**values: Any) -> str:
    with pytest.raises(UsageError) as caught:
        Config(**values)
    return str(caught.value)


def test_a_config_describes_itself_in_its_order() -> None:
    assert list(BY_NAME)[:3] == ["rate", "share", "decay"]
    assert BY_NAME["share"] == Setting("share", 0.5, "of what is dropped", 0, 1, True, False)
    assert [BY_NAME[name].kind for name in ("rate", "n", "widths", "kind", "is_on")] == [
        *("float", "int", "tuple", "str", "bool"),
    ]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"rate": -1.0}, "rate must be positive. Received -1.0."),
        ({"rate": 0}, "rate must be positive. Received 0."),
        ({"rate": float("nan")}, "rate must be positive. Received nan."),
        ({"rate": float("inf")}, "rate must be positive. Received inf."),
        ({"share": 1.0}, "share must be in [0, 1). Received 1.0."),
        ({"share": -0.1}, "share must be in [0, 1). Received -0.1."),
        ({"decay": 0.0}, "decay must be above 0 and at most 1. Received 0.0."),
        ({"open": 1.0}, "open must be above 0 and below 1. Received 1.0."),
        ({"n": 10}, "n must be between 2 and 9. Received 10."),
        ({"n": 1}, "n must be between 2 and 9. Received 1."),
        ({"n_free": -1}, "n_free must not be negative. Received -1."),
        ({"n_some": 2}, "n_some must be at least 3. Received 2."),
        ({"at_most": 6.0}, "at_most must be at most 5. Received 6.0."),
        ({"stars": float("-inf")}, "stars must be finite. Received -inf."),
        ({"widths": ()}, "widths needs positive widths up to 64. Received ()."),
        ({"widths": (8, 0)}, "widths needs positive widths up to 64. Received (8, 0)."),
        ({"widths": (65,)}, "widths needs positive widths up to 64. Received (65,)."),
        ({"kind": "odd"}, "kind must be plain or fancy. Received odd."),
        ({"color": "mauve"}, "color must be one of red, green, blue. Received mauve."),
        ({"color": "a\nb"}, r"color must be one of red, green, blue. Received 'a\nb'."),
        # Another type
        ({"n": 2.5}, "n must be a whole number, such as 4. Received 2.5."),
        ({"n": True}, "n must be a whole number, such as 4. Received True."),
        ({"rate": "0.1"}, "rate must be a number, such as 0.1. Received '0.1'."),
        ({"is_on": 1}, "is_on must be true or false, such as True. Received 1."),
        ({"kind": None}, "kind must be a word, such as plain. Received None."),
        ({"widths": 8}, "widths must be numbers separated by commas, such as 8,4. Received 8."),
        ({"widths": [8]}, "widths must be numbers separated by commas, such as 8,4. Received [8]."),
        ({"widths": (8, 1.5)}, "widths must be numbers separated by commas, such as 8,4. Received (8, 1.5)."),
    ],
)
def test_a_value_out_of_range_or_of_another_type_is_refused_with_its_rule(values: dict[str, Any], text: str) -> None:
    assert refusal(**values) == text


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("rate", "1e-3", 0.001),
        ("rate", 1, 1.0),
        ("n", "8", 8),
        ("n", "8.0", 8),
        ("n", 8.0, 8),
        ("n_free", 2**31 - 1, 2**31 - 1),
        ("widths", "8, 4", (8, 4)),
        ("widths", [8, 4.0], (8, 4)),
        ("kind", "fancy", "fancy"),
        ("is_on", "False", False),
        ("is_on", 0, False),
        ("is_on", True, True),
    ],
)
def test_text_and_json_are_read_as_what_they_stand_for(name: str, given: Any, expected: Any) -> None:
    value = getattr(config_from(Config, {name: given}), name)
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("rate", "1e400", "'1e400'"),
        ("rate", "nan", "'nan'"),
        ("rate", float("inf"), "inf"),
        ("rate", 10**400, None),
        ("rate", "٣", "'٣'"),
        ("rate", None, "None"),
        ("rate", True, "True"),
        ("n", "１２", "'１２'"),
        ("n", "2.5", "'2.5'"),
        ("n", [], "[]"),
        ("n", 10**5000, "a number too long to show"),
        ("n", "9" * 5000, None),
        ("widths", list(range(1, 10_001)), None),
        ("widths", [[8]], "[[8]]"),
        ("widths", {"8": 4}, "{'8': 4}"),
        ("widths", "8,,4", "'8,,4'"),
        ("is_on", "yes", "'yes'"),
        ("is_on", 0.0, "0.0"),
        ("is_on", [], "[]"),
        ("kind", ["plain"], "['plain']"),
    ],
    ids=short,
)
def test_a_crafted_value_is_refused_in_one_short_line(name: str, value: Any, shown: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        config_from(Config, {name: value})
    text = str(caught.value)
    assert text.startswith(f"{name} ")
    assert len(text) < 200
    assert len(text.splitlines()) == 1
    assert shown is None or text.endswith(f"Received {shown}.")


def test_an_unknown_setting_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"^There is no setting 'n_wheels'; available: at_most, color, decay, "):
        config_from(Config, {"n_wheels": 4})
    with pytest.raises(UsageError) as caught:
        config_from(Config, {"x\n" * 1000: 4})
    assert len(str(caught.value)) < 300
    assert len(str(caught.value).splitlines()) == 1


def test_what_came_in_is_shown_short() -> None:
    assert show("x" * 61, quoted=False) == show("x" * 61)
    assert len(show("x" * 1000)) <= 62
    assert show(list(range(100))) == "[0, 1, 2, 3, 4, 5, ...]"
    assert show("\u2028", quoted=False) == r"'\u2028'"


def configured(config_class: type, settings: dict[str, Any]) -> Any:
    """The configuration, or the text of the error that says why there is none."""
    try:
        return config_from(config_class, settings)
    except UsageError as error:
        return str(error)


NUMBERS = st.integers() | st.floats() | st.integers(min_value=10**15) | st.sampled_from([10**400, -(10**400)])
TEXTS = st.text() | NUMBERS.map(str) | st.from_regex(r"[-+]?[0-9]{1,20}(\.[0-9]*)?(e[0-9]{1,4})?", fullmatch=True)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS | st.binary()
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
)


@pytest.mark.parametrize("entry", registry.ENTRIES, ids=lambda entry: entry.name)
@given(data=st.data())
def test_whatever_comes_in_is_a_configuration_in_range_or_an_error_of_one_line(
    entry: registry.Entry, data: st.DataObject
) -> None:
    config_class = entry.load().config_class
    names = [known.name for known in describe(config_class)]
    known_or_not = st.sampled_from(names) | st.text() if names else st.text()
    config = configured(config_class, data.draw(st.dictionaries(known_or_not, VALUES, max_size=3)))
    if isinstance(config, str):
        assert len(config.splitlines()) == 1
        assert len(config) < 400
        return
    assert config_from(config_class, json.loads(json.dumps(config_to_json(config), allow_nan=False))) == config
    for known in describe(config_class):
        value = getattr(config, known.name)
        assert type(value) is type(known.default)
        if known.kind in ("int", "float"):
            assert abs(value) <= LARGEST
            assert known.low is None or value >= known.low
            assert known.high is None or value <= known.high
