"""An artifact is whole and ours, or it is refused with one line that says what is wrong and how to mend it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.paths import ROOT
from recsys.serving import artifacts
from recsys.serving.artifacts import ARRAYS, EVALUATION, FORMAT_VERSION, GRAPH, MANIFEST
from recsys.serving.scorers import ScorerState
from recsys.training import train
from tests.toys import genre_tastes

Content = dict[str, Any]
"""A manifest as JSON has it."""


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """60 users and 40 films, the liked and the disliked ones in any order."""
    known = genre_tastes().known
    return replace(known, timestamps=np.random.default_rng(0).permutation(known.timestamps))


@pytest.fixture(scope="module")
def trained(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an ALS artifact, as `train` leaves it."""
    root = tmp_path_factory.mktemp("root")
    train.train(train.Training(registry.entry("als"), dataset, HOLDOUT, device="cpu", root=root))
    return root / "genre-tastes" / "models" / "als"


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    return Path(shutil.copytree(trained, tmp_path / "genre-tastes" / "models" / "als"))


REMEDY = "To fix it: python -m recsys train als --dataset genre-tastes"


def refused(ask: Callable[[], object], says: str = ".") -> None:
    with pytest.raises(ArtifactError, match=says) as caught:
        ask()
    assert str(caught.value).endswith(REMEDY)
    assert "\n" not in str(caught.value)


def change_manifest(folder: Path, change: Callable[[Content], object], *, seal: bool = True) -> None:
    """Change a manifest; sealed with a fresh hash, as a program that means it would."""
    content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    change(content)
    if seal:
        canonical = json.dumps({**content, "sha256": ""}, sort_keys=True, ensure_ascii=False)
        content["sha256"] = artifacts.sha256(canonical.encode(errors="surrogatepass"))
    (folder / MANIFEST).write_text(json.dumps(content), encoding="utf-8")


def plant(folder: Path, name: str, content: bytes) -> None:
    """Put other contents into a file, with the right size and hash: what a foreign program would have written."""
    (folder / name).write_bytes(content)
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    change_manifest(folder, lambda manifest: manifest["files"].update({name: entry}))


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


# Whole


def test_what_was_written_is_what_is_loaded(dataset: Dataset, trained: Path) -> None:
    artifact = artifacts.load(trained, dataset)
    fitted = registry.entry("als").load()().fit(HOLDOUT.final(dataset).known, train.FitOptions())
    histories = dataset.histories()
    np.testing.assert_array_equal(artifact.scorer.score(histories), fitted.score(histories))
    assert artifact.manifest == artifacts.verify(trained)
    assert artifact.manifest.n_bytes == sum(path.stat().st_size for path in trained.iterdir() if path.name != MANIFEST)
    values = artifacts.load_evaluation(trained)
    assert artifact.manifest.metric("ndcg@10") == pytest.approx(np.nanmean(values["ndcg@10"]), rel=1e-6)
    assert np.isnan(artifact.manifest.metric("no such metric"))


def test_the_manifest_says_how_it_was_made(dataset: Dataset, trained: Path) -> None:
    manifest = artifacts.read_manifest(trained)
    assert (manifest.model, manifest.protocol, manifest.seed, manifest.device) == ("als", "holdout", 0, "cpu")
    assert manifest.dataset["fingerprint"] == dataset.fingerprint
    assert manifest.config == {"n_epochs": 10, "reg_i": 10.0, "reg_u": 15.0}
    assert {"recsys", "python", "numpy"} <= set(manifest.versions)
    assert manifest.format_version == FORMAT_VERSION
    assert set(manifest.files) == {ARRAYS, EVALUATION} == {path.name for path in trained.iterdir()} - {MANIFEST}
    low, high = manifest.intervals["ndcg@10"]
    assert low <= manifest.metric("ndcg@10") <= high


def test_a_manifest_is_read_as_it_was_written(dataset: Dataset, tmp_path: Path) -> None:
    written = train.train(train.Training(registry.entry("popularity"), dataset, HOLDOUT, device="cpu", root=tmp_path))
    assert artifacts.read_manifest(tmp_path / "genre-tastes" / "models" / "popularity") == written


def test_folders_have_the_names_of_data_set_and_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder.parents[2]
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(root))
    (root / "genre-tastes" / "models" / ".als-retired-1").mkdir()
    assert artifacts.folder_of("genre-tastes", "als") == folder
    assert (artifacts.datasets(), artifacts.trained("genre-tastes"), artifacts.trained("other")) == (
        ["genre-tastes"],
        ["als"],
        [],
    )


def test_an_undefined_metric_is_null_in_json() -> None:
    assert artifacts.finite_summary({"a": 0.5, "b": float("nan"), "c": 1.0}) == {"a": 0.5, "b": None, "c": 1.0}


# Missing and damaged


def test_a_missing_folder_or_manifest_is_a_model_not_trained(dataset: Dataset, folder: Path) -> None:
    (folder / MANIFEST).unlink()
    refused(lambda: artifacts.load(folder, dataset), "has not been trained on this data set yet")
    shutil.rmtree(folder)
    for ask in (artifacts.read_manifest, artifacts.load_evaluation, artifacts.verify):
        refused(lambda ask=ask: ask(folder), "has not been trained on this data set yet")  # type: ignore[misc]


@pytest.mark.parametrize("name", [ARRAYS, EVALUATION])
def test_a_missing_truncated_or_altered_file(dataset: Dataset, folder: Path, name: str) -> None:
    def ask() -> object:
        return artifacts.load(folder, dataset) if name == ARRAYS else artifacts.load_evaluation(folder)

    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[:-1])
    refused(ask, f"{name} has {len(whole) - 1} bytes, not {len(whole)}: it is damaged")
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    (folder / name).write_bytes(flipped)
    refused(ask, f"{name} does not have the contents that were written: it is damaged")
    refused(lambda: artifacts.verify(folder), "damaged")
    (folder / name).unlink()
    refused(ask, f"{name} cannot be read")
    (folder / name).mkdir()
    refused(ask, f"{name} ")


def test_a_file_that_nobody_named(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    refused(lambda: artifacts.verify(folder), r"Files that the manifest does not name: notes\.txt")


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"\xff\xfe", b"not json", b'{"model": "al', b"9" * 5000],
    ids=["empty", "{", "ff", "text", "cut", "9s"],
)
def test_a_manifest_that_is_not_json(folder: Path, text: bytes) -> None:
    (folder / MANIFEST).write_bytes(text)
    refused(lambda: artifacts.read_manifest(folder), f"{MANIFEST} cannot be read")


def test_a_manifest_of_brackets(folder: Path) -> None:
    (folder / MANIFEST).write_text("[" * 100_000)
    refused(lambda: artifacts.read_manifest(folder), f"{MANIFEST} cannot be read")


@pytest.mark.parametrize("value", [[], "als", 7, None, {}])
def test_json_that_is_not_a_manifest(folder: Path, value: object) -> None:
    (folder / MANIFEST).write_text(json.dumps(value))
    refused(lambda: artifacts.read_manifest(folder), "another program or an old version")


# Of another format, foreign, wrong


@pytest.mark.parametrize(
    ("version", "says"),
    [
        (FORMAT_VERSION + 1, r"from a newer version of this program \(format 2, not 1\)"),
        (0, r"from another program or an old version \(format 0, not 1\)"),
        ("1", r"another program or an old version \(format '1', not 1\)"),
        (None, r"another program or an old version \(format None, not 1\)"),
    ],
)
def test_another_format(folder: Path, version: object, says: str) -> None:
    change_manifest(folder, lambda manifest: manifest.update(format_version=version, something_new=1))
    refused(lambda: artifacts.read_manifest(folder), says)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda m: m.pop("model"), "it has no field model"),
        (lambda m: m.update(colour="red"), "it has a field that is not known: colour"),
        (lambda m: m["dataset"].pop("fingerprint"), "fingerprint"),
        (lambda m: m.update(dataset=[]), "incomplete or wrong"),
        (lambda m: m.update(scorer="factors"), "incomplete or wrong"),
        (lambda m: m.update(summary=[]), "incomplete or wrong"),
        (lambda m: m.update(config=None), "incomplete or wrong"),
        (lambda m: m["summary"].update(rmse="0.9"), "summary.rmse must be a number. Received '0.9'"),
        (lambda m: m["summary"].update({"a\n\x1b[31m": True}), r"must be a number. Received True"),
        (lambda m: m.update(train_seconds="a while"), "train_seconds must be a number. Received 'a while'"),
        (lambda m: m.update(seed=1.5), r"seed must be a whole number. Received 1\.5"),
        (lambda m: m.update(seed=True), "seed must be a whole number. Received True"),
        (lambda m: m.update(seed=2**70), "seed is too large"),
        (lambda m: m.update(label=["A", "B"]), "label must be text"),
        (lambda m: m["intervals"].update(rmse=[0.9]), "the interval of rmse does not have two ends"),
        (lambda m: m.update(calibration=[[0.1, 0.2]]), "a row of the calibration has not three numbers"),
        (lambda m: m["config"].update(lone="\ud800"), "surrogates not allowed"),
        (lambda m: m["config"].update(deep=float("nan")), "NaN is not a number of JSON"),
        (
            lambda m: m.update(model="svd"),
            "The artifact is svd of genre-tastes, and lies where als of genre-tastes",
        ),
        (lambda m: m["dataset"].update(name="demo"), "The artifact is als of demo, and lies where als of genre-tastes"),
        (lambda m: m.update(files=[ARRAYS]), "incomplete or wrong"),
        (lambda m: m["files"][ARRAYS].pop("sha256"), "sha256"),
        (lambda m: m["files"][ARRAYS].update(bytes="many"), "incomplete or wrong"),
        (
            lambda m: m["files"].update({"../../secret": {"bytes": 1, "sha256": ""}}),
            r"it names files .*\.\./\.\./secret",
        ),
        (lambda m: m["files"].update({"/etc/passwd": {"bytes": 1, "sha256": ""}}), "it names files"),
        (lambda m: m["files"].update({"model.pkl": {"bytes": 1, "sha256": ""}}), "it names files"),
    ],
)
def test_a_manifest_that_is_incomplete_or_wrong(folder: Path, change: Callable[[Content], object], says: str) -> None:
    change_manifest(folder, change)
    refused(lambda: artifacts.read_manifest(folder), says)


def test_an_infinite_size(folder: Path) -> None:
    change_manifest(folder, lambda manifest: manifest["files"][ARRAYS].update(bytes=float("inf")))
    refused(lambda: artifacts.read_manifest(folder), "Infinity is not a number of JSON")


def test_arrays_that_unpack_to_too_much_are_not_unpacked(
    folder: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "MAX_ARRAY_BYTES", 100)
    refused(lambda: artifacts.load(folder, dataset), "it unpacks to .* bytes, more than 100")


def test_an_artifact_of_other_data(dataset: Dataset, folder: Path) -> None:
    other = dataset.select(np.arange(1, len(dataset)))
    says = rf"was trained on other data \(genre-tastes, {len(dataset)} ratings\)"
    refused(lambda: artifacts.load(folder, other), says)


N_USERS, N_ITEMS = 60, 40
LARGEST = np.finfo(np.float32).max
BIASES = {"item_bias": np.zeros(N_ITEMS, np.float32), "user_bias": np.zeros(N_USERS, np.float32)}


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({**BIASES, "item_bias": np.zeros(39)}, r"item_bias has shape \(39,\) where 40 rows are needed"),
        ({**BIASES, "user_bias": np.zeros(40)}, r"user_bias has shape \(40,\) where 60 rows are needed"),
        ({**BIASES, "item_bias": np.float32(0)}, "item_bias has shape"),
        ({**BIASES, "item_bias": np.zeros((40, 2, 2))}, "item_bias has shape"),
        ({**BIASES, "item_bias": np.full(40, np.nan)}, "item_bias holds something other than finite numbers"),
        ({**BIASES, "user_bias": np.full(60, np.inf)}, "user_bias holds something other than finite numbers"),
        ({**BIASES, "item_bias": np.array(["a"] * 40)}, "item_bias holds something other than finite numbers"),
        ({**BIASES, "item_colour": np.zeros(40)}, "The model cannot be built from its files"),
        ({"user_bias": np.zeros(60)}, "The model cannot be built from its files"),
    ],
)
def test_arrays_that_do_not_fit(dataset: Dataset, folder: Path, arrays: dict[str, np.ndarray], says: str) -> None:
    plant(folder, ARRAYS, npz(**arrays))
    refused(lambda: artifacts.load(folder, dataset), says)


@pytest.mark.parametrize(
    "arrays",
    [
        {**BIASES, "item_bias": np.zeros((40, 3))},
        {**BIASES, "user_bias": np.zeros((60, 2))},
        {**BIASES, "item_factors": np.zeros((40, 3)), "user_factors": np.zeros((60, 2))},
        {**BIASES, "item_factors": np.zeros(40), "user_factors": np.zeros((60, 2))},
    ],
    ids=["item_bias 2-D", "user_bias 2-D", "factors of different lengths", "item_factors 1-D"],
)
def test_arrays_that_do_not_fit_each_other(dataset: Dataset, folder: Path, arrays: dict[str, np.ndarray]) -> None:
    plant(folder, ARRAYS, npz(**arrays))
    refused(lambda: artifacts.load(folder, dataset))


def test_verify_finds_arrays_that_do_not_fit(folder: Path) -> None:
    plant(folder, ARRAYS, npz(**{**BIASES, "item_bias": np.full(40, np.nan)}))
    refused(lambda: artifacts.verify(folder), "finite numbers")


@pytest.mark.parametrize(
    "arrays",
    [
        {"item_bias": LARGEST * np.ones(N_ITEMS), "user_bias": LARGEST * np.eye(N_USERS)[-1]},
        {**BIASES, "item_factors": np.full((N_ITEMS, 2), 2.0), "user_factors": np.full((N_USERS, 2), LARGEST)},
        {**BIASES, "item_factors": np.zeros((N_ITEMS, 3)), "user_factors": np.zeros((N_USERS, 2))},
        {**BIASES, "item_colour": np.zeros(N_ITEMS)},
    ],
    ids=["one user's bias", "products", "factors of different lengths", "a name that is none"],
)
def test_verify_asks_a_model_of_arrays_once(folder: Path, arrays: dict[str, np.ndarray]) -> None:
    plant(folder, ARRAYS, npz(**{name: each.astype(np.float32) for name, each in arrays.items()}))
    refused(lambda: artifacts.verify(folder), "arrays.npz cannot be used: ")


def test_verify_finds_that_there_is_no_model(folder: Path) -> None:
    (folder / ARRAYS).unlink()
    change_manifest(folder, lambda manifest: manifest["files"].pop(ARRAYS))
    refused(lambda: artifacts.verify(folder))


class Bomb:
    """Shouts when it is unpickled."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (os.environ["BOMB"],)


@pytest.mark.parametrize("name", [ARRAYS, EVALUATION])
def test_a_pickle_is_refused_and_never_run(
    dataset: Dataset, folder: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOMB", str(tmp_path / "exploded"))
    plant(folder, name, npz(item_bias=np.array([Bomb()] * N_ITEMS)))
    with pytest.raises(ArtifactError, match="Object arrays cannot be loaded when allow_pickle=False"):
        artifacts.load(folder, dataset) if name == ARRAYS else artifacts.load_evaluation(folder)
    assert not (tmp_path / "exploded").exists()


def test_an_array_file_that_cannot_be_read_names_the_command(folder: Path) -> None:
    plant(folder, EVALUATION, b"not a zip")
    refused(lambda: artifacts.verify(folder), "cannot be read")


@pytest.mark.parametrize("kind", ["deflate", "npy"])
def test_an_array_file_with_the_right_hash_and_a_wrong_inside(folder: Path, kind: str) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(N_USERS))
    content = bytearray((folder / EVALUATION).read_bytes())
    content[60:90] = b"\xff" * 30
    plant(folder, EVALUATION, bytes(content) if kind == "deflate" else buffer.getvalue())
    with pytest.raises(ArtifactError):
        artifacts.verify(folder)


def test_values_per_user_that_do_not_fit(folder: Path) -> None:
    plant(folder, EVALUATION, npz(**{"ndcg@10": np.zeros(3)}))
    refused(lambda: artifacts.verify(folder), re.escape(f"{EVALUATION} holds ndcg@10 of shape (3,), not (60,)"))


@pytest.mark.parametrize("graph", [b"", b"not a graph", b"\x08\x07" * 50])
def test_a_broken_graph_with_the_right_hash(dataset: Dataset, folder: Path, graph: bytes) -> None:
    settings = {"unit": "stars", "encoder": "rating_vector"}
    change_manifest(folder, lambda manifest: manifest.update(scorer={"kind": "onnx", "settings": settings}))
    plant(folder, GRAPH, graph)
    refused(lambda: artifacts.load(folder, dataset), "The model cannot be built from its files")


@pytest.mark.parametrize(
    "scorer",
    [
        {"kind": "pickle", "settings": {}},
        {"kind": "factors", "settings": {"unit": "stars"}},
        {"kind": "factors", "settings": {"unit": "bananas", "query": "bias"}},
        {"kind": "onnx", "settings": {"unit": "stars", "encoder": "rating_vector"}},
    ],
    ids=["kind", "no query", "unit", "no graph"],
)
def test_a_scorer_that_cannot_be_built(dataset: Dataset, folder: Path, scorer: Content) -> None:
    change_manifest(folder, lambda manifest: manifest.update(scorer=scorer))
    refused(lambda: artifacts.load(folder, dataset), "The model cannot be built from its files")


DAMAGES = st.one_of(
    st.tuples(st.just("flip"), st.floats(0, 1), st.integers(1, 255)),
    st.tuples(st.just("cut"), st.floats(0, 1), st.just(0)),
)


@pytest.fixture(scope="module")
def fuzzed(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy whose manifest is written anew for every example."""
    return Path(shutil.copytree(trained, tmp_path_factory.mktemp("fuzz") / "genre-tastes" / "models" / "als"))


@settings(max_examples=300)
@given(damage=DAMAGES)
def test_a_damaged_manifest_never_raises_anything_else(
    dataset: Dataset, trained: Path, fuzzed: Path, damage: tuple[str, float, int]
) -> None:
    (fuzzed / MANIFEST).write_bytes(damaged((trained / MANIFEST).read_bytes(), *damage))
    expected = artifacts.load(trained, dataset).scorer.score(dataset.histories())
    try:
        scores = artifacts.load(fuzzed, dataset).scorer.score(dataset.histories())
    except ArtifactError as error:
        refusal = str(error)
        assert REMEDY in refusal
    else:  # the damage was to white space between values
        np.testing.assert_array_equal(scores, expected)


def test_a_manifest_with_an_altered_setting_is_refused(dataset: Dataset, folder: Path) -> None:
    change_manifest(folder, lambda manifest: manifest["scorer"]["settings"].update(global_bias=0.25), seal=False)
    refused(lambda: artifacts.load(folder, dataset))


def test_a_manifest_with_an_altered_metric_is_refused(folder: Path) -> None:
    change_manifest(folder, lambda manifest: manifest["summary"].update({"ndcg@10": 0.99}), seal=False)
    refused(lambda: artifacts.verify(folder))


def damaged(content: bytes, kind: str, where: float, bits: int) -> bytes:
    place = min(int(where * len(content)), len(content) - 1)
    if kind == "cut":
        return content[:place]
    return content[:place] + bytes([content[place] ^ bits]) + content[place + 1 :]


# Writing: whole or not at all


def write_again(folder: Path, state: ScorerState | None = None) -> artifacts.Manifest:
    """Write the artifact of a folder over itself, from what is in it."""
    manifest = artifacts.read_manifest(folder)
    with np.load(folder / ARRAYS) as stored:
        arrays = dict(stored)
    state = state or ScorerState(manifest.scorer["kind"], manifest.scorer["settings"], arrays)
    return artifacts.write(folder, manifest, state, artifacts.load_evaluation(folder))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_new_artifact_replaces_the_old_one_and_leaves_nothing_else(dataset: Dataset, folder: Path) -> None:
    (folder / "left over.txt").write_text("from an older version")
    write_again(folder)
    artifacts.verify(folder)
    artifacts.load(folder, dataset)
    assert [path.name for path in folder.parent.iterdir()] == ["als"]
    assert oct(folder.stat().st_mode)[-3:] == "755"


def test_a_write_that_fails_half_way_leaves_the_old_artifact(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(folder)

    def no_space(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for target, name in ((np, "savez_compressed"), (Path, "write_text"), (Path, "rename")):
        with monkeypatch.context() as broken:
            broken.setattr(target, name, no_space)
            with pytest.raises(OSError, match="No space left"):
                write_again(folder)
        assert contents(folder) == before, name
        assert [path.name for path in folder.parent.iterdir()] == ["als"], name


def test_a_failing_last_rename_brings_the_old_artifact_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, rename, calls = contents(folder), Path.rename, []

    def second_fails(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 2:
            raise PermissionError("somebody has the folder open")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", second_fails)
    with pytest.raises(PermissionError):
        write_again(folder)
    assert contents(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["als"]


def test_a_number_that_json_does_not_have_is_not_written(folder: Path) -> None:
    before = contents(folder)
    manifest = replace(artifacts.read_manifest(folder), train_seconds=float("nan"))
    with pytest.raises(ValueError, match="JSON"):
        artifacts.write(folder, manifest, ScorerState("factors", {}, {"item_bias": np.zeros(3)}), {})
    assert contents(folder) == before


def test_what_a_killed_process_left_does_not_stop_the_next_one(folder: Path) -> None:
    retired = folder.with_name(f".als-retired-{os.getpid()}")  # in a container the number is the same every time
    shutil.copytree(folder, retired)
    write_again(folder)
    assert not retired.exists()


# A process without pytest, so that it starts at once; each line on its input starts a writer to be killed.
WRITERS = """
import os, sys
from pathlib import Path
from recsys.serving import artifacts
from recsys.serving.scorers import ScorerState

folder, die_between_renames = Path(sys.argv[1]), sys.argv[2] == "die"
manifest = artifacts.read_manifest(folder)
arrays = artifacts._arrays((folder / artifacts.ARRAYS).read_bytes(), "")
state = ScorerState(manifest.scorer["kind"], manifest.scorer["settings"], arrays)
evaluation = artifacts.load_evaluation(folder)
if die_between_renames:
    rename = Path.rename
    Path.rename = lambda self, target: os._exit(9) if target == folder else rename(self, target)
    artifacts.write(folder, manifest, state, evaluation)
for _ in sys.stdin:
    child = os.fork()
    while child == 0:
        artifacts.write(folder, manifest, state, evaluation)
    print(child, flush=True)
    os.wait()
    print("dead", flush=True)
"""

only_posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


def writers(folder: Path, mode: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITERS, str(folder), mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


@only_posix
def test_a_process_killed_while_writing_leaves_the_old_or_the_new_artifact(dataset: Dataset, folder: Path) -> None:
    random = np.random.default_rng(0)
    with writers(folder) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(10):
            print("go", file=process.stdin, flush=True)
            child = int(process.stdout.readline())
            time.sleep(random.uniform(0.002, 0.03))
            os.kill(child, signal.SIGKILL)
            assert process.stdout.readline() == "dead\n"
            artifacts.verify(folder)
            artifacts.load(folder, dataset)
        process.stdin.close()


@only_posix
def test_a_process_killed_between_the_two_renames_leaves_an_artifact(folder: Path) -> None:
    with writers(folder, "die") as process:
        assert process.wait() == 9
    artifacts.verify(folder)


@only_posix
def test_the_next_write_clears_away_what_a_killed_process_left(folder: Path) -> None:
    with writers(folder, "die") as process:
        assert process.wait() == 9
    write_again(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["als"]
