"""Visitors without a browser: they hold a session of the app open and ask again whenever the page tells them to.

On a real server the tabs of visitors run on the visitors' computers. Ten browser tabs on the machine that is measured
take its cores from the app, so these sessions speak Streamlit's own protocol over a websocket and draw nothing.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any


class Session:
    """One visitor of, for example, http://127.0.0.1:8501/page?query, until `close`. The first page is ""."""

    def __init__(self, server: str, page: str, query: str) -> None:
        from websockets.sync.client import connect

        self._page, self._query = page, query
        address = server.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = connect(address, subprotocols=["streamlit"], max_size=None)  # type: ignore[list-item]
        self._closing, self._drawn = threading.Event(), threading.Event()
        self.n_asked = 0
        self._polls: dict[str, tuple[float, float]] = {}  # fragment -> interval in seconds, time of the next poll
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def wait_until_drawn(self, seconds: float = 60.0) -> None:
        """Wait for the end of the page's first run. Raises TimeoutError."""
        if not self._drawn.wait(seconds):
            raise TimeoutError(f"The page {self._page!r} was not drawn within {seconds:.0f} s.")

    def close(self) -> None:
        self._closing.set()
        self._socket.close()
        self._thread.join(timeout=5)

    def _live(self) -> None:
        from websockets.exceptions import ConnectionClosed

        with suppress(ConnectionClosed):
            self._ask()
            while not self._closing.is_set():
                now = time.monotonic()
                for fragment, (interval, due) in list(self._polls.items()):
                    if due <= now:
                        self._polls[fragment] = (interval, now + interval)
                        self._ask(fragment)
                with suppress(TimeoutError):
                    self._hear(self._socket.recv(timeout=0.05))

    def _hear(self, message: Any) -> None:
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        said = ForwardMsg.FromString(message)
        if said.HasField("auto_rerun"):
            told = said.auto_rerun
            self._polls[told.fragment_id] = (told.interval, time.monotonic() + told.interval)
        elif said.HasField("stop_auto_rerun"):
            for fragment in said.stop_auto_rerun.fragment_ids:
                self._polls.pop(fragment, None)
        elif said.HasField("script_finished"):
            self._drawn.set()

    def _ask(self, fragment: str = "") -> None:
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ClientState_pb2 import ClientState

        state = ClientState(
            query_string=self._query, page_name=self._page, fragment_id=fragment, is_auto_rerun=bool(fragment)
        )
        self.n_asked += 1
        self._socket.send(BackMsg(rerun_script=state).SerializeToString())
