from __future__ import annotations

import hashlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

import numpy as np
import pytest

from recsys.data import download, transfer, trial
from recsys.data.movielens import reader
from recsys.data.transfer import Transfer
from recsys.errors import DataError, DownloadError, UsageError
from recsys.paths import ROOT
from tests import faults
from tests.faults import CSV, LAYOUTS, ML_100K, write_folder, write_zip
from tests.hostile.liar import Liar

ZIP = faults.zipped(ML_100K, top="ml-100k/")
# Bytes that do not compress, so that a download takes more than one chunk.
BALLAST = np.random.default_rng(0).bytes(1 << 20)
BIG_ZIP = faults.zipped(ML_100K | {"README": BALLAST}, top="ml-100k/")


@dataclass
class Server:
    """A file server on this computer, with faults to order."""

    url: str = ""
    body: bytes = ZIP
    has_ranges: bool = True
    statuses: list[int] = field(default_factory=list)  # for the next requests
    cut: list[int] = field(default_factory=list)  # bytes after which the next answers end
    chunk_pause: float = 0.0
    lie: bytes = b""  # sent after the body, again and again, without a word on how long it will be
    lie_pause: float = 0.0
    length: str = ""  # what it says instead of the body's length
    requests: list[str] = field(default_factory=list)  # what the Range headers said


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            state.requests.append(wanted)
            status = state.statuses.pop(0) if state.statuses else 200
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and state.has_ranges else 0
            if start >= len(state.body):
                status = 416
            if status != 200:
                self.send_error(status)
                return
            body = state.body[start:]
            self.send_response(206 if start else 200)
            if not state.lie:
                self.send_header("Content-Length", state.length or str(len(body)))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(state.body) - 1}/{len(state.body)}")
            self.end_headers()
            if state.cut:
                body = body[: state.cut.pop(0)]
            try:
                for first in range(0, len(body), 1 << 16):
                    self.wfile.write(body[first : first + (1 << 16)])
                    time.sleep(state.chunk_pause)
                while state.lie:
                    self.wfile.write(state.lie)
                    time.sleep(state.lie_pause)
            except OSError:  # the client was killed
                pass

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.daemon_threads = True
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        state.url = f"http://127.0.0.1:{httpd.server_port}"
        yield state
        httpd.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty download folder, no other one, and no waiting between attempts."""
    monkeypatch.delenv("RECSYS_DATA_DIR", raising=False)
    monkeypatch.delenv("RECSYS_DATA_URL", raising=False)
    monkeypatch.setenv("RECSYS_DOWNLOAD_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(transfer, "PAUSE_SECONDS", 0.01)
    expect_md5(monkeypatch, ZIP)
    return tmp_path / "data"


def expect_md5(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    source = replace(download.SOURCES["ml-100k"], md5=hashlib.md5(content).hexdigest())
    monkeypatch.setitem(download.SOURCES, "ml-100k", source)


def get(server: Server, name: str = "ml-100k", folder: Path | None = None) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA_URL", server.url)
        if folder is not None:
            patch.setenv("RECSYS_DOWNLOAD_DIR", str(folder))
        return download.get(name, progress=False)


def refused(server: Server, name: str = "ml-100k", folder: Path | None = None) -> str:
    with pytest.raises(DownloadError) as caught:
        get(server, name, folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


# --------------------------------------------------------------------------------------------------------- the table


def test_the_table_of_sources() -> None:
    assert list(download.SOURCES)[:3] == ["ml-100k", "ml-1m", "ml-10m"]
    for name, source in download.SOURCES.items():
        assert source.name == name
        assert source.licence.startswith("Research use only")
        assert "Harper" in source.citation
        if source.url:
            assert source.url == f"https://files.grouplens.org/datasets/movielens/{name}.zip"
            assert source.n_bytes > 0
            assert source.n_users < source.n_ratings
    unverified = [name for name, source in download.SOURCES.items() if source.url and source.md5 is None]
    assert unverified == ["ml-latest-small", "ml-latest"]
    assert [name for name, source in download.SOURCES.items() if source.has_demographics] == [
        "ml-100k",
        "ml-1m",
        "ml-1m-untimed",
    ]


# ------------------------------------------------------------------------------------------------------------- find


def test_folders_are_looked_through_in_order(places: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert download.data_folders() == [places]
    assert download.find("ml-100k") is None
    write_zip(places / "ml-100k.zip", ML_100K)
    assert download.find("ml-100k") == places / "ml-100k.zip"
    monkeypatch.setenv("RECSYS_DATA_DIR", str(tmp_path / "mine"))
    assert download.data_folders() == [tmp_path / "mine", places]
    assert download.find("ml-100k") == places / "ml-100k.zip"
    write_zip(tmp_path / "mine" / "ml-100k.zip", ML_100K)
    assert download.find("ml-100k") == tmp_path / "mine" / "ml-100k.zip"
    write_folder(tmp_path / "mine" / "ml-100k", ML_100K)
    assert download.find("ml-100k") == tmp_path / "mine" / "ml-100k"


def test_the_default_folder_is_in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECSYS_DOWNLOAD_DIR")
    assert download.download_folder() == ROOT / "data"


def test_a_folder_without_its_files_is_not_found(places: Path) -> None:
    write_folder(places / "ml-100k", faults.without(ML_100K, "u.item"))
    assert download.find("ml-100k") is None


@pytest.mark.parametrize("name", ["ml-3m", "../ml-100k", "", "demo"])
def test_unknown_names(name: str) -> None:
    with pytest.raises(UsageError, match=r"There is no data set .*: ml-100k, ml-1m, .* are known."):
        download.find(name)
    with pytest.raises(UsageError, match="There is no data set"):
        download.get(name)


# --------------------------------------------------------------------------------------------------------------- get


def test_a_download_arrives_whole_and_once(server: Server, places: Path) -> None:
    assert get(server) == places / "ml-100k.zip"
    assert (places / "ml-100k.zip").read_bytes() == ZIP
    assert files_in(places) == ["ml-100k.zip"]
    assert download.find("ml-100k") == places / "ml-100k.zip"
    assert get(server) == places / "ml-100k.zip"
    assert server.requests == [""]
    assert len(reader.load(places / "ml-100k.zip")) == 6


def test_the_environment_names_the_server_and_progress_is_on_stderr(
    server: Server, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECSYS_DATA_URL", server.url + "/")
    download.get("ml-100k")
    out, err = capfd.readouterr()
    assert out == ""
    assert "ml-100k: 100%" in err


def test_a_folder_to_download_into(server: Server, tmp_path: Path, places: Path) -> None:
    assert get(server, folder=tmp_path / "a" / "b") == tmp_path / "a" / "b" / "ml-100k.zip"
    assert files_in(places) == []


def test_an_unpacked_copy_is_good_enough(server: Server, places: Path) -> None:
    folder = write_folder(places / "ml-100k", ML_100K)
    assert get(server) == folder
    assert server.requests == []


def test_a_corrupt_zip_on_disk_is_replaced(server: Server, places: Path) -> None:
    places.mkdir()
    (places / "ml-100k.zip").write_bytes(ZIP[:-5])
    get(server)
    assert (places / "ml-100k.zip").read_bytes() == ZIP


def test_a_wrong_checksum_leaves_nothing(server: Server, places: Path) -> None:
    server.body = ZIP + b"x"
    text = refused(server)
    md5 = download.SOURCES["ml-100k"].md5
    assert f"what arrived has the wrong checksum (expected md5 {md5})." in text
    assert_says_what_to_do(text, server, places)
    assert files_in(places) == []
    assert len(server.requests) == 1


def assert_says_what_to_do(text: str, server: Server, places: Path) -> None:
    assert text.startswith(f"ml-100k could not be downloaded from {server.url}/ml-100k.zip: ")
    assert text.endswith(
        f" Try again (python -m recsys data get ml-100k), or put ml-100k.zip into {places}, "
        "or set RECSYS_DATA_DIR to a folder that has it."
    )


@pytest.mark.parametrize("has_ranges", [True, False])
def test_a_transfer_that_always_ends_early_leaves_nothing(server: Server, places: Path, has_ranges: bool) -> None:
    server.has_ranges, server.cut = has_ranges, [100] * 3
    text = refused(server)
    assert f"the transfer ended after {300 if has_ranges else 100} of {len(ZIP):,} bytes." in text
    assert_says_what_to_do(text, server, places)
    assert files_in(places) == []
    assert len(server.requests) == 3


@pytest.mark.parametrize(("has_ranges", "asked"), [(True, ["", "bytes=100-"]), (False, ["", "bytes=100-"])])
def test_a_transfer_that_ends_early_once_goes_on(
    server: Server, places: Path, has_ranges: bool, asked: list[str]
) -> None:
    server.has_ranges, server.cut = has_ranges, [100]
    get(server)
    assert server.requests == asked
    assert (places / "ml-100k.zip").read_bytes() == ZIP
    assert files_in(places) == ["ml-100k.zip"]


@pytest.mark.parametrize(
    ("part", "asked"),
    [
        (ZIP[:200], ["bytes=200-"]),
        (b"x" * 200, ["bytes=200-", ""]),  # of another release: the checksum tells
        (ZIP, [f"bytes={len(ZIP)}-", ""]),  # all there, but never given its name
        (ZIP + b"more", [f"bytes={len(ZIP) + 4}-", ""]),
        (b"", [""]),
    ],
)
def test_a_part_that_was_left_is_used_if_it_fits(part: bytes, asked: list[str], server: Server, places: Path) -> None:
    places.mkdir()
    (places / ".ml-100k.zip.part").write_bytes(part)
    get(server)
    assert server.requests == asked
    assert (places / "ml-100k.zip").read_bytes() == ZIP
    assert files_in(places) == ["ml-100k.zip"]


def test_a_killed_download_leaves_no_data_set_and_is_continued(
    server: Server, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_md5(monkeypatch, BIG_ZIP)
    server.body, server.chunk_pause = BIG_ZIP, 0.05
    code = "from recsys.data import download; download.get('ml-100k', progress=False)"
    child = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"RECSYS_DATA_URL": server.url})
    part = places / ".ml-100k.zip.part"
    until = time.monotonic() + 15
    while not (part.exists() and part.stat().st_size) and time.monotonic() < until:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    left = part.stat().st_size
    assert 0 < left < len(BIG_ZIP)
    assert files_in(places) == [part.name]
    assert download.find("ml-100k") is None
    assert not (places / "ml-100k.zip").exists()
    server.chunk_pause = 0.0
    get(server)
    assert server.requests == ["", f"bytes={left}-"]
    assert (places / "ml-100k.zip").read_bytes() == BIG_ZIP


def test_a_lost_connection_keeps_what_came(places: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server answers, sends a part and then nothing any more: what came is for the next time."""
    expect_md5(monkeypatch, BIG_ZIP)
    monkeypatch.setattr(download, "TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    kept: list[socket.socket] = []

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BIG_ZIP) + BIG_ZIP[:300_000])
        kept.append(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        text = refused(Server(url=f"http://127.0.0.1:{listener.getsockname()[1]}"))
    kept[0].close()
    assert "the connection was lost after 262,144 bytes." in text  # whole chunks
    assert files_in(places) == [".ml-100k.zip.part"]
    assert download.find("ml-100k") is None
    server.body = BIG_ZIP
    get(server)
    assert server.requests == ["bytes=262144-"]
    assert (places / "ml-100k.zip").read_bytes() == BIG_ZIP


@pytest.mark.parametrize("name", ["ml-100k", "ml-latest-small"])
def test_a_server_that_never_ends(name: str, server: Server, places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a checksum little more than the known size is taken in, without one twice that."""
    source = replace(download.SOURCES[name], n_bytes=1 << 20)
    monkeypatch.setitem(download.SOURCES, name, source)
    server.lie = BALLAST[: 1 << 16]
    largest, bound = [0], Transfer._bound

    def watched(self: Transfer, n_bytes: int) -> None:
        largest[0] = max(largest[0], self.part.stat().st_size)
        bound(self, n_bytes)

    monkeypatch.setattr(Transfer, "_bound", watched)
    assert "the server sends more than the 1,048,576 bytes that it should." in refused(server, name)
    assert largest[0] <= (1.05 if source.md5 else 2) * source.n_bytes
    assert files_in(places) == []
    assert len(server.requests) == 1


def test_a_redirect_whose_body_never_ends(places: Path) -> None:
    """It is not read: what lies behind the redirect is what is wanted."""

    def forever(*_: object) -> Iterator[bytes]:
        yield b"HTTP/1.1 302 Found\r\nLocation: /there.zip\r\n\r\n"
        while True:
            yield bytes(1 << 16)

    liar = Liar(ZIP)
    liar.lies = [(forever, Random(0))]
    assert get(Server(url=liar.url)).read_bytes() == ZIP


def test_a_server_that_says_it_will_send_more(server: Server, places: Path) -> None:
    server.length = str(10 << 20)
    assert "the server sends more than the 4,924,029 bytes that it should." in refused(server)
    server.length = "many"
    assert get(server).read_bytes() == ZIP


def test_a_byte_now_and_then(server: Server, places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never silent for long, and never done: there is an end all the same, and what came is kept."""
    expect_md5(monkeypatch, BIG_ZIP)
    monkeypatch.setattr(transfer, "LEAST_SECONDS", 0.5)
    monkeypatch.setattr(transfer, "SLOWEST", 1e9)
    server.body, server.lie, server.lie_pause = BIG_ZIP[:200_000], b"x", 0.02
    started = time.monotonic()
    assert "it takes more than 0 seconds." in refused(server)
    assert time.monotonic() - started < 2
    assert files_in(places) == [".ml-100k.zip.part"]
    server.body, server.lie = BIG_ZIP, b""
    assert get(server).read_bytes() == BIG_ZIP
    assert server.requests == ["", "bytes=196608-"]


@pytest.mark.parametrize(("status", "n_requests"), [(404, 1), (403, 1), (500, 3), (503, 3)])
def test_an_error_from_the_server(status: int, n_requests: int, server: Server, places: Path) -> None:
    server.statuses = [status] * 3
    text = refused(server)
    assert f": the server answered {status} " in text
    assert len(server.requests) == n_requests
    assert files_in(places) == []


def test_a_server_that_recovers(server: Server) -> None:
    server.statuses = [503, 502]
    assert get(server).read_bytes() == ZIP
    assert len(server.requests) == 3


# -------------------------------------------------------------------------------------------------------- no network


def seconds_to_refuse(server: Server) -> float:
    """With half a second to do it in."""
    start = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(download, "TIMEOUT_SECONDS", 0.5)
        text = refused(server)
    assert "the server does not answer." in text
    return time.monotonic() - start


def test_nobody_listens(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "PAUSE_SECONDS", 0.25)  # there is time for one, not for the second
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert seconds_to_refuse(Server(url=f"http://127.0.0.1:{port}")) < 1
    assert files_in(places) == []


def test_the_name_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert seconds_to_refuse(Server(url="http://files.example")) < 1


def test_the_name_server_never_answers(monkeypatch: pytest.MonkeyPatch, places: Path) -> None:
    """No timeout of a socket covers this."""
    released = threading.Event()

    def hanging(*args: object, **kwargs: object) -> None:
        released.wait(20)
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    assert seconds_to_refuse(Server(url="http://files.example")) < 1
    released.set()
    assert files_in(places) == []


def test_an_address_that_swallows_everything() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # takes connections, never says a word
        silent = Server(url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert seconds_to_refuse(silent) < 1


def test_no_secure_connection(server: Server, places: Path) -> None:
    server.url = server.url.replace("http:", "https:")
    assert "no secure connection to the server is possible: its certificate may have expired." in refused(server)
    assert files_in(places) == []


# -------------------------------------------------------------------------------------------------------------- disk


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk(server: Server, places: Path) -> None:
    places.mkdir()
    (places / ".ml-100k.zip.part").symlink_to("/dev/full")
    text = refused(server)
    assert text == (
        f"ml-100k could not be downloaded: there is no disk space left in {places}. "
        "Free some, or set RECSYS_DOWNLOAD_DIR to another disk."
    )
    assert files_in(places) == []


def test_a_folder_that_cannot_be_made(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    text = refused(server, folder=tmp_path / "file" / "data")
    assert f"{tmp_path / 'file' / 'data'} cannot be written to (Not a directory)." in text
    assert "set RECSYS_DOWNLOAD_DIR to another folder" in text


def test_two_downloads_at_once(server: Server, places: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    places.mkdir()
    with (places / ".ml-100k.zip.part").open("ab") as file:
        file.write(ZIP[:50])
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        text = refused(server)
        assert text == "ml-100k is being downloaded by somebody else right now. Wait until that has finished."
    assert (places / ".ml-100k.zip.part").read_bytes() == ZIP[:50]  # not ours to remove
    assert server.requests == []


# ---------------------------------------------------------------------------------------- zips that change over time


def test_without_a_checksum_the_contents_count(server: Server, places: Path) -> None:
    server.body = faults.zipped(CSV, top="ml-latest-small/")
    get(server, "ml-latest-small")
    assert files_in(places) == ["ml-latest-small.zip"]
    get(server, "ml-latest-small")
    assert len(server.requests) == 1


def test_without_a_checksum_bad_contents_are_refused(server: Server, places: Path) -> None:
    server.body = faults.zipped(faults.changed(CSV, "ratings.csv", b",0.5,", b",9,"))
    text = refused(server, "ml-latest-small")
    assert "what arrived is not a readable data set (a rating is 0.5 to 5 in steps of 0.5. Received '9'.)" in text
    assert files_in(places) == []


def test_without_a_checksum_a_corrupt_zip_on_disk_is_replaced(server: Server, places: Path) -> None:
    server.body = faults.zipped(CSV, top="ml-latest-small/")
    places.mkdir()
    (places / "ml-latest-small.zip").write_bytes(server.body[:-9])
    get(server, "ml-latest-small")
    assert (places / "ml-latest-small.zip").read_bytes() == server.body


@pytest.mark.parametrize("name", ["movielens", "ml-1m-untimed"])
def test_what_is_not_published(name: str, places: Path) -> None:
    with pytest.raises(UsageError) as caught:
        download.get(name)
    assert str(caught.value) == f"{name} is not published as a zip. Put its files into {places / name}."


# ------------------------------------------------------------------------------------------------------------- adopt


def whole(monkeypatch: pytest.MonkeyPatch, name: str = "ml-100k", content: bytes = ZIP) -> None:
    """Let the small file be the whole official data set, known by its checksum or else by its counts."""
    source = download.SOURCES[name]
    md5 = source.md5 and hashlib.md5(content).hexdigest()
    monkeypatch.setitem(download.SOURCES, name, replace(source, md5=md5, n_ratings=6, n_users=3, n_films=4))


@pytest.mark.parametrize("n_ratings", [6, 100_000])
def test_what_only_has_the_numbers_of_an_official_data_set_does_not_take_its_name(
    n_ratings: int, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = replace(download.SOURCES["ml-100k"], n_ratings=n_ratings, n_users=3, n_films=4, md5="0" * 32)
    monkeypatch.setitem(download.SOURCES, "ml-100k", source)
    assert download.adopt(io.BytesIO(ZIP)) == ("movielens", places / "movielens.zip")
    assert download.find("ml-100k") is None


def test_a_part_never_takes_the_name_of_a_whole_that_has_no_checksum(
    places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = faults.zipped(CSV, top="ml-latest-small/")
    assert download.adopt(io.BytesIO(content)) == ("movielens", places / "movielens.zip")
    assert download.find("ml-latest-small") is None
    whole(monkeypatch, "ml-latest-small")
    assert download.adopt(io.BytesIO(content)) == ("ml-latest-small", places / "ml-latest-small.zip")
    part = faults.zipped(CSV | {"ratings.csv": CSV["ratings.csv"][:-25]}, top="ml-latest-small/")
    with pytest.raises(DataError, match=r"it would be 'movielens', and there is another data set of that name"):
        download.adopt(io.BytesIO(part))
    assert download.find("ml-latest-small") == places / "ml-latest-small.zip"
    assert (places / "ml-latest-small.zip").read_bytes() == content


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_upload_gets_the_name_of_its_contents(layout: str, places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = faults.zipped(LAYOUTS[layout], top="holiday-photos/")
    whole(monkeypatch, layout, content)
    name, path = download.adopt(io.BytesIO(content))
    assert (name, path) == (layout, places / f"{layout}.zip")
    assert files_in(places) == [f"{layout}.zip"]
    assert download.find(layout) == path
    assert len(reader.load(path)) == 6


def test_an_upload_replaces_what_cannot_be_read(places: Path) -> None:
    places.mkdir()
    (places / "ml-100k.zip").write_bytes(b"broken")
    stream = io.BytesIO(ZIP)
    stream.read()  # somebody looked at it before
    download.adopt(stream)
    assert (places / "ml-100k.zip").read_bytes() == ZIP
    assert download.adopt(stream) == ("ml-100k", places / "ml-100k.zip")  # the same once more


def test_an_upload_replaces_nothing_else(places: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is opened under its name afterwards is the upload, or it says what is in the way."""
    content = faults.zipped(CSV)
    other = write_zip(places / "movielens.zip", LAYOUTS["ml-10m"])
    before = other.read_bytes()
    with pytest.raises(DataError) as caught:
        download.adopt(io.BytesIO(content))
    assert str(caught.value) == (
        f"the uploaded file: it would be 'movielens', and there is another data set of that name: {other}. "
        "Rename that one, for example to movielens-before.zip in the same folder, and hand in the zip again."
    )
    (places / "movielens-before.zip").touch()
    with pytest.raises(DataError, match=r"to movielens-before1\.zip in the same folder"):
        download.adopt(io.BytesIO(content))
    (places / "movielens-before.zip").unlink()
    assert other.read_bytes() == before
    other.unlink()
    monkeypatch.setenv("RECSYS_DATA_DIR", str(tmp_path / "mine"))
    folder = write_folder(tmp_path / "mine" / "movielens", CSV)
    with pytest.raises(DataError, match=re.escape(f"there is another data set of that name: {folder}.")):
        download.adopt(io.BytesIO(content))
    assert files_in(places) == []


def test_what_is_renamed_as_told_makes_room(places: Path) -> None:
    first, second = (faults.zipped(LAYOUTS[name]) for name in ("movielens", "ml-10m"))
    download.adopt(io.BytesIO(first))
    with pytest.raises(DataError):
        download.adopt(io.BytesIO(second))
    (places / "movielens.zip").rename(places / "movielens-before.zip")
    assert download.adopt(io.BytesIO(second))[1].read_bytes() == second
    assert (places / "movielens-before.zip").read_bytes() == first


def test_what_killed_uploads_have_left_goes(places: Path) -> None:
    places.mkdir()
    old, new = places / ".upload-1.part", places / ".upload-2.part"
    for part in (old, new):
        part.write_bytes(ZIP)
    os.utime(old, (0, 0))
    download.adopt(io.BytesIO(ZIP))
    assert files_in(places) == [new.name, "ml-100k.zip"]


@pytest.mark.parametrize("kind", ["a dangling link", "a folder", "a pipe"])
def test_a_download_replaces_regular_files_only(kind: str, server: Server, places: Path) -> None:
    places.mkdir()
    target = places / "ml-100k.zip"
    make = {
        "a dangling link": lambda: target.symlink_to("nowhere"),
        "a folder": target.mkdir,
        "a pipe": lambda: os.mkfifo(target),
    }
    make[kind]()
    assert "ml-100k.zip is not a regular file, and nothing else is replaced. Move it away first." in refused(server)
    assert server.requests == []


@pytest.mark.parametrize("kind", ["a link", "a folder", "a pipe"])
def test_only_a_regular_file_is_replaced(kind: str, places: Path, tmp_path: Path) -> None:
    places.mkdir()
    target, elsewhere = places / "ml-100k.zip", tmp_path / "precious"
    elsewhere.write_bytes(b"precious")
    make = {
        "a link": lambda: target.symlink_to(elsewhere),
        "a folder": target.mkdir,
        "a pipe": lambda: os.mkfifo(target),
    }
    make[kind]()
    with pytest.raises(DataError, match=r"Rename that one, for example to ml-100k-before\.zip"):
        download.adopt(io.BytesIO(ZIP))
    assert (target.is_symlink(), target.is_dir(), target.is_fifo()) == tuple(kind == each for each in make)
    assert elsewhere.read_bytes() == b"precious"


def test_the_download_folder_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECSYS_DOWNLOAD_DIR", "here")
    assert download.adopt(io.BytesIO(ZIP)) == ("ml-100k", Path("here/ml-100k.zip"))
    with pytest.raises(DataError, match=r"^the uploaded file/some-folder/u\.data, line 1: a rating is 1 to 5"):
        download.adopt(io.BytesIO(faults.zipped(faults.changed(ML_100K, "u.data", b"\t3\t", b"\t8\t"))))


def test_a_zip_is_first_read_in_a_process_with_bounds(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = time.monotonic()
    monkeypatch.setattr(trial, "MAX_SECONDS", 0.05)
    with pytest.raises(DataError, match=r"the uploaded file: to read it takes more than 0\.05 seconds\. Hand in a"):
        download.adopt(io.BytesIO(ZIP))
    monkeypatch.setattr(trial, "MAX_SECONDS", 60)
    monkeypatch.setattr(trial, "MAX_BYTES", 1 << 20)
    with pytest.raises(DataError, match=r"the uploaded file: to read it takes more than 0\.00\d* GiB of memory"):
        download.adopt(io.BytesIO(ZIP))
    assert time.monotonic() - started < 10
    assert files_in(places) == []


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "the uploaded file: the file is empty."),
        (b"not a zip at all", "the uploaded file: the file is not a zip."),
        (ZIP[:-30], "the uploaded file: the zip is damaged or cut short"),
        (faults.zipped({"a.txt": b""}), "the uploaded file: no MovieLens files are in here"),
        (faults.zipped({"../u.data": b""}), "the uploaded file: the zip has a member with an unsafe name"),
        (
            faults.zipped(faults.changed(ML_100K, "u.data", b"\t3\t", b"\t8\t"), top="x/"),
            "the uploaded file/x/u.data, line 1: a rating is 1 to 5 in steps of 1. Received '8'.",
        ),
    ],
)
def test_a_bad_upload_is_refused_and_not_kept(content: bytes, text: str, places: Path) -> None:
    with pytest.raises(DataError) as caught:
        download.adopt(io.BytesIO(content))
    assert str(caught.value).startswith(text)
    assert str(places) not in str(caught.value)  # where it was put for the check is nobody's business
    assert files_in(places) == []


def test_an_upload_that_is_too_large(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "MAX_UPLOAD_BYTES", 1 << 19)
    with pytest.raises(DataError, match=r"the uploaded file: the file is larger than 0 MiB. Copy larger zips"):
        download.adopt(io.BytesIO(BIG_ZIP))
    assert files_in(places) == []


def test_an_upload_onto_a_full_disk(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(download, "_copy", full)
    with pytest.raises(DownloadError, match="the uploaded file could not be saved: there is no disk space left in"):
        download.adopt(io.BytesIO(ZIP))
    assert files_in(places) == []
