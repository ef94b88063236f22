from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.training import progress
from recsys.training.progress import Record, Writer, read


def test_what_is_written_is_read(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "p.jsonl")
    writer.write("started", device="CPU, 2 cores", n_epochs=3)
    writer.write("epoch", epoch=1, n_epochs=3, loss=0.5, metric="ndcg@10", value=0.125, best_epoch=1)
    writer.close()
    started, epoch = read(tmp_path / "p.jsonl")
    assert (started.event, started.device, started.n_epochs) == ("started", "CPU, 2 cores", 3)
    assert (epoch.epoch, epoch.loss, epoch.metric, epoch.value, epoch.best_epoch) == (1, 0.5, "ndcg@10", 0.125, 1)
    assert epoch.elapsed >= started.elapsed
    assert started.memory_mb is not None
    assert started.memory_mb > 1


def test_batches_are_thinned_out(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "p.jsonl")
    for batch in range(1, 1001):
        writer.write_batch(epoch=1, n_epochs=1, batch=batch, n_batches=1000, loss=1.0)
    assert 1 <= len(read(tmp_path / "p.jsonl")) < 100


def test_a_loss_that_is_not_a_number_is_left_out(tmp_path: Path) -> None:
    Writer(tmp_path / "p.jsonl").write("epoch", epoch=1, loss=float("nan"), value=float("inf"))
    assert "NaN" not in (tmp_path / "p.jsonl").read_text()
    (record,) = read(tmp_path / "p.jsonl")
    assert record.loss is None
    assert record.value is None


def test_a_line_that_is_still_being_written_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"event": "started"}\n{"event": "epo')
    assert [record.event for record in read(path)] == ["started"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "not json",
        "[1, 2]",
        "null",
        '"started"',
        '{"event": "exploded"}',
        '{"event": "epoch", "phase": "other"}',
        "[" * 100_000,
        '{"event": ["epoch"]}',
        '{"event": "epoch", "phase": {}}',
    ],
)
def test_garbage_is_left_out(line: str, tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(f'{{"event": "started"}}\n{line}\n{{"event": "finished"}}\n')
    assert [record.event for record in read(path)] == ["started", "finished"]


def test_nonsense_in_a_field_counts_as_absent(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    values = {"epoch": -1, "n_epochs": 2.5, "batch": True, "loss": "much", "value": 1e300, "eta": 10**400}
    values |= {"message": "x" * 10_000, "device": 7, "surprise": 1}
    path.write_text(json.dumps({"event": "epoch", **values}) + "\n")
    (record,) = read(path)
    assert record == Record("epoch", message="x" * progress.MAX_TEXT)


@given(st.binary(max_size=400))
def test_no_bytes_raise(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("garbage") / "p.jsonl"
    path.write_bytes(b'{"event": "started"}\n' + content + b'\n{"event": "finished"}\n')
    events = [record.event for record in read(path)]
    assert events[0] == "started"
    assert events[-1] == "finished"


def test_of_an_endless_file_the_beginning_and_the_end_are_read(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    with path.open("wb") as file:
        file.write(b'{"event": "started", "device": "here"}\n')
        for _ in range(12):
            file.write(b"x" * 2**20 + b"\n")
        file.write(b'{"event": "failed", "message": "full"}\n')
    assert os.path.getsize(path) > 2 * progress.MAX_BYTES
    assert [record.event for record in read(path)] == ["started", "failed"]


def test_no_file_is_no_progress(tmp_path: Path) -> None:
    assert read(tmp_path / "missing.jsonl") == []
    assert read(tmp_path) == []  # a folder


def test_a_reader_meets_whole_lines_only(tmp_path: Path) -> None:
    path, stop = tmp_path / "p.jsonl", threading.Event()

    def write() -> None:
        writer = Writer(path)
        while not stop.is_set():
            writer.write("epoch", epoch=1, n_epochs=2, message="é" * 200)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(100):
            assert all(record.message == "é" * 200 for record in read(path))
    finally:
        stop.set()
        thread.join()
