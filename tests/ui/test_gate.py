"""What Streamlit's own server is kept from doing for visitors: its real routes, behind the gate, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette.starlette_routes import create_upload_routes
from streamlit.web.server.starlette.starlette_websocket import create_websocket_routes

from recsys.data import download
from recsys.data.sources import SOURCES
from recsys.serving import new_user
from recsys.ui import gate
from recsys.ui.gate import Gate
from tests.app import finish

LOCAL, PUBLIC = "localhost:8501", "demo.example:8501"
TOKEN = f"2|00000000|{'0' * 32}|1"
"""Anybody can make one: Streamlit compares the cookie with the header, and both are the visitor's."""


class Server:
    """Streamlit's routes for uploads and messages behind the gate."""

    def __init__(self) -> None:
        self.uploaded_file_mgr = MemoryUploadedFileManager(gate.UPLOADS.rstrip("/"))
        self.heard: list[str | None] = []
        self.n_connected = 0
        own: Any = self
        routes = create_upload_routes(own, self.uploaded_file_mgr, "") + create_websocket_routes(own, "")
        self._app = Starlette(routes=routes, middleware=[Middleware(Gate)])

    def is_active_session(self, _session: str) -> bool:
        return True

    def connect_session(self, **_: object) -> str:
        self.n_connected += 1
        return "session"

    def disconnect_session(self, *_: object, **__: object) -> None: ...

    def handle_backmsg(self, _session: str, message: BackMsg, **_: object) -> None:
        self.heard.append(message.WhichOneof("type"))

    @property
    def n_kept(self) -> int:
        return sum(len(files) for files in self.uploaded_file_mgr.file_storage.values())

    def put(self, content: bytes, file: str = "f", *, host: str = LOCAL, base: str = "", chunked: bool = False) -> int:
        """The status of an upload; -1 where its body was read and it was refused all the same."""
        part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f.zip"\r\n\r\n'
        body, was_read = part + content + b"\r\n--x--\r\n", False
        length = {"transfer-encoding": "chunked"} if chunked else {"content-length": str(len(body))}
        headers = {"host": host, "cookie": f"_streamlit_xsrf={TOKEN}", "x-xsrftoken": TOKEN, **length}
        headers["content-type"] = "multipart/form-data; boundary=x"

        async def receive() -> dict[str, Any]:
            nonlocal was_read
            was_read = True
            return {"type": "http.request", "body": body}

        path = f"{base}{gate.UPLOADS}session/{file}"
        sent = self._ask({"type": "http", "method": "PUT", "path": path, "query_string": b""}, headers, receive)
        status = int(sent[0]["status"])
        return -1 if was_read and status == 403 else status

    def say(self, messages: Sequence[dict[str, Any]], host: str = LOCAL, **headers: str) -> None:
        """Open a websocket, send these, close it."""
        left = [{"type": "websocket.connect"}, *messages, {"type": "websocket.disconnect", "code": 1000}]

        async def receive() -> dict[str, Any]:
            return left.pop(0)

        scope = {"type": "websocket", "path": "/_stcore/stream", "query_string": b"", "subprotocols": []}
        self._ask(scope, {"host": host, **headers}, receive)

    def _ask(self, scope: dict[str, Any], headers: dict[str, str], receive: Callable[[], Any]) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        async def send(message: Any) -> None:
            sent.append(message)

        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        whole = {**scope, "headers": raw, "root_path": "", "extensions": {"websocket.http.response": {}}}
        finish(self._app(whole, receive, send))
        return sent


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr(runtime, "get_instance", lambda: made)
    return made


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the operator has set; what is changed here holds from then on."""
    real, own = streamlit.get_option, {"server.address": "localhost", "server.allowedHosts": []}
    monkeypatch.setattr(streamlit, "get_option", lambda name: own[name] if name in own else real(name))
    return own


def sent(**kind: Any) -> dict[str, Any]:
    return {"type": "websocket.receive", "bytes": BackMsg(**kind).SerializeToString()}


def test_on_a_public_address_an_upload_is_refused_before_it_is_read(server: Server, options: dict[str, Any]) -> None:
    options["server.address"] = "0.0.0.0"
    assert [server.put(b"zip", host=PUBLIC), server.put(b"zip", host=LOCAL)] == [403, 403]
    assert server.put(b"zip", base="/somewhere") == 403
    assert server.n_kept == 0


def test_a_server_that_is_told_to_serve_other_hosts_is_public(server: Server, options: dict[str, Any]) -> None:
    options["server.allowedHosts"] = ["demo.example"]  # by a proxy on this computer
    assert server.put(b"zip", host=PUBLIC) == 403
    options["server.allowedHosts"] = ["localhost", "127.0.0.1"]
    assert server.put(b"zip") == 204


def test_uploads_at_this_computer_fill_no_memory(server: Server, options: dict[str, Any]) -> None:
    options["server.maxUploadSize"] = 1
    content = bytes(900_000)
    assert [server.put(content, f"f{number}") for number in range(5)] == [204, 204, 204, 413, 413]
    server.uploaded_file_mgr.remove_file("session", "f0")
    assert server.put(content, "g") == 204
    assert server.put(content, "h", chunked=True) == 411
    assert server.n_kept == gate.UPLOADS_AT_ONCE


def test_uploads_that_are_on_their_way_count_as_well(server: Server, options: dict[str, Any]) -> None:
    options["server.maxUploadSize"] = 1
    statuses: list[int] = []

    async def slow(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await asyncio.sleep(0.05)
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def several() -> None:
        waiting = Gate(slow)
        headers = [(b"host", LOCAL.encode()), (b"content-length", b"900000")]
        scope = {"type": "http", "method": "PUT", "path": f"{gate.UPLOADS}s/f", "headers": headers}

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None:
            statuses.extend([message["status"]] if "status" in message else [])

        await asyncio.gather(*(waiting(scope, receive, send) for _ in range(5)))
        await waiting(scope, receive, send)

    finish(several())
    assert sorted(statuses) == [204, 204, 204, 204, 413, 413]


def test_the_largest_upload_is_the_largest_data_set_that_is_handed_in() -> None:
    limit = download.MAX_UPLOAD_BYTES
    assert streamlit.get_option("server.maxUploadSize") << 20 == limit
    assert SOURCES["ml-10m"].n_bytes < limit < 1.1 * SOURCES["ml-10m"].n_bytes


@pytest.mark.parametrize("address", ["localhost", "0.0.0.0"])
def test_a_visitor_empties_nobodys_caches(server: Server, options: dict[str, Any], address: str) -> None:
    options["server.address"] = address
    odd = [sent(clear_cache=True), sent(load_git_info=True), sent(set_run_on_save=True), sent()]
    odd += [sent(backend_operation_request={"request_id": "1"}), sent(debug_shutdown_runtime=True)]
    odd += [sent(backend_operation_request={"request_id": "1", "install_skills": {}})]
    server.say([*odd, sent(rerun_script=ClientState()), *odd, sent(stop_script=True), sent(app_heartbeat=True)])
    assert server.heard == ["rerun_script", "stop_script", "app_heartbeat"]


def test_a_file_that_a_page_offers_is_made(server: Server, options: dict[str, Any]) -> None:
    server.say([sent(backend_operation_request={"request_id": "1", "deferred_file": {"file_id": "x"}})])
    assert server.heard == ["backend_operation_request"]


@pytest.mark.parametrize("odd", [{"bytes": b"\xff\xff"}, {"text": "text"}])
def test_what_is_no_message_ends_the_connection_in_one_line(
    server: Server, options: dict[str, Any], odd: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    server.say([{"type": "websocket.receive", **odd}, sent(rerun_script=ClientState())])
    assert server.heard == []
    assert server.n_connected == 1
    said = [record for record in caplog.records if record.name.startswith(("streamlit", "recsys"))]
    assert [(record.name, record.exc_info) for record in said] == [("recsys.ui", None)]


def test_messages_are_too_small_to_fill_the_memory() -> None:
    """Compressed they are a thousandth on their way, so that a few connections would do."""
    assert streamlit.get_option("server.maxMessageSize") <= 10
    assert 5 * new_user.MAX_TEXT < streamlit.get_option("server.maxWidgetStateSize") * 1_000_000 <= 2_000_000


def test_all_kinds_of_messages_are_known() -> None:
    """A new kind is refused until somebody has looked at what it does to others."""
    refused = {"clear_cache", "set_run_on_save", "load_git_info", "backend_operation_request"}
    refused |= {"debug_disconnect_websocket", "debug_shutdown_runtime"}
    assert {field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields} == gate.MESSAGES | refused
    operations = BackMsg.DESCRIPTOR.fields_by_name["backend_operation_request"].message_type.oneofs_by_name["payload"]
    refused = {"install_skills", "dismiss_skills_nudge"}
    assert {field.name for field in operations.fields} == gate.OPERATIONS | refused


@pytest.mark.parametrize(
    ("host", "is_let_in"),
    [
        ("localhost:8501", True),
        ("LOCALHOST", True),
        ("127.0.0.1:8501", True),
        ("127.1.2.3", True),
        ("[::1]:8501", True),
        ("evil.example:8501", False),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("192.168.1.7:8501", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_a_name_that_leads_here_from_elsewhere_has_no_rights(
    server: Server, options: dict[str, Any], host: str, is_let_in: bool
) -> None:
    server.say([sent(rerun_script=ClientState())], host, origin=f"http://{host}")
    assert server.heard == ["rerun_script"] * is_let_in
    assert server.put(b"zip", host=host) == (204 if is_let_in else 403)


def test_a_page_elsewhere_has_no_rights_by_its_origin(server: Server, options: dict[str, Any]) -> None:
    server.say([sent(rerun_script=ClientState())], LOCAL, origin="http://evil.example:8501")
    assert server.n_connected == 0


@pytest.mark.parametrize("host", ["192.168.1.7:8501", "demo.example", "localhost:8501"])
def test_a_public_server_answers_by_any_name_that_it_was_not_told_to_refuse(
    server: Server, options: dict[str, Any], host: str
) -> None:
    options["server.address"] = "0.0.0.0"  # a class room, by the number of the teacher's computer
    server.say([sent(rerun_script=ClientState())], host, origin=f"http://{host}")
    assert server.heard == ["rerun_script"]


def test_hosts_that_are_named_are_the_only_ones(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    real = streamlit.config.get_option
    own = {"server.address": "0.0.0.0", "server.allowedHosts": ["demo.example"]}
    for module in (streamlit.config, streamlit):
        monkeypatch.setattr(module, "get_option", lambda name: own[name] if name in own else real(name))
    server.say([sent(rerun_script=ClientState())], "evil.example", origin="http://evil.example")
    server.say([sent(stop_script=True)], "demo.example", origin="https://demo.example")
    assert server.heard == ["stop_script"]
