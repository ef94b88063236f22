"""The service: the answers of `import recsys` over HTTP, and one sentence for whatever it cannot answer."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest

import recsys
from recsys.__main__ import main
from recsys.paths import ARTIFACTS, ROOT

testclient = pytest.importorskip("starlette.testclient", reason="the `serve` extra is not installed")
api = pytest.importorskip("recsys.cli.serve.api", reason="the `serve` extra is not installed")


@pytest.fixture(scope="module")
def client():
    with testclient.TestClient(api.create(), base_url="http://localhost", raise_server_exceptions=False) as opened:
        yield opened


def test_it_says_that_it_is_there(client) -> None:
    assert client.get("/health").json() == {"status": "ok", "version": recsys.__version__}
    assert "demo" in {it["name"] for it in client.get("/datasets").json()}
    assert "/datasets/{dataset}/explain" in client.get("/openapi.json").json()["paths"]


def test_lists_are_those_of_the_library(client) -> None:
    given = client.get("/datasets/demo/recommend", params={"user": 7, "models": ["als", "bpr"], "k": 3}).json()
    mine = recsys.open("demo").recommend(7, models=["als", "bpr"], k=3)
    assert given["failed"] == {}
    for model, films in given["lists"].items():
        assert films == mine[mine["model"] == model].drop(columns="model").to_dict(orient="records")
    asked = {"films": {"1": 5, "2": 4}, "models": ["ease"], "k": 2}
    given = client.post("/datasets/demo/recommend", json=asked).json()["lists"]
    mine = recsys.open("demo").recommend(films={1: 5, 2: 4}, models=["ease"], k=2)
    assert given == {"ease": mine.drop(columns="model").to_dict(orient="records")}


def test_reasons_are_those_of_the_library(client) -> None:
    given = client.get("/datasets/demo/explain", params={"user": 7, "film": 1, "model": "als"}).json()
    mine = recsys.open("demo").explain(7, 1, "als")
    assert given == {**mine.attrs, "parts": mine.to_dict(orient="records")}


def test_models_are_those_that_are_on_record(client) -> None:
    found = client.get("/datasets/demo/models").json()
    assert found["failed"] == {}
    for name, facts in found["models"].items():
        manifest = json.loads((ARTIFACTS / "demo" / "models" / name / "manifest.json").read_text())
        assert facts["metrics"] == manifest["summary"]


def test_a_damaged_model_does_not_silence_the_others(client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ARTIFACTS / "demo", tmp_path / "demo", ignore=shutil.ignore_patterns("gru*", "auto*"))
    (tmp_path / "demo" / "models" / "bpr" / "manifest.json").write_text("{")
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path))
    monkeypatch.setattr(api, "_open", {})
    found = client.get("/datasets/demo/recommend", params={"user": 7}).json()
    assert "als" in found["lists"]
    assert list(found["failed"]) == ["bpr"]
    assert "cannot be read" in found["failed"]["bpr"]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/datasets/nope/models", 404, "There is no data set 'nope' here"),
        ("/datasets/..%2F..%2Fetc/models", 404, "/openapi.json"),
        ("/datasets/demo/recommend?user=7&models=nope", 422, "no model 'nope'"),
        ("/datasets/demo/recommend?user=999999999", 422, "no id 999999999"),
        ("/datasets/demo/recommend?user=" + "9" * 5000, 422, "query user"),
        ("/datasets/demo/recommend?user=-1", 422, "Received '-1'"),
        ("/datasets/demo/recommend?user=1_0", 422, "query user: A whole number is needed. Received '1_0'."),
        ("/datasets/demo/recommend?user=1.0", 422, "A whole number is needed"),
        ("/datasets/demo/recommend?user=%201", 422, "A whole number is needed"),
        ("/datasets/demo/recommend?user=7&k=1_0", 422, "query k: A whole number is needed"),
        ("/datasets/demo/recommend?user=7&k=101", 422, "less than or equal to 100"),
        ("/datasets/demo/recommend", 422, "query user: Field required"),
        ("/datasets/demo/explain?user=7&film=1&model=" + "a" * 100, 422, "query model"),
        ("/datasets/demo/explain?user=7&film=1&model=gone%00", 422, "no model 'gone\\x00'"),
        ("/nothing", 404, "/openapi.json"),
        (
            "/datasets/demo/recommend?user=7&modles=als",
            422,
            "'modles' is no name that can be asked with",
        ),
        ("/datasets/demo/recommend?user=7&k=1&k=3", 422, "k may be said only once"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(client, path: str, status: int, says: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert says in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert len(answer.json()["error"]) < 500


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b'{"films": {"1": 9}}', 422, "Stars go from 1 to 5"),
        (b'{"films": {"1": NaN}}', 422, "Stars go from 1 to 5"),
        (b'{"films": {"999999": 5}}', 422, "no id 999999"),
        (b'{"films": {}}', 422, "body films"),
        (b'{"films": {"1": 5}, "K": 3}', 422, "body K"),
        (b'{"films": {"1": true}}', 422, "body films 1"),
        (b'{"films": {"1": "5"}}', 422, "body films 1"),
        (b'{"films": {"1": 5, "01": 4}}', 422, "A whole number is needed. Received '01'"),
        (b'{"films": {"1_0": 5}}', 422, "A whole number is needed"),
        (b'{"films": {"1.0": 5}}', 422, "A whole number is needed"),
        (b'{"films": {"1": 5}, "k": true}', 422, "body k: A whole number is needed. Received True."),
        (json.dumps({"films": dict.fromkeys(range(1, 600), 5)}).encode(), 422, "body films"),
        (b"[" * 10_000, 400, "parsing the body"),
        (b"{", 422, "body"),
        (b"\xff", 400, "parsing the body"),
        (b"x" * 70_000, 413, "65,536 bytes"),
    ],
)
def test_somebody_new_is_held_to_bounds(client, body: bytes, status: int, says: str) -> None:
    answer = client.post("/datasets/demo/recommend", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, says in answer.json()["error"]) == (status, True)


def test_a_length_is_said_and_the_host_is_this_computer(client) -> None:
    assert client.post("/datasets/demo/recommend", content=iter([b"{}"])).status_code == 411
    assert client.get("/health", headers={"host": "elsewhere.example"}).status_code == 403
    everybody = testclient.TestClient(api.create("0.0.0.0"))
    assert everybody.get("/health", headers={"host": "elsewhere.example"}).status_code == 200


def test_without_its_library_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("recsys.cli.serve.command.find_spec", lambda name: None)
    assert main(["serve"]) == 2
    assert "fastapi is not installed: python -m pip install -r requirements-serve.txt" in capsys.readouterr().err


def test_headers_have_bounds_whatever_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """httptools, which uvicorn prefers where it is, keeps all headers that somebody sends."""
    served = []
    monkeypatch.setattr("uvicorn.Server.run", lambda self, sockets: served.append(self.config.http))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert main(["serve", "--port", str(port)]) == 0
    assert served == ["h11"]


@pytest.mark.process
def test_it_serves_until_it_is_stopped() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = subprocess.run(_command(port), cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 2
    assert f"recsys: Nothing can listen at 127.0.0.1, port {port}: Address already in use" in refused.stderr
    as_typed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell's jobs in the background ignore it
    with subprocess.Popen(_command(port), cwd=ROOT, stderr=subprocess.PIPE, text=True, preexec_fn=as_typed) as served:
        assert served.stderr is not None
        assert "/openapi.json" in served.stderr.readline()
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=30) as answer:
            assert json.load(answer)["status"] == "ok"
        served.send_signal(signal.SIGINT)
        assert served.stderr.read() == "recsys: stopped\n"
    assert served.returncode == 130


def _command(port: int) -> list[str]:
    return [sys.executable, "-m", "recsys", "serve", "--port", str(port)]
