from __future__ import annotations

import os
import sys
import types
from pathlib import Path

import pytest

from recsys.data import download, library
from recsys.data.dataset import RatingScale
from recsys.data.movielens import reader
from recsys.errors import DataError, UsageError
from tests import faults
from tests.faults import CSV, ML_1M_UNTIMED, ML_100K, write_folder, write_zip
from tests.toys import from_triples


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty download folder and no other one."""
    monkeypatch.delenv("RECSYS_DATA_DIR", raising=False)
    monkeypatch.setenv("RECSYS_DOWNLOAD_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_without_anything_there_is_the_demo() -> None:
    assert library.available() == ["demo"]


def test_what_can_be_opened_without_a_network(places: Path) -> None:
    write_zip(places / "ml-latest-small.zip", CSV)
    write_folder(places / "ml-1m-untimed", ML_1M_UNTIMED)
    assert library.available() == ["ml-latest-small", "ml-1m-untimed", "demo"]
    write_zip(places / "ml-100k.zip", ML_100K)
    assert library.available() == ["ml-100k", "ml-latest-small", "ml-1m-untimed", "demo"]


def test_open_by_name(places: Path) -> None:
    write_zip(places / "ml-25m.zip", CSV)  # the name that was asked for is the name it gets
    dataset = library.open_dataset("ml-25m")
    assert (dataset.name, len(dataset)) == ("ml-25m", 6)


def test_open_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    toy = from_triples([(0, 0, 4.0)], n_users=1, n_items=1, name="demo")
    demo = types.ModuleType("recsys.data.demo")
    demo.build = lambda: toy  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "recsys.data.demo", demo)
    monkeypatch.setattr("recsys.data.demo", demo, raising=False)
    assert library.open_dataset("demo") is toy


def test_a_data_set_that_is_not_here(places: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError) as caught:
        library.open_dataset("ml-1m")
    assert str(caught.value) == (
        f"ml-1m is not on this computer (looked in {places}). Run: python -m recsys data get ml-1m"
    )
    monkeypatch.setenv("RECSYS_DATA_DIR", str(tmp_path / "mine"))
    with pytest.raises(UsageError) as caught:
        library.open_dataset("ml-1m-untimed")
    assert str(caught.value) == (
        f"ml-1m-untimed is not on this computer (looked in {tmp_path / 'mine'} and {places}). "
        f"Put its files into {places / 'ml-1m-untimed'}, or set RECSYS_DATA_DIR."
    )


@pytest.mark.parametrize("name", ["ml-2m", "", "../data", "Demo"])
def test_an_unknown_name(name: str) -> None:
    known = "ml-100k, ml-1m, ml-10m, ml-20m, ml-25m, ml-32m, ml-latest-small, ml-latest, ml-1m-untimed, movielens, demo"
    for function in (library.open_dataset, library.source_of):
        with pytest.raises(UsageError) as caught:
            function(name)
        assert str(caught.value) == f"There is no data set {name!r}: {known} are known."


def test_a_broken_data_set_says_where(places: Path) -> None:
    write_zip(places / "ml-100k.zip", faults.changed(ML_100K, "u.data", b"\t3\t", b"\t9\t"), top="ml-100k/")
    with pytest.raises(DataError) as caught:
        library.open_dataset("ml-100k")
    assert str(caught.value).startswith(f"{places / 'ml-100k.zip' / 'ml-100k' / 'u.data'}, line 1: a rating is 1 to 5")


def test_every_name_has_a_source_with_a_licence() -> None:
    for name in [*download.SOURCES, "demo"]:
        source = library.source_of(name)
        assert source.name == name
        assert source.licence
    assert library.source_of("demo").licence == "Simulated viewers; film titles, years and genres are facts."
    assert library.source_of("demo").citation == ""
    assert "Harper" in library.source_of("ml-1m").citation


def test_describe(places: Path) -> None:
    summary = library.describe(library.open_dataset(write_zip(places / "ml-100k.zip", ML_100K).stem))
    assert summary == library.Summary(
        name="ml-100k",
        n_users=3,
        n_items=4,
        n_rated_items=3,
        n_ratings=6,
        mean_rating=20 / 6,
        scale=RatingScale(1, 5, 1),
        density=0.5,
        first="1997-11-07",
        last="1998-04-04",
        has_demographics=True,
        notes=(),
    )


def test_describe_without_times_or_ratings(tmp_path: Path) -> None:
    summary = library.describe(reader.load(write_folder(tmp_path / "x", ML_1M_UNTIMED)))
    assert (summary.name, summary.first, summary.last) == ("ml-1m-untimed", "", "")
    assert summary.notes == ("There are no timestamps: nothing here is ordered in time.",)
    empty = library.describe(from_triples([], n_users=2, n_items=2))
    assert (empty.n_ratings, empty.mean_rating, empty.density, empty.has_demographics) == (0, 0.0, 0.0, False)


def test_a_summary_for_people(places: Path) -> None:
    write_zip(places / "ml-100k.zip", ML_100K)
    assert str(library.describe(library.open_dataset("ml-100k"))).splitlines() == [
        "ml-100k: 6 ratings of 4 films by 3 users",
        "  stars         1 to 5 in steps of 1, mean 3.3333",
        "  films rated   3",
        "  density       50.00 % of all pairs of a user and a film",
        "  dates         1997-11-07 to 1998-04-04",
        "  demographics  yes",
    ]
    write_folder(places / "ml-1m-untimed", ML_1M_UNTIMED)
    lines = str(library.describe(library.open_dataset("ml-1m-untimed"))).splitlines()
    assert lines[4] == "  dates         none"
    assert lines[6] == "  note          There are no timestamps: nothing here is ordered in time."


def test_the_list_of_data_sets(places: Path) -> None:
    write_zip(places / "ml-1m.zip", ML_100K)
    lines = library.listing().splitlines()
    assert [line.split()[0] for line in lines] == ["name", *download.SOURCES, "demo"]
    assert lines[1].split()[:6] == ["ml-100k", "100,000", "943", "1,682", "5", "MB"]
    assert lines[1].endswith("  python -m recsys data get ml-100k")
    assert lines[2].endswith(f"  {places / 'ml-1m.zip'}")
    assert lines[-2].split() == ["movielens", "not", "here"]
    assert lines[-1].endswith("  built in")
    assert len({line.find("MB") for line in lines[1:9]}) == 1  # aligned


REAL = os.environ.get("RECSYS_DATA_DIR")


@pytest.mark.skipif(not REAL, reason="RECSYS_DATA_DIR is not set")
def test_real_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DATA_DIR", str(REAL))
    if download.find("ml-100k") is None:
        pytest.skip("RECSYS_DATA_DIR has no ml-100k")
    summary = library.describe(library.open_dataset("ml-100k"))
    assert (summary.n_ratings, summary.first, summary.last) == (100_000, "1997-09-20", "1998-04-22")
    source = library.source_of("ml-100k")
    assert (summary.n_ratings, summary.n_users, summary.n_items) == (source.n_ratings, source.n_users, source.n_films)
    assert summary.has_demographics is source.has_demographics
