"""Values of a wrong kind count as none, at the one place where Streamlit reads what a browser has sent."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from streamlit.components.v2.bidi_component.serialization import BidiComponentSerde
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import Serialized, WStates

from recsys.ui import widget_values
from recsys.ui.widget_values import default_where_odd


def states(state: WidgetState) -> WStates:
    def number(sent: Any) -> int:
        return 7 if sent is None else (3, 4, 5)[sent]

    known = WidgetMetadata(
        id="w", deserializer=number, serializer=lambda value: value, value_type="int_value", fragment_id=None
    )
    return WStates({"w": Serialized(state)}, {"w": known})


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ({"int_value": 1}, 4),
        ({"int_value": 99}, 7),  # its own code raises
        ({"string_value": "1"}, 7),
        ({"double_value": float("nan")}, 7),
        ({"bool_value": True}, 7),
        ({"json_value": "{"}, 7),
    ],
)
def test_what_is_no_value_of_the_widget_is_its_default(sent: dict[str, Any], value: int) -> None:
    found = states(WidgetState(id="w", **sent))
    assert default_where_odd(found, "w") == value
    assert default_where_odd(found, "w") == value  # from here on
    assert found.widget_metadata["w"].value_type == "int_value"


@pytest.mark.parametrize("sent", ["x", "{", ""])
def test_a_component_state_that_is_no_json_leaves_a_line_in_the_log(
    sent: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    widget_values.install()
    widget_values.install()
    logger = logging.getLogger(BidiComponentSerde.__module__)
    monkeypatch.setattr(logger, "propagate", True)
    caplog.set_level("INFO", logger.name)
    assert BidiComponentSerde().deserialize(sent) == {}
    assert {("Failed to deserialize" in each.message, each.exc_info) for each in caplog.records} == {(True, None)}


def test_what_is_unknown_stays_a_missing_key() -> None:
    with pytest.raises(KeyError):
        default_where_odd(WStates({"w": Serialized(WidgetState(id="w"))}, {}), "w")
