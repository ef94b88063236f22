"""What is on record beside the trained models: artifacts/<dataset>/<kind>/[<protocol>/]<model>.json, some with arrays.

One rule for all of them. A record is written whole or not at all. Its SHA-256 stands beside it in SHA256SUMS, which
`sha256sum -c` reads too; that of its arrays, in <model>.npz, stands in the record as well. Reading gives None
where there is none, the record where it is sound and of what its place says, and else an ArtifactError that names the
command that makes it again.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from filelock import FileLock

from recsys.errors import ArtifactError, UsageError, reason, show
from recsys.files import read_bounded, write_whole
from recsys.json_types import as_type, parse
from recsys.paths import ARTIFACTS
from recsys.serving.artifacts import MAX_FILE_BYTES, arrays_in, artifacts_root, prepare, sha256

T = TypeVar("T")
RESULTS, FILMS, EXPLANATIONS = "results", "films", "explanations"
NEW_USERS, SEARCHES, CURVES = "newcomers", "searches", "curves"
DEPTHS = {RESULTS: 2, FILMS: 1, EXPLANATIONS: 1, NEW_USERS: 1, SEARCHES: 2, CURVES: 1}
"""Kind -> how deep its records lie: some have a folder per protocol."""
SUMS = "SHA256SUMS"
VALUES = "values_sha256"


def folder_of(dataset: str, kind: str, root: Path | None = None) -> Path:
    return (root or artifacts_root()) / dataset / kind


def roots(root: Path | None = None) -> list[Path]:
    """Where to look for what training goes by: the artifacts in use, then those that come with the app."""
    return [root] if root else list(dict.fromkeys((artifacts_root(), ARTIFACTS)))


def all_of(kind: str, root: Path | None = None) -> list[tuple[str, ...]]:
    """(dataset, model), or (dataset, protocol, model), of every record of a kind."""
    root = root or artifacts_root()
    paths = sorted(root.glob("/".join(("*", kind, *["*"] * (DEPTHS[kind] - 1), "*.json"))))
    return [(path.relative_to(root).parts[0], *path.with_suffix("").relative_to(root).parts[2:]) for path in paths]


def strays(root: Path | None = None) -> list[Path]:
    """Files among the records that nobody has put on record, and those that are on record and gone."""
    found, root = [], root or artifacts_root()
    for kind, depth in DEPTHS.items():
        paths = root.glob(f"*/{kind}/**/*")
        for folder in sorted({path.parent for path in paths if not path.is_dir()}):
            here = {path.name for path in folder.iterdir() if not (path.is_dir() or path.name.startswith("."))}
            is_place = len(folder.relative_to(root).parts) == 1 + depth
            found += [folder / name for name in sorted((here - {SUMS}) ^ sums_of(folder).keys() if is_place else here)]
    return found


def refuse(path: Path) -> None:
    """Raises ArtifactError, which says what is wrong with one of the strays."""
    if (path.name in sums_of(path.parent) and path.exists()) or path.name == SUMS:
        raise ArtifactError("No record belongs into this folder.", remedy=f"Delete it: rm {path}")
    if path.exists():
        raise ArtifactError(f"{SUMS} beside it does not name it.", remedy=f"Delete it: rm {path}")
    raise ArtifactError(f"{SUMS} names it, but it is not there.", remedy="Make it again, or fetch it again.")


def write(path: Path, facts: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None, indent: int = 1) -> int:
    """Put facts on record as JSON, and arrays beside it: the arrays first, so that the JSON never names others.

    Returns the size of both in bytes. Raises UsageError where nothing can be written.
    """
    prepare(path)
    written: dict[str, bytes] = {}
    if arrays is not None:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
        written[path.with_suffix(".npz").name] = buffer.getvalue()
        facts = {**facts, VALUES: sha256(buffer.getvalue())}
    written[path.name] = (json.dumps(facts, indent=indent, ensure_ascii=False, allow_nan=False) + "\n").encode()
    try:
        with FileLock(path.parent / f".{SUMS}.lock", timeout=10):
            before = sums_of(path.parent)
            now = before | {name: {sha256(content)} for name, content in written.items()}
            # A reader finds the old or the new file, meanwhile and after a writer that died: both hashes are valid.
            _write_sums(path.parent, {name: hashes | before.get(name, set()) for name, hashes in now.items()})
            for name, content in written.items():
                write_whole(path.with_name(name), content)
            _write_sums(path.parent, now)
    except OSError as error:  # a full disk, a lock that somebody holds
        raise UsageError(f"Nothing can be written to {path.parent}: {error.strerror or error}.") from None
    return sum(map(len, written.values()))


def read(path: Path, what: str, command: str) -> dict[str, Any] | None:
    """The facts of a record; None where there is none. Raises ArtifactError for a damaged one.

    Args:
        what: is on record, for people: "The result".
        command: that makes it again.
    """
    try:
        content = read_bounded(path, MAX_FILE_BYTES)
        facts = parse(content)
        if not isinstance(facts, dict):
            raise ValueError("it is not a JSON object")
        if sha256(content) not in sums_of(path.parent).get(path.name, ()):
            raise ValueError(f"it is not what was written, according to {SUMS} beside it")
        return facts
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise damaged(path, what, command, error) from None


def read_arrays(path: Path, what: str, command: str) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
    """The facts and the arrays of a record; VALUES is the hash of these. Raises ArtifactError as `read` does."""
    facts = read(path, what, command)
    if facts is None:
        return None
    try:
        content = read_bounded(path.with_suffix(".npz"), MAX_FILE_BYTES)
        if sha256(content) != facts.get(VALUES):
            raise ValueError("its arrays are not those that were written")
        return facts, arrays_in(content)
    except FileNotFoundError:
        raise damaged(path, what, command, ValueError("its arrays are missing")) from None
    except Exception as error:  # zipfile, zlib and numpy each have their own: whatever it is, the file is broken
        raise damaged(path, what, command, error) from None


def as_record(
    kind: type[T], facts: Mapping[str, Any], path: Path, what: str, command: str, place: Mapping[str, str], **more: Any
) -> T:
    """What a record says, in its type; ArtifactError where it says something else, or of something else than it should.

    Args:
        kind: a dataclass or a TypedDict.
        place: "model", "dataset", "protocol" -> what the record is of, by where it lies.
        more: fields that are not in the facts: arrays.
    """
    try:
        found = as_type(kind, facts, **more)
        for field, expected in place.items():
            says = facts[field].get("name") if isinstance(facts[field], dict) else facts[field]
            if says != expected:
                raise ValueError(f"it is of the {field} {show(says, quoted=False)}, and lies where {expected} belongs")
        return found
    except ValueError as error:
        raise damaged(path, what, command, error) from None


def damaged(path: Path, what: str, command: str, error: BaseException) -> ArtifactError:
    """The error for a record that exists and cannot be used."""
    problem = f"{what} in {path.name} cannot be read: {reason(error)}."
    return ArtifactError(problem, remedy=f"To fix it: {command}")


def check_intervals(facts: Mapping[str, Any], *names: str) -> None:
    """Raises ValueError for a number that lies outside its own interval, as rounding alone never makes it."""
    for name in names:
        low, high = facts[f"{name}_interval"]
        if not low - 1e-9 <= facts[name] <= high + 1e-9:
            raise ValueError(f"{name} lies outside its interval")


def sums_of(folder: Path) -> dict[str, set[str]]:
    """Name -> hashes that the file of this name may have: one, or two while it is being written."""
    found: dict[str, set[str]] = {}
    try:
        lines = read_bounded(folder / SUMS, 2**20).decode(errors="replace").splitlines()
    except (OSError, ValueError):
        return found
    for line in lines:
        hashed, _, name = line.partition("  ")
        found.setdefault(name, set()).add(hashed)
    return found


def _write_sums(folder: Path, sums: Mapping[str, set[str]]) -> None:
    lines = [f"{hashed}  {name}\n" for name in sorted(sums) for hashed in sorted(sums[name])]
    write_whole(folder / SUMS, "".join(lines))
