"""Widget values that no page would send, over the websocket of a real server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from tests.hostile import mutation

ROOT = Path(__file__).parents[2]
PAGES = ("", "your_films", "why", "film", "leaderboard", "data", "how_it_works", "train")
BOX = "exception"
"""Streamlit's own error box, as its protocol calls it: no visitor should ever see one."""


@contextmanager
def server(folder: Path, **environment: str) -> Iterator[str]:
    """The app on a port of its own, with the demo and no network; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.port",
        str(port),
        "--server.headless",
        "true",
    ]
    places = {
        "RECSYS_DATA_DIR": folder / "data",
        "RECSYS_RUNS_DIR": folder / "runs",
        "RECSYS_OFFLINE": "1",
        **environment,
    }
    with (folder / "server.log").open("w") as log:
        running = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {key: str(it) for key, it in places.items()}, stdout=log, stderr=log
        )
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(timeout=20)


def _wait(address: str, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=2)
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"nothing answers at {address}")


class Tab:
    """One session: it asks for runs of the script, and knows the widgets that it was sent."""

    def __init__(self, address: str) -> None:
        from websockets.sync.client import connect

        stream = address.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = connect(stream, subprotocols=["streamlit"], max_size=None)  # type: ignore[list-item]
        self.widgets: dict[str, str] = {}  # id -> kind

    def close(self) -> None:
        self._socket.close()

    def ask(self, page: str, query: str = "", states: list[Any] | None = None, seconds: float = 20) -> str:
        """One run of the script; the text of Streamlit's error box, "" without one. Raises TimeoutError."""
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ClientState_pb2 import ClientState
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        asked = ClientState(query_string=query, page_name=page)
        asked.widget_states.widgets.extend(states or [])
        self._socket.send(BackMsg(rerun_script=asked).SerializeToString())
        box, until = "", time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            message = ForwardMsg.FromString(self._socket.recv(timeout=left))  # type: ignore[arg-type]
            if message.HasField("script_finished"):
                return box
            box = box or self._read(message)
        raise TimeoutError(f"the page {page!r} was not drawn within {seconds:g} s")

    def _read(self, message: Any) -> str:
        if not message.HasField("delta") or not message.delta.HasField("new_element"):
            return ""
        kind = message.delta.new_element.WhichOneof("type")
        element = getattr(message.delta.new_element, kind) if kind else None
        if kind == BOX:
            return f"{element.type}: {element.message}"
        if getattr(element, "id", ""):
            self.widgets[element.id] = kind
        return ""


def odd_state(identity: str, random: Random) -> Any:
    """A widget's state of any kind, of whatever kind the widget is."""
    from streamlit.proto.WidgetStates_pb2 import WidgetState

    state = WidgetState(id=identity)
    words = [_sendable(mutation.text(random)) for _ in range(random.randint(0, 3))]
    numbers = [random.choice((0, 1, -1, 2**31, 10**12)) for _ in range(random.randint(0, 3))]
    match random.randrange(9):
        case 0:
            state.trigger_value = True
        case 1:
            state.bool_value = random.random() < 0.5
        case 2:
            state.double_value = random.choice((*mutation.ODD_FLOATS, 0.5, -1e308))
        case 3:
            state.int_value = random.choice((0, -1, 2**62, -(2**62)))
        case 4:
            state.string_value = "".join(words)
        case 5:
            state.double_array_value.data.extend([*map(float, numbers), *mutation.ODD_FLOATS][: random.randint(0, 5)])
        case 6:
            state.int_array_value.data.extend(numbers)
        case 7:
            state.string_array_value.data.extend(words)
        case 8:
            fields = ("film", "models", "k", "films", "value", "job", "topic", "rated", "drop", "user", "select")
            told = {random.choice(fields): mutation.value(random) for _ in range(2)}
            state.json_value = _sendable(json.dumps(random.choice((told, mutation.value(random)))))
    return state


def _sendable(text: str) -> str:
    return text.encode(errors="replace").decode()[:5_000]
