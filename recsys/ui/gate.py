"""What of Streamlit's server a visitor may use: asked of every request and message before Streamlit sees it."""

from __future__ import annotations

import logging

import streamlit as st
from google.protobuf.message import DecodeError
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg

from recsys.network import host_of, is_loopback
from recsys.ui import reach

logger = logging.getLogger("recsys.ui")

UPLOADS = "/_stcore/upload_file/"
MESSAGES = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request"})
"""What a page may send, all of it about its own session. `clear_cache` would empty everybody's caches, `load_git_info`
tells of the operator's files."""
OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})
"""Of the `backend_operation_request`s, those for a file or table that the page has offered; others can write files."""
UPLOADS_AT_ONCE = 3
"""Files of the largest size that the server keeps in memory, of all sessions together."""
OTHER_HOST = (
    "This server answers this computer alone, at localhost. Whoever runs it can name other hosts: "
    "--server.allowedHosts NAME. It is a public server then."
)
PROTOCOL_ERROR = 1002
NO_UPLOADS = "No file can be uploaded to a public server."
NO_ROOM = "Too many files are being uploaded at once. Try again in a few minutes."


class Gate:
    """Refuses hosts that are not this server's, uploads where nobody may upload, and messages that touch others."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._arriving = 0  # bytes of the uploads that are on their way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif reach.is_local() and not is_loopback(host_of(Headers(scope=scope).get("host", ""))):
            # A page elsewhere whose name leads here (DNS rebinding) would have the rights of whoever sits here.
            await PlainTextResponse(OTHER_HOST, 403)(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.app(scope, _own_messages(receive, send), send)
        elif UPLOADS in scope["path"]:
            await self._upload(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streamlit itself takes as many files as anybody sends, on whatever page, and keeps them in memory."""
        if not reach.is_local():
            await PlainTextResponse(NO_UPLOADS, 403)(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if "transfer-encoding" in headers:  # of a size that nobody has said
            await PlainTextResponse("Content-Length is needed.", 411)(scope, receive, send)
            return
        n_bytes = int(headers.get("content-length", "0"))  # as many as the server lets through
        if _kept() + self._arriving + n_bytes > UPLOADS_AT_ONCE * st.get_option("server.maxUploadSize") * 2**20:
            await PlainTextResponse(NO_ROOM, 413)(scope, receive, send)
            return
        self._arriving += n_bytes
        try:
            await self.app(scope, receive, send)
        finally:
            self._arriving -= n_bytes


def _kept() -> int:
    """Bytes of the uploads in memory."""
    stats = runtime.get_instance().uploaded_file_mgr.get_stats()
    return sum(each.byte_length for family in stats.values() for each in family)  # type: ignore[attr-defined]


def _own_messages(receive: Receive, send: Send) -> Receive:
    """What arrives on a websocket, without messages that are not for the sender's own session.

    What is no message at all ends the connection, in one line of the log; Streamlit would write a traceback.
    """

    async def next_one() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            try:
                if _is_own(message.get("bytes")):
                    return message
            except DecodeError:
                logger.info("A browser sent what is no message; its connection was closed")
                await send({"type": "websocket.close", "code": PROTOCOL_ERROR})
                return {"type": "websocket.disconnect", "code": PROTOCOL_ERROR}

    return next_one


def _is_own(content: bytes | None) -> bool:
    """Raises DecodeError for text, or bytes that are no message."""
    if content is None:
        raise DecodeError("text")
    message = BackMsg.FromString(content)
    return (
        message.WhichOneof("type") in MESSAGES or message.backend_operation_request.WhichOneof("payload") in OPERATIONS
    )
