from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recsys.__main__ import main
from recsys.cli import verify
from recsys.errors import ArtifactError, UsageError
from recsys.paths import ROOT
from recsys.serving import artifacts, records

FACTS, ARRAYS = {"name": "Amélie", "value": 0.5}, {"stars": np.array([4.5, 5.0])}
HOW = ("The record", "make it")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = records.folder_of("demo", records.RESULTS, tmp_path) / "top" / "bpr.json"
    records.write(path, FACTS, ARRAYS)
    return path


def test_what_is_written_is_read_and_nothing_is_none(path: Path) -> None:
    found = records.read_arrays(path, *HOW)
    assert found is not None
    facts, arrays = found
    assert {name: facts[name] for name in FACTS} == FACTS
    np.testing.assert_array_equal(arrays["stars"], ARRAYS["stars"])
    assert records.read(path.with_name("als.json"), *HOW) is None
    assert records.all_of(records.RESULTS, path.parents[3]) == [("demo", "top", "bpr")]
    assert records.strays(path.parents[3]) == []


def test_one_digit_edited_is_noticed(path: Path) -> None:
    """Whoever edits a number edits a line of another file too, or is found out."""
    path.write_text(path.read_text().replace("0.5", "0.6"))
    with pytest.raises(ArtifactError, match=r"bpr\.json cannot be read: it is not what was written.* make it$"):
        records.read(path, *HOW)
    records.write(path, FACTS, ARRAYS)
    assert records.read(path, *HOW) is not None


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"value": "\\ud800"}'])
def test_damage_has_one_rule(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"bpr\.json cannot be read: "):
        records.read(path, *HOW)


def test_two_writers_in_a_folder_lose_nothing(path: Path) -> None:
    records.write(path.with_name("als.json"), FACTS)
    for name in ("als", "bpr"):
        assert records.read(path.with_name(f"{name}.json"), *HOW) is not None


def test_the_sums_are_those_of_the_system(path: Path) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("no sha256sum here")
    subprocess.run(["sha256sum", "-c", "--strict", records.SUMS], cwd=path.parent, check=True, capture_output=True)


def test_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("a file")
    with pytest.raises(UsageError, match="Nothing can be written to"):
        records.write(records.folder_of("demo", records.FILMS, tmp_path) / "bpr.json", FACTS)


def edited(path: Path) -> None:
    path.write_text(path.read_text().replace("0.", "0.9", 1))


@pytest.mark.parametrize(
    ("kind", "damage"),
    [(kind, damage) for kind in records.DEPTHS for damage in (edited, Path.unlink)],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_verify_opens_every_kind_of_record(
    kind: str,
    damage: Callable[[Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    root = tmp_path / "artifacts"
    for dataset in ("demo", "ml-100k"):
        (root / dataset / "models").mkdir(parents=True)
    shutil.copytree(ROOT / "artifacts" / "demo" / "models" / "random", root / "demo" / "models" / "random")
    source = ROOT / "artifacts" / "ml-100k" / kind
    shutil.copytree(source, root / "ml-100k" / kind)
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(root))
    assert main(["verify"]) == 0
    victim = next((root / "ml-100k" / kind).rglob("bpr.json"))
    damage(victim)
    assert main(["verify"]) == 2
    said = capsys.readouterr()
    assert f"broken  {victim.relative_to(root).as_posix().removesuffix('.json')}" in said.out
    assert said.err.startswith("recsys: ")


def test_a_file_that_nobody_put_on_record_is_named(path: Path) -> None:
    (path.parent / "mine.txt").write_text("")
    assert [each.name for each in records.strays(path.parents[3])] == ["mine.txt"]
    with pytest.raises(ArtifactError, match=r"Delete it: rm .*mine\.txt"):
        records.refuse(path.parent / "mine.txt")


@pytest.mark.parametrize("place", ["bpr.json", "top/deeper/bpr.json", "SHA256SUMS"])
def test_what_lies_too_high_or_too_deep_is_a_stray(place: str, path: Path) -> None:
    """`verify` took the folders of a record's path for its names, and ended in a TypeError."""
    root, other = path.parents[3], path.parents[1] / place
    other.parent.mkdir(exist_ok=True)
    shutil.copytree(path.parent, other.parent, dirs_exist_ok=True)
    assert records.all_of(records.RESULTS, root) == [("demo", "top", "bpr")]
    assert other in records.strays(root)
    with pytest.raises(ArtifactError, match=r"No record belongs into this folder\. Delete it: rm "):
        records.refuse(other)
    (root / "demo" / "models").mkdir()
    assert f"demo/results/{place}" in dict(verify.checks(root))


@pytest.mark.parametrize("kind", records.DEPTHS)
@pytest.mark.parametrize("other", ["model", "data set"])
def test_a_record_that_lies_where_another_belongs_is_refused(kind: str, other: str, tmp_path: Path) -> None:
    """Under a sum that is right: copied, not edited."""
    source = next((ROOT / "artifacts" / "ml-100k" / kind).rglob("bpr.json"))
    to_dataset, to_model = ("ml-100k", "als") if other == "model" else ("demo", "bpr")
    place = tmp_path / to_dataset / source.relative_to(ROOT / "artifacts" / "ml-100k").with_name(f"{to_model}.json")
    place.parent.mkdir(parents=True)
    copied = {place.with_suffix(each.suffix): each for each in (source, source.with_suffix(".npz")) if each.exists()}
    for to, each in copied.items():
        shutil.copy(each, to)
    sums = [f"{artifacts.sha256(each.read_bytes())}  {to.name}\n" for to, each in copied.items()]
    (place.parent / records.SUMS).write_text("".join(sums))
    (check,) = dict(verify.checks(tmp_path)).values()
    with pytest.raises(
        ArtifactError, match=f"it is of the .*, and lies where {to_dataset if other != 'model' else 'als'}"
    ):
        check()


def test_a_change_of_any_file_changes_the_digest(tmp_path: Path) -> None:
    """Two people who read the same hash at the end of `verify` have the same models and records."""
    folder = Path(shutil.copytree(ROOT / "artifacts" / "demo", tmp_path / "demo"))
    whole = verify.digest(folder)
    assert whole == verify.digest(ROOT / "artifacts" / "demo")
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 60
    for path in files:
        before = path.read_bytes()
        path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        assert verify.digest(folder) != whole, path
        path.write_bytes(before)
    files[0].rename(files[0].with_name("other"))
    assert verify.digest(folder) != whole


def test_what_is_committed_is_whole() -> None:
    root = ROOT / "artifacts"
    assert records.strays(root) == []
    assert {kind for kind in records.DEPTHS if records.all_of(kind, root)} == set(records.DEPTHS)
    for kind in records.DEPTHS:
        for dataset, *names in records.all_of(kind, root):
            path = records.folder_of(dataset, kind, root).joinpath(*names[:-1]) / f"{names[-1]}.json"
            assert json.loads(path.read_bytes()) == records.read(path, *HOW)


def test_a_model_where_older_versions_kept_it_says_how_to_move_it(tmp_path: Path) -> None:
    old = artifacts.old_folder_of("demo", "als", tmp_path)
    shutil.copytree(ROOT / "artifacts" / "demo" / "models" / "als", old)
    with pytest.raises(ArtifactError, match=f"To move it: mv {old} {tmp_path}/demo/models/$"):
        artifacts.read_manifest(artifacts.folder_of("demo", "als", tmp_path))
