from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.data.dataset import Dataset, RatingScale, latest_of_pairs
from recsys.data.movielens import archives, ratings, reader
from recsys.data.movielens.reader import load
from recsys.data.reading import MAX_ID, MAX_TIMESTAMP
from recsys.errors import DataError
from tests import faults
from tests.faults import LAYOUTS, ML_1M, ML_10M, ML_100K, Files, changed, without, write_folder, write_zip

WHOLE, HALF = RatingScale(1, 5, 1), RatingScale(0.5, 5, 0.5)
REMEDY = "Correct the line, or restore the file from the original zip (https://grouplens.org/datasets/movielens/)."


def rows(dataset: Dataset) -> list[tuple[int, int, float, int]]:
    """(user_id, item_id, rating, timestamp) in the data set's order."""
    users, items = dataset.viewers.ids.ids[dataset.users], dataset.catalog.ids.ids[dataset.items]
    columns = (users, items, dataset.ratings, dataset.timestamps)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def problem_of(path: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    return caught.value


# --------------------------------------------------------------------------------------------------- every layout


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_from_every_form(layout: str, tmp_path: Path) -> None:
    files = LAYOUTS[layout]
    # Names that say something else: only the files count.
    dataset = load(write_folder(tmp_path / "ml-25x", files))
    for path in (
        write_folder(tmp_path / "outer" / "inner", files).parent,
        write_zip(tmp_path / "ml-9m.zip", files),
        write_zip(tmp_path / "upload.bin", files, top=""),
        write_zip(tmp_path / "x.zip", files, method=zipfile.ZIP_STORED),
    ):
        same = load(path)
        assert (same.name, same.fingerprint, same.notes) == (dataset.name, dataset.fingerprint, dataset.notes)
        assert same.catalog.titles == dataset.catalog.titles
        assert (same.catalog.genres == dataset.catalog.genres).all()
    half, is_timed = layout in ("ml-10m", "movielens"), layout != "ml-1m-untimed"
    assert dataset.name == layout
    assert dataset.scale == (HALF if half else WHOLE)
    assert dataset.catalog.ids.ids.tolist() == [242, 302, 377, 267]  # file order, the unrated one too
    assert dataset.catalog.years.tolist() == [1996, 1991, 1994, 0]
    assert dataset.catalog.label(1) == "La Double vie de Véronique (The Double Life of Veronique) (1991)"
    assert dataset.catalog.genre_names == ("Comedy", "Drama", "Romance")
    assert [dataset.catalog.genres_of(i) for i in range(4)] == [("Drama",), ("Drama", "Romance"), ("Comedy",), ()]
    expected = [(12, 242, 3), (7, 302, 5), (12, 377, 1), (9, 242, 4), (7, 242, 2), (9, 377, 5)]
    times = [881250949, 891717742, 878887116, 880606923, 886397596, 884182806] if is_timed else [0] * 6
    stars = {"ml-10m": {4: 2.5}, "movielens": {2: 0.5, 4: 2.5}}.get(layout, {})
    assert rows(dataset) == [
        (u, i, stars.get(n, r), t) for n, ((u, i, r), t) in enumerate(zip(expected, times, strict=True))
    ]
    assert dataset.is_timed is is_timed
    assert dataset.notes == (() if is_timed else ("There are no timestamps: nothing here is ordered in time.",))
    assert sorted(dataset.viewers.ids.ids) == [7, 9, 12]
    assert dataset.viewers.gender.is_known is (not half)


@pytest.mark.parametrize(
    ("layout", "occupations"),
    [
        ("ml-100k", ["technician", "other", "student"]),
        ("ml-1m", ["technician/engineer", "other", "K-12 student"]),
        ("ml-1m-untimed", ["technician/engineer", "other", "K-12 student"]),
    ],
)
def test_demographics_in_bands_in_file_order(layout: str, occupations: list[str], tmp_path: Path) -> None:
    viewers = load(write_folder(tmp_path / "x", LAYOUTS[layout])).viewers
    assert viewers.ids.ids.tolist() == [7, 9, 12]
    assert [viewers.gender.name(user) for user in range(3)] == ["male", "female", "male"]
    assert [viewers.age.name(user) for user in range(3)] == ["18-24", "50-55", "under 18"]
    assert [viewers.occupation.name(user) for user in range(3)] == occupations
    assert [viewers.zip_area.name(user) for user in range(3)] == ["8", "other", "0"]


def test_1m_occupations_keep_the_numbers_of_its_readme(tmp_path: Path) -> None:
    occupation = load(write_folder(tmp_path / "x", ML_1M)).viewers.occupation
    assert occupation.names[1:] == reader.OCCUPATIONS_1M
    assert len(reader.OCCUPATIONS_1M) == 21
    assert reader.OCCUPATIONS_1M[20] == "writer"


def test_a_film_without_a_title_that_can_be_seen_is_called_by_its_id(tmp_path: Path) -> None:
    for title in (b"", b"  ", "\u200b\u202e".encode(), b"\x07"):
        files = changed(faults.CSV, "movies.csv", b"242,Kolya (1996)", b"242," + title)
        assert load(write_folder(tmp_path / "x", files)).catalog.titles[0] == "Film 242 (no title)"


def test_marks_that_work_on_the_rest_of_a_line_are_left_out_of_names(tmp_path: Path) -> None:
    files = changed(faults.CSV, "movies.csv", b",Comedy", ",\u202eComedy\x1b[2J".encode())
    assert load(write_folder(tmp_path / "x", files)).catalog.genre_names == ("Comedy[2J", "Drama", "Romance")
    files = changed(ML_100K, "u.user", b"|student|", b"|stu\x9b2Jdent|")
    assert "stu2Jdent" in load(write_folder(tmp_path / "y", files)).viewers.occupation.names


def test_an_unknown_gender_is_unknown(tmp_path: Path) -> None:
    viewers = load(write_folder(tmp_path / "x", changed(ML_100K, "u.user", b"|F|", b"||"))).viewers
    assert [viewers.gender.name(user) for user in range(3)] == ["male", "unknown", "male"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_marks_line_ends_and_blank_lines_are_tolerated(layout: str, tmp_path: Path) -> None:
    def exported(name: str, content: bytes) -> bytes:
        text = content.decode("utf-8" if layout in ("ml-10m", "movielens") else "latin-1")
        return b"\xef\xbb\xbf" + text.replace("\r\n", "\n").replace("\n", "\r\n").encode() + b"\r\n"

    files = {name: exported(name, content) for name, content in LAYOUTS[layout].items()}
    plain, dressed = load(write_folder(tmp_path / "a", LAYOUTS[layout])), load(write_folder(tmp_path / "b", files))
    assert rows(dressed) == rows(plain)
    assert dressed.catalog.titles == plain.catalog.titles
    assert dressed.fingerprint == plain.fingerprint


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_last_line_without_an_end_counts(layout: str, tmp_path: Path) -> None:
    files = {name: content.rstrip(b"\r\n") for name, content in LAYOUTS[layout].items()}
    assert len(load(write_folder(tmp_path / "x", files))) == 6


@pytest.mark.parametrize("name", ["ml-20m", "ml-25m", "ml-32m", "ml-latest", "ml-latest-small"])
def test_a_csv_data_set_is_named_by_its_own_folder(name: str, tmp_path: Path) -> None:
    assert load(write_zip(tmp_path / "x.zip", faults.CSV, top=f"{name}/")).name == name
    assert load(write_folder(tmp_path / name, faults.CSV)).name == name


def test_a_csv_data_set_is_named_by_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reader.CSV_NAME_BY_RATINGS, 6, "ml-20m")
    assert load(write_zip(tmp_path / "x.zip", faults.CSV, top="")).name == "ml-20m"


def test_the_caller_names_the_data_set(tmp_path: Path) -> None:
    assert load(write_folder(tmp_path / "x", ML_100K), name="mine").name == "mine"


def test_layout_of(tmp_path: Path) -> None:
    assert reader.layout_of(write_folder(tmp_path / "a", ML_10M)) == "ml-10m"
    assert reader.layout_of(write_zip(tmp_path / "b.zip", ML_100K)) == "ml-100k"
    assert reader.layout_of(write_folder(tmp_path / "c", without(ML_100K, "u.item"))) is None
    assert reader.layout_of(tmp_path / "nothing") is None


def test_what_a_mac_adds_to_a_zip_is_passed_over(tmp_path: Path) -> None:
    content = {"ml-100k/" + name: data for name, data in ML_100K.items()}
    content |= {"__MACOSX/" + name: b"\0" for name in ML_100K}
    assert len(load(write_zip(tmp_path / "x.zip", content, top=""))) == 6


# --------------------------------------------------------------------------------------------- faults in a rating


def separator_of(layout: str) -> tuple[str, bytes]:
    return {
        "ml-100k": ("u.data", b"\t"),
        "ml-1m": ("ratings.dat", b"::"),
        "ml-10m": ("ratings.dat", b"::"),
        "movielens": ("ratings.csv", b","),
    }[layout]


BAD_RATINGS = [
    ("9 242 4", "expected 4 fields separated by {separator!r}. Received 3: "),
    ("9 242", "expected 4 fields"),
    ("9 242 4 880606923 1", "expected 4 fields"),
    ("9 242 4 880606923 ", "expected 4 fields"),
    ("9 242 7 880606923", "a rating is {low} to 5 in steps of {step}. Received '7'."),
    ("9 242 0 880606923", "a rating is {low} to 5 in steps of {step}. Received '0'."),
    ("9 242 nan 880606923", "a rating is {low} to 5 in steps of {step}. Received 'nan'."),
    ("9 242 inf 880606923", "a rating is {low} to 5 in steps of {step}. Received 'inf'."),
    ("9 242 3.14159 880606923", "a rating is {low} to 5 in steps of {step}. Received '3.14159'."),
    ("9 242 four 880606923", "a rating is {low} to 5 in steps of {step}. Received 'four'."),
    ("9 242  880606923", "a rating is {low} to 5 in steps of {step}. Received ''."),
    ("nine 242 4 880606923", "the user id must be a whole number. Received 'nine'."),
    ("-9 242 4 880606923", "the user id must be a whole number. Received '-9'."),
    ("9 24x 4 880606923", "the film id must be a whole number. Received '24x'."),
    ("9 242.5 4 880606923", "the film id must be a whole number. Received '242.5'."),
    ("9  4 880606923", "the film id must be a whole number. Received ''."),
    ("9 99999999999999999999 4 880606923", "the film id must be a whole number. Received '99999999999999999999'."),
    ("9 1000000000000 4 880606923", "the film id is too large: 999999999999 is the largest that can be. Received "),
    ("1000000000000 242 4 880606923", "the user id is too large: 999999999999 is the largest that can be. Received "),
    ("9 242 4 now", "the timestamp must be a whole number. Received 'now'."),
    ("9 242 4 880606923000", "a timestamp is seconds since 1970, and before 2100. Received '880606923000'."),
    ("9 242 4 4102444800", "a timestamp is seconds since 1970, and before 2100. Received '4102444800'."),
    ("9 242 4 8806\0", r"the timestamp must be a whole number. Received '8806\x00'."),
    ('"9" 242 4 880606923', "the user id must be a whole number. Received '\"9\"'."),
    ("9 9999 4 880606923", "film 9999 is not in {films}."),
]


@pytest.mark.parametrize("layout", ["ml-100k", "ml-1m", "ml-10m", "movielens"])
@pytest.mark.parametrize(("fields", "problem"), BAD_RATINGS)
def test_a_bad_rating_is_named_by_file_and_line(fields: str, problem: str, layout: str, tmp_path: Path) -> None:
    name, separator = separator_of(layout)
    lines = LAYOUTS[layout][name].splitlines(keepends=True)
    line = 4 + (layout == "movielens")  # a header is line 1
    end = b"\r\n" if layout == "movielens" else b"\n"
    lines[line - 1] = separator.join(fields.encode().split(b" ")) + end
    files = LAYOUTS[layout] | {name: b"".join(lines)}
    low, step = (0.5, 0.5) if layout in ("ml-10m", "movielens") else (1, 1)
    films = {"ml-100k": "u.item", "movielens": "movies.csv"}.get(layout, "movies.dat")
    for path, file in (
        (write_folder(tmp_path / "x", files), tmp_path / "x" / name),
        (write_zip(tmp_path / "x.zip", files, top="ml/"), tmp_path / "x.zip" / "ml" / name),
    ):
        error = problem_of(path)
        assert problem.format(low=low, step=step, films=films, separator=separator.decode()) in error.problem
        assert (error.file, error.line, error.remedy) == (str(file), line, REMEDY)
        assert str(error) == f"{file}, line {line}: {error.problem} {REMEDY}"


def test_half_a_star_only_where_there_are_half_stars(tmp_path: Path) -> None:
    error = problem_of(write_folder(tmp_path / "x", changed(ML_100K, "u.data", b"\t242\t4\t", b"\t242\t3.5\t")))
    assert "a rating is 1 to 5 in steps of 1. Received '3.5'." in str(error)
    assert error.line == 4


@pytest.mark.parametrize(("layout", "users"), [("ml-100k", "u.user"), ("ml-1m", "users.dat")])
def test_a_user_who_is_not_in_the_users_file(layout: str, users: str, tmp_path: Path) -> None:
    name, separator = separator_of(layout)
    files = changed(LAYOUTS[layout], name, b"\n9" + separator, b"\n944" + separator)
    error = problem_of(write_folder(tmp_path / "x", files))
    assert error.problem == f"user 944 is not in {users}."
    assert error.line == 4


def test_an_untimed_line_with_a_time(tmp_path: Path) -> None:
    files = changed(LAYOUTS["ml-1m-untimed"], "ratings.csv", b"9,242,4", b"9,242,4,880606923")
    error = problem_of(write_folder(tmp_path / "x", files))
    assert error.problem == "expected 3 fields separated by ','. Received 4: '9,242,4,880606923'."
    assert error.line == 5


def test_two_wrong_lines_that_cancel_out(tmp_path: Path) -> None:
    # one field too many and one too few: the total is right
    lines = [b"12\t242\t3\t881250949\t5\n", b"7\t302\t5\n"]
    error = problem_of(write_folder(tmp_path / "x", ML_100K | {"u.data": b"".join(lines)}))
    assert (error.line, "Received 5" in error.problem) == (1, True)


def test_the_first_of_several_faults_is_named_whichever_block_it_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = changed(ML_100K, "u.data", b"9\t377\t5", b"9\t377\t9")
    path = write_folder(tmp_path / "x", files)
    for block_bytes in (1, 10, 30, 50, 1000):
        monkeypatch.setattr(ratings, "BLOCK_BYTES", block_bytes)
        assert problem_of(path).line == 6
    monkeypatch.setattr(ratings, "BLOCK_BYTES", 40)
    assert problem_of(write_folder(path, changed(files, "u.data", b"12\t377\t1", b"12\t377"))).line == 3


def test_blocks_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_folder(tmp_path / "x", faults.CSV)
    whole = load(path)
    for block_bytes in (1, 7, 31, 64):
        monkeypatch.setattr(ratings, "BLOCK_BYTES", block_bytes)
        assert rows(load(path)) == rows(whole)


def test_an_endless_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratings, "BLOCK_BYTES", 64)
    error = problem_of(write_folder(tmp_path / "x", ML_100K | {"u.data": ML_100K["u.data"] + b"1" * 10_000}))
    assert error.problem == "the line is longer than 4,096 bytes."
    assert error.line == 7
    error = problem_of(write_folder(tmp_path / "y", ML_100K | {"u.item": ML_100K["u.item"] + b"(" * 10_000}))
    assert error.problem == "the line is longer than 4,096 characters."
    assert error.line == 5


def test_too_many_ratings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratings, "MAX_RATINGS", 5)
    error = problem_of(write_folder(tmp_path / "x", ML_100K))
    assert error.problem == "there are more than 5 ratings."
    assert error.remedy == "Use a smaller data set."


def test_a_rating_may_have_spaces_around_its_numbers(tmp_path: Path) -> None:
    assert len(load(write_folder(tmp_path / "x", changed(ML_100K, "u.data", b"9\t242\t4", b" 9\t242 \t4.0")))) == 6


# --------------------------------------------------------------------------------------------------- duplicates


@pytest.mark.parametrize(
    ("added", "kept"),
    [
        (b"12\t242\t5\t881250950\n", (12, 242, 5.0, 881250950)),  # later in time
        (b"12\t242\t5\t881250948\n", (12, 242, 3.0, 881250949)),  # earlier in time
        (b"12\t242\t5\t881250949\n", (12, 242, 5.0, 881250949)),  # at the same time: the later line
    ],
)
def test_the_latest_of_a_pair_counts(added: bytes, kept: tuple[int, int, float, int], tmp_path: Path) -> None:
    for content in (ML_100K["u.data"] + added, ML_100K["u.data"] + added + b"7\t302\t4\t1\n"):
        dataset = load(write_folder(tmp_path / "x", ML_100K | {"u.data": content}))
        assert len(dataset) == 6
        assert [row for row in rows(dataset) if row[:2] == (12, 242)] == [kept]
    assert dataset.notes == ("2 duplicate ratings left out: only a user's latest rating of a film counts.",)


def test_one_duplicate_is_said_in_the_singular(tmp_path: Path) -> None:
    files = ML_100K | {"u.data": ML_100K["u.data"] + b"12\t242\t5\t881250950\n"}
    notes = load(write_folder(tmp_path / "x", files)).notes
    assert notes == ("1 duplicate rating left out: only a user's latest rating of a film counts.",)


def test_without_times_the_later_line_counts(tmp_path: Path) -> None:
    files = LAYOUTS["ml-1m-untimed"]
    files = files | {"ratings.csv": files["ratings.csv"] + b"12,242,5\n"}
    dataset = load(write_folder(tmp_path / "x", files))
    assert rows(dataset)[-1] == (12, 242, 5.0, 0)
    assert len(dataset) == 6
    assert len(dataset.notes) == 2


@given(
    events=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 10), st.integers(0, 2)), min_size=1, max_size=25
    )
)
def test_duplicates_by_hand(events: list[tuple[int, int, int, int]]) -> None:
    users, items, _, times = (np.array(column) for column in zip(*events, strict=True))
    kept: dict[tuple[int, int], int] = {}
    for row, (user, item, _, time_) in enumerate(events):
        if (user, item) not in kept or time_ >= events[kept[user, item]][3]:
            kept[user, item] = row
    assert latest_of_pairs(users, items, times).tolist() == sorted(kept.values())


# --------------------------------------------------------------------------------------- faults in films and users


@pytest.mark.parametrize(
    ("layout", "name", "old", "new", "line", "problem"),
    [
        ("ml-100k", "u.item", b"|0|1|0|0\n", b"|0|1|0\n", 3, "expected 9 fields separated by '|'. Received 8"),
        ("ml-100k", "u.item", b"|0|1|0|0\n", b"|0|1|0|2\n", 3, "a genre is marked by 0 or 1. Received '0|1|0|2'."),
        ("ml-100k", "u.item", b"377|", b"x77|", 3, "the film id must be a whole number. Received 'x77'."),
        ("ml-100k", "u.item", b"377|", b"9007199254740993|", 3, "the film id is too large: 999999999999 is the"),
        ("ml-100k", "u.user", b"9|53", b"9007199254740993|53", 2, "the user id is too large: 999999999999 is the"),
        ("ml-100k", "u.item", b"377|", b"242|", 3, "film 242 appears twice, first in line 1."),
        ("ml-100k", "u.genre", b"|1", b"", 2, "expected 2 fields"),
        ("ml-100k", "u.user", b"9|53", b"9|old", 2, "the age must be a whole number. Received 'old'."),
        ("ml-100k", "u.user", b"9|53", b"9|131", 2, "an age is 0 to 130 years. Received '131'."),
        ("ml-1m", "users.dat", b"9::F::50", b"9::F::9999999999", 2, "an age is 0 to 130 years. Received '9999999999'."),
        ("ml-100k", "u.user", b"9|53", b"7|53", 2, "user 7 appears twice, first in line 1."),
        ("ml-100k", "u.user", b"9|53|", b"9|", 2, "expected 5 fields separated by '|'. Received 4"),
        ("ml-1m", "movies.dat", b"::Comedy", b"", 3, "expected 3 fields separated by '::'. Received 2"),
        ("ml-1m", "movies.dat", b"377::", b"::", 3, "the film id must be a whole number. Received ''."),
        ("ml-1m", "users.dat", b"::0::T", b"::21::T", 2, "an occupation is 0 to 20. Received 21."),
        ("ml-1m", "users.dat", b"9::F::50", b"9::F::?", 2, "the age must be a whole number. Received '?'."),
        ("ml-10m", "movies.dat", "Véronique".encode(), b"V\xe9ronique", 2, "byte 0xe9 is not UTF-8. MovieLens 1M has "
         "latin-1 titles and needs its users.dat."),
        ("movielens", "movies.csv", "Véronique".encode(), b"V\xe9ronique", 3, "byte 0xe9 is not UTF-8."),
        ("movielens", "movies.csv", b",Comedy", b"", 4, "expected 3 fields separated by ','. Received 2"),
        ("movielens", "movies.csv", b"Heavyweights", b"Heavy, weights", 4, "expected 3 fields"),
        ("movielens", "movies.csv", b"Heavyweights", b'"Heavyweights', 4, "a quotation mark is not closed. Received "
         "'377,\"Heavyweights (1994),Comedy'."),
        ("movielens", "movies.csv", b"Heavyweights", b'"Heavy"weights', 4, "not a csv line"),
        ("movielens", "movies.csv", b"movieId,", b"", 1, "expected the header movieId,title,genres. Received "
         "'title,genres'."),
        ("movielens", "ratings.csv", b"userId,movieId", b"user,item", 1, "expected the header userId,movieId,rating,"
         "timestamp (or without timestamp). Received 'user,item,rating,timestamp'."),
    ],
)  # fmt: skip
def test_a_bad_line_about_a_film_or_user(
    layout: str, name: str, old: bytes, new: bytes, line: int, problem: str, tmp_path: Path
) -> None:
    path = write_folder(tmp_path / "x", changed(LAYOUTS[layout], name, old, new))
    error = problem_of(path)
    assert problem in error.problem
    assert (error.file, error.line, error.remedy) == (str(path / name), line, REMEDY)


def test_titles_with_odd_characters_stay_on_their_line(tmp_path: Path) -> None:
    # latin-1 has a "next line" at 0x85 that str.splitlines would split at
    files = changed(ML_1M, "movies.dat", b"Kolya", b"Kol\x85ya\x1c")
    assert load(write_folder(tmp_path / "x", files)).n_items == 4


@pytest.mark.parametrize(("layout", "name"), [(layout, name) for layout, files in LAYOUTS.items() for name in files])
def test_an_empty_file(layout: str, name: str, tmp_path: Path) -> None:
    path = write_folder(tmp_path / "x", LAYOUTS[layout])
    for content in (b"", b"\n\n", b"\xef\xbb\xbf"):
        (path / name).write_bytes(content)
        error = problem_of(path)
        assert error.file == str(path / name)
        is_header_wrong = name == "ratings.csv" and content
        assert ("expected the header" if is_header_wrong else "the file is empty") in error.problem
        assert "https://grouplens.org/datasets/movielens/" in error.remedy


def test_headers_alone(tmp_path: Path) -> None:
    files = faults.CSV | {"ratings.csv": b"userId,movieId,rating,timestamp\n"}
    assert problem_of(write_folder(tmp_path / "x", files)).problem == "the file is empty: there is no rating."
    files = faults.CSV | {"movies.csv": b"movieId,title,genres\n"}
    assert problem_of(write_folder(tmp_path / "x", files)).problem == "there is no film in the file."


# ------------------------------------------------------------------------------------------------ faults in a place


@pytest.mark.parametrize(
    ("layout", "missing", "beside"),
    [
        ("ml-100k", "u.data", "u.genre, u.item, u.user"),
        ("ml-100k", "u.item", "u.data, u.genre, u.user"),
        ("ml-100k", "u.user", "u.data, u.genre, u.item"),
        ("ml-100k", "u.genre", "u.data, u.item, u.user"),
        ("ml-1m", "movies.dat", "ratings.dat, users.dat"),
        ("ml-1m", "ratings.dat", "movies.dat, users.dat"),
        ("ml-10m", "movies.dat", "ratings.dat"),
        ("movielens", "movies.csv", "ratings.csv"),
        ("movielens", "ratings.csv", "movies.csv"),
    ],
)
def test_a_missing_file(layout: str, missing: str, beside: str, tmp_path: Path) -> None:
    for path in (
        write_folder(tmp_path / "x", without(LAYOUTS[layout], missing)),
        write_zip(tmp_path / "x.zip", without(LAYOUTS[layout], missing), top=""),
    ):
        error = problem_of(path)
        assert error.problem == f"the file is missing; {beside} is there."
        assert error.file == str(path / missing)
        assert error.remedy == "Get the original zip again (https://grouplens.org/datasets/movielens/)."


def test_1m_without_its_users_says_so(tmp_path: Path) -> None:
    error = problem_of(write_folder(tmp_path / "x", without(ML_1M, "users.dat")))
    assert "MovieLens 1M has latin-1 titles and needs its users.dat." in str(error)


def test_a_place_without_movielens_files(tmp_path: Path) -> None:
    for path in (write_folder(tmp_path / "x", {"a.txt": b"1"}), write_zip(tmp_path / "x.zip", {"a.txt": b"1"})):
        error = problem_of(path)
        assert error.problem == "no MovieLens files are in here (u.data, ratings.dat or ratings.csv)."
        assert error.remedy == "Give a MovieLens folder or zip (https://grouplens.org/datasets/movielens/)."


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("below", ["", "below"])
def test_pipes_and_links_to_nowhere_are_no_missing_files(layout: str, below: str, tmp_path: Path) -> None:
    folder = tmp_path / below
    folder.mkdir(exist_ok=True)
    for name in LAYOUTS[layout]:
        os.mkfifo(folder / name)
    with pytest.raises(DataError, match=r"it is not a regular file\. Put the file itself in its place\."):
        load(tmp_path)
    for name, content in LAYOUTS[layout].items():
        (folder / name).unlink()
        (folder / name).write_bytes(content)
    last = folder / list(LAYOUTS[layout])[-1]
    last.unlink()
    last.symlink_to("nowhere")
    if layout != "ml-1m":  # without its users it is 10M
        with pytest.raises(DataError, match=f"{last.name}: it is not a regular file"):
            load(tmp_path)


def test_a_folder_of_several_data_sets(tmp_path: Path) -> None:
    write_folder(tmp_path / "ml-100k", ML_100K)
    write_folder(tmp_path / "ml-1m", ML_1M)
    error = problem_of(tmp_path)
    assert error.problem == "there is more than one data set: ml-100k, ml-1m."
    assert error.remedy == "Name one of them."


def test_nothing_there(tmp_path: Path) -> None:
    error = problem_of(tmp_path / "no")
    assert str(error) == f"{tmp_path / 'no'}: there is no such file or folder. Check the path."


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file is empty."),
        (b"<html>404</html>", "the file is not a zip."),
        (b"196\t242\t3\n" * 1000, "not a zip"),
    ],
)
def test_not_a_zip(content: bytes, problem: str, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    error = problem_of(tmp_path / "x.zip")
    assert problem in error.problem
    assert error.remedy == "Give a MovieLens folder or zip (https://grouplens.org/datasets/movielens/)."


def test_a_zip_that_is_cut_short(tmp_path: Path) -> None:
    whole = faults.zipped(ML_100K)
    for n_bytes in (4, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "x.zip").write_bytes(whole[:n_bytes])
        assert "the zip is damaged or cut short" in problem_of(tmp_path / "x.zip").problem


def test_a_zip_with_a_flipped_byte_in_a_member(tmp_path: Path) -> None:
    whole = bytearray(faults.zipped(ML_100K, method=zipfile.ZIP_STORED))
    whole[whole.index(b"881250949")] ^= 1
    (tmp_path / "x.zip").write_bytes(whole)
    error = problem_of(tmp_path / "x.zip")
    assert error.problem.startswith("the zip is damaged or cut short (Bad CRC-32 for file 'some-folder/u.data')")
    assert error.file == str(tmp_path / "x.zip" / "some-folder" / "u.data")


@pytest.mark.parametrize("member", ["../u.data", "/etc/passwd", "a/../../u.data", "..\\u.data", "C:\\u", "a\nb"])
def test_a_zip_that_points_outside_of_itself(member: str, tmp_path: Path) -> None:
    content = {"ml-100k/" + name: data for name, data in ML_100K.items()} | {member: b"1"}
    error = problem_of(write_zip(tmp_path / "a" / "x.zip", content, top=""))
    assert error.problem == f"the zip has a member with an unsafe name: {member!r}."
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "x.zip"]


def test_a_zip_bomb(tmp_path: Path) -> None:
    error = problem_of(write_zip(tmp_path / "x.zip", ML_100K | {"u.data": b"12\t242\t3\t881250949\n" * 200_000}))
    assert "3,800,000: a zip bomb." in error.problem
    assert "bytes would expand to" in error.problem


def test_a_zip_that_lies_about_its_size(tmp_path: Path) -> None:
    content = b"12\t242\t3\t881250949\n" * 200_000
    whole = faults.zipped(ML_100K | {"u.data": content})
    size = len(content).to_bytes(4, "little")
    assert whole.count(size) == 2  # beside the data and in the table of contents
    (tmp_path / "x.zip").write_bytes(whole.replace(size, (2200).to_bytes(4, "little")))
    assert "the zip is damaged or cut short" in problem_of(tmp_path / "x.zip").problem


@pytest.mark.parametrize("limit", ["layouts.MAX_TEXT_BYTES", "ratings.MAX_RATINGS_BYTES"])
def test_files_that_are_too_large(limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"recsys.data.movielens.{limit}", 40)
    for path in (write_folder(tmp_path / "x", ML_100K), write_zip(tmp_path / "x.zip", ML_100K)):
        assert problem_of(path).problem == "the file is larger than 40 bytes."


def test_too_many_members_and_a_huge_table_of_contents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "x.zip", ML_100K | {f"{n}.txt": b"" for n in range(1000)})
    assert "the zip has 1005 members" in problem_of(path).problem
    monkeypatch.setattr(archives, "MAX_CONTENTS_BYTES", 10_000)
    assert "the table of contents is too large" in problem_of(path).problem
    # The cap is for the table of contents alone.
    files = ML_100K | {"u.item": ML_100K["u.item"] + b"\n" * 20_000}
    assert len(load(write_zip(tmp_path / "y.zip", files, method=zipfile.ZIP_STORED))) == 6


def test_a_zip_with_a_password_or_another_method(tmp_path: Path) -> None:
    whole = bytearray(faults.zipped(ML_100K))
    start = -1
    while (start := whole.find(b"PK\x01\x02", start + 1)) >= 0:
        whole[start + 8] |= 1  # the flag of an encrypted member
    (tmp_path / "x.zip").write_bytes(whole)
    error = problem_of(tmp_path / "x.zip")
    assert (error.problem, error.remedy) == ("the member is encrypted.", "Make a zip without a password.")
    error = problem_of(write_zip(tmp_path / "y.zip", ML_100K, method=zipfile.ZIP_BZIP2))
    assert error.problem == "compression method 12 is not supported."


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that opens and cannot be read")
def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = write_folder(tmp_path / "x", without(ML_100K, "u.data"))
    (path / "u.data").symlink_to("/proc/self/mem")
    error = problem_of(path)
    assert error.problem == "the file cannot be read (Input/output error)."
    assert (error.file, error.remedy) == (str(path / "u.data"), "Check its permissions.")


# ------------------------------------------------------------------------------------------------------ properties


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(
        st.tuples(st.integers(1, MAX_ID), st.sampled_from([242, 302, 377, 267])), min_size=1, max_size=30, unique=True
    ),
    seed=st.integers(0, 2**31),
    block_bytes=st.sampled_from([1, 50, 1 << 20]),
)
def test_what_is_written_is_what_is_loaded(
    pairs: list[tuple[int, int]], seed: int, block_bytes: int, tmp_path: Path
) -> None:
    rng = np.random.default_rng(seed)
    stars, times = rng.integers(1, 11, len(pairs)) / 2, rng.integers(0, MAX_TIMESTAMP + 1, len(pairs))
    written = [(u, i, float(r), int(t)) for (u, i), r, t in zip(pairs, stars, times, strict=True)]
    text = "userId,movieId,rating,timestamp\n" + "".join(f"{u},{i},{r},{t}\n" for u, i, r, t in written)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ratings, "BLOCK_BYTES", block_bytes)
        dataset = load(write_folder(tmp_path, faults.CSV | {"ratings.csv": text.encode()}))
    assert rows(dataset) == written
    assert dataset.viewers.ids.ids.tolist() == sorted({u for u, _ in pairs})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_are_a_data_error_or_nothing(data: st.DataObject, tmp_path: Path) -> None:
    """Whatever is in a file: a data set or a DataError, no other exception."""
    layout = data.draw(st.sampled_from(sorted(LAYOUTS)))
    name = data.draw(st.sampled_from(sorted(LAYOUTS[layout])))
    content = bytearray(LAYOUTS[layout][name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    assert "\n" not in refusal(write_folder(tmp_path, LAYOUTS[layout] | {name: bytes(content)}))
    for other in tmp_path.iterdir():
        other.unlink()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_zip_is_a_data_error_or_nothing(data: st.DataObject, tmp_path: Path) -> None:
    content = bytearray(faults.zipped(ML_100K))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "x.zip").write_bytes(content)
    assert "\n" not in refusal(tmp_path / "x.zip")


def refusal(path: Path) -> str:
    """What is said about a path, "" if it loads."""
    try:
        load(path)
    except DataError as error:
        return str(error)
    return ""


# -------------------------------------------------------------------------------------------------- the real thing


def real(name: str) -> Path:
    folder = os.environ.get("RECSYS_DATA_DIR")
    if not folder:
        pytest.skip("RECSYS_DATA_DIR is not set")
    if not (Path(folder) / name).is_dir():
        pytest.skip(f"RECSYS_DATA_DIR has no {name}")
    return Path(folder) / name


def test_real_ml_100k() -> None:
    dataset = load(real("ml-100k"))
    assert (dataset.name, len(dataset), dataset.n_users, dataset.n_items) == ("ml-100k", 100_000, 943, 1_682)
    assert dataset.ratings.sum(dtype=np.float64) == 352_986
    assert (dataset.item_counts > 0).all()
    assert dataset.is_timed
    assert rows(dataset)[0] == (196, 242, 3.0, 881250949)
    assert dataset.notes == ()
    assert len(dataset.catalog.genre_names) == 18
    assert dataset.catalog.label(0) == "Toy Story (1995)"
    nameless = [i for i in range(dataset.n_items) if dataset.catalog.years[i] == 0]
    assert [dataset.catalog.label(i) for i in nameless] == ["unknown"]
    assert not [title for title in dataset.catalog.titles if title.endswith((", The", ", A", ", La", "(V)"))]
    assert len(dataset.viewers.occupation.names) == 22
    assert (np.bincount(dataset.viewers.gender.codes) == [0, 273, 670]).all()


def test_real_ml_1m_untimed() -> None:
    dataset = load(real("ml-1m-untimed"))
    assert (dataset.name, len(dataset), dataset.n_users, dataset.n_items) == ("ml-1m-untimed", 1_000_209, 6_040, 3_883)
    assert ((dataset.ratings >= 3).sum(), (dataset.ratings < 3).sum()) == (836_478, 163_731)
    assert round(float(dataset.ratings.mean(dtype=np.float64)), 4) == 3.5816
    assert not dataset.is_timed
    assert (dataset.catalog.years > 0).all()
    assert dataset.viewers.occupation.name(0) == "K-12 student"


def test_real_ml_latest_small() -> None:
    dataset = load(real("ml-latest-small"))
    assert (dataset.name, len(dataset), dataset.n_users, dataset.n_items) == ("ml-latest-small", 100_836, 610, 9_742)
    assert (dataset.item_counts > 0).sum() == 9_724
    assert dataset.scale == HALF
    assert dataset.ratings.min() == 0.5
    assert not dataset.viewers.gender.is_known
    assert dataset.notes == ()


def test_real_ml_100k_from_a_zip_is_the_same(tmp_path: Path) -> None:
    folder = real("ml-100k")
    files: Files = {name: (folder / name).read_bytes() for name in ML_100K}
    assert load(write_zip(tmp_path / "x.zip", files, top="ml-100k/")).fingerprint == load(folder).fingerprint


def test_real_ml_100k_is_fast() -> None:
    folder = real("ml-100k")
    seconds = []
    for _ in range(3):
        start = time.process_time()
        load(folder)
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.3


def test_loading_imports_no_heavy_library() -> None:
    code = "import sys, recsys.data.library, recsys.data.download; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"scipy", "sklearn", "torch", "tensorflow", "keras", "surprise", "streamlit"}
    assert not (heavy | {"pandas", "requests", "pooch", "tqdm"}) & set(loaded)


# --------------------------------------------------------------------------------- what would be built from a file


def test_the_number_of_genres_is_bounded(tmp_path: Path) -> None:
    films = "".join(f"{n},Film {n},genre {n}\n" for n in range(10_000))
    path = write_folder(tmp_path / "x", faults.CSV | {"movies.csv": f"movieId,title,genres\n{films}".encode()})
    assert "there are 10,000 different genres, and 200 are the most that can be read." in str(problem_of(path))
    names = b"".join(b"genre %d|%d\n" % (n, n) for n in range(201))
    path = write_folder(tmp_path / "y", ML_100K | {"u.genre": names})
    assert "there are 201 different genres, and 200 are the most that can be read." in str(problem_of(path))


def test_the_number_of_occupations_is_bounded(tmp_path: Path) -> None:
    users = b"".join(b"%d|24|M|job %d|85711\n" % (n, n) for n in range(40_000))
    path = write_folder(tmp_path / "x", ML_100K | {"u.user": users})
    assert "there are 40,000 different occupations, and 200 are the most that can be read." in str(problem_of(path))


@pytest.mark.parametrize(
    ("layout", "bound", "problem"),
    [
        ("ml-100k", "reader.MAX_FILMS", "there are 4 films, and 2 are"),
        ("movielens", "reader.MAX_FILMS", "there are 4 films, and 2 are"),
        ("movielens", "reader.MAX_FILM_GENRES", "there are 12 pairs of a film and a genre, and 2 are"),
        ("ml-1m", "reader.MAX_USERS", "there are 3 users, and 2 are"),
        ("movielens", "ratings.MAX_USERS", "there are 3 users, and 2 are"),
    ],
)
def test_films_and_users_are_counted_before_they_are_built(
    layout: str, bound: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"recsys.data.movielens.{bound}", 2)
    assert f"{problem} the most that can be read." in problem_of(write_folder(tmp_path / "x", LAYOUTS[layout])).problem


def test_a_title_is_not_too_long(tmp_path: Path) -> None:
    for layout, name in (("ml-100k", "u.item"), ("ml-1m", "movies.dat"), ("movielens", "movies.csv")):
        error = problem_of(write_folder(tmp_path / layout, changed(LAYOUTS[layout], name, b"Kolya", b"K" * 1001)))
        assert "the title has 1,008 characters, and 1,000 are the most." in error.problem
        assert error.line == 1 + (layout == "movielens")


@pytest.mark.parametrize("time", [b"0", b"881250949"])
def test_equal_times_are_no_order(time: bytes, tmp_path: Path) -> None:
    lines = [line.rpartition(b"\t")[0] + b"\t" + time for line in ML_100K["u.data"].splitlines()]
    dataset = load(write_folder(tmp_path / "x", ML_100K | {"u.data": b"\n".join(lines)}))
    assert not dataset.is_timed
    assert dataset.notes == ("All timestamps are equal: nothing here is ordered in time.",)


# -------------------------------------------------------------------------------------------------------- 20 million

N_RATINGS, N_USERS, N_FILMS = 20_000_263, 138_493, 26_744

MEASURE = """
import resource, sys, time
from pathlib import Path
from recsys.data.movielens.reader import load
start = time.perf_counter()
dataset = load(Path(sys.argv[1]))
seconds = time.perf_counter() - start
peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(dataset.name, len(dataset), dataset.n_users, dataset.n_items, seconds, peak_kib)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("RECSYS_SLOW") != "1", reason="takes a minute and 0.6 GB of disk: RECSYS_SLOW=1")
def test_twenty_million_ratings_in_a_minute_and_two_and_a_half_gigabytes(tmp_path: Path) -> None:
    write_20m_shape(tmp_path)
    run = subprocess.run([sys.executable, "-c", MEASURE, str(tmp_path)], capture_output=True, text=True, check=True)
    name, n_ratings, n_users, n_items, seconds, peak_kib = run.stdout.split()
    assert (name, int(n_ratings), int(n_users), int(n_items)) == ("ml-20m", N_RATINGS, N_USERS, N_FILMS)
    assert float(seconds) < 60
    assert int(peak_kib) < 2.5 * 2**20


def write_20m_shape(folder: Path) -> None:
    """movies.csv and ratings.csv with the number of users, films and ratings of MovieLens 20M."""
    rng = np.random.default_rng(0)
    ids = np.sort(rng.choice(131_262, N_FILMS, replace=False)) + 1
    films = "".join(f'{i},"Film {i}, The (1999)",Drama|Comedy\n' for i in ids)
    (folder / "movies.csv").write_text("movieId,title,genres\n" + films)
    weights = rng.lognormal(4.2, 1.1, N_USERS)
    n_each = 20 + rng.multinomial(N_RATINGS - 20 * N_USERS, weights / weights.sum())
    with (folder / "ratings.csv").open("w") as file:
        file.write("userId,movieId,rating,timestamp\n")
        for first in range(0, N_USERS, 10_000):
            n_films = n_each[first : first + 10_000]
            users = np.repeat(np.arange(first + 1, first + 1 + len(n_films)), n_films)
            # A walk through the catalogue in steps of 7, so that no user meets a film twice.
            steps = np.concatenate([np.arange(n) for n in n_films])
            items = ids[(np.repeat(rng.integers(0, N_FILMS, len(n_films)), n_films) + 7 * steps) % N_FILMS]
            stars, times = rng.integers(1, 11, len(users)) / 2, rng.integers(789_652_004, 1_427_784_002, len(users))
            columns = (column.tolist() for column in (users, items, stars, times))
            file.writelines(map("{},{},{},{}\n".format, *columns))
