"""What a browser sends for a widget: a value of a kind that the widget does not have counts as none.

Streamlit turns what was sent into a value wherever that is first read: before callbacks, in the middle of a page, in
the keys of `session_state`. What cannot be turned raises there, in the next run again, until the tab is closed. Here
such a value is replaced by the widget's default at that one place, so that neither a page nor a callback ever meets it.
What a callback refuses all the same, a film that is none, is a card above the page, which is drawn as it was.
"""

from __future__ import annotations

import logging
from typing import Any

from streamlit.components.v2.bidi_component import serialization
from streamlit.runtime.state.session_state import Serialized, Value, WStates

from recsys.ui.errors import calm

logger = logging.getLogger("recsys.ui")
_read, _call = WStates.__getitem__, WStates.call_callback


def default_where_odd(states: WStates, identity: str) -> Any:
    """The value of a widget. Raises KeyError where there is none, as Streamlit goes by."""
    sent, known = states.states.get(identity), states.widget_metadata.get(identity)
    if not isinstance(sent, Serialized) or known is None:
        return _read(states, identity)
    kind = sent.value.WhichOneof("value")
    try:
        if kind in (known.value_type, None):
            return _read(states, identity)
        problem = f"{kind} in the place of {known.value_type}"
    except Exception as error:  # each kind of widget has its own
        problem = type(error).__name__
    logger.info("A browser sent what no page offers (%s); the default counts", problem)
    value = known.deserializer(None)
    states.states[identity] = Value(value)
    return value


def call_calmly(states: WStates, widget_id: str) -> None:
    """The callback of a widget: Streamlit would log a traceback, and draw nothing but the error."""
    with calm():
        _call(states, widget_id)


def without_traceback(record: logging.LogRecord) -> bool:
    """A value of a component that is no JSON: Streamlit's line says so, and a visitor may send as many as they like."""
    record.exc_info = None
    return True


def install() -> None:
    """For all sessions of this process; a second time does nothing."""
    WStates.__getitem__ = default_where_odd  # type: ignore[method-assign]
    WStates.call_callback = call_calmly  # type: ignore[assignment, method-assign]
    logging.getLogger(serialization.__name__).addFilter(without_traceback)
