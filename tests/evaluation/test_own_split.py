"""A split of one's own: what is read, what is left out and said, and what is refused."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.data.dataset import Dataset, RatingScale
from recsys.errors import DataError, RecsysError, UsageError
from recsys.evaluation import own_split
from recsys.evaluation.own_split import OwnSplit

Named = list[tuple[str, str, float, int]]

TRAIN: Named = [("anna", "m*a*s*h", 5, 30), ("anna", "10", 3, 20), ("ben", "9", 1, 10), ("ben", "10", 4.5, 40)]
TEST: Named = [("anna", "9", 4, 50), ("ben", "m*a*s*h", 2, 60)]


def text(rows: Named, *, delimiter: str = ",", header: str = "user,item,rating,timestamp") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerows([header.split(",")] if header else [])
    writer.writerows(rows)
    return out.getvalue()


def read(folder: Path, train: str | bytes | None = None, test: str | bytes | None = None) -> OwnSplit:
    files = folder / "train.csv", folder / "test.csv"
    for file, content in zip(files, (text(TRAIN) if train is None else train, test), strict=True):
        content = text(TEST) if content is None else content
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return own_split.read(*files)


def named(part: Dataset, users: list[str]) -> Named:
    """The rows in words again; users are known by their place only."""
    return [
        (users[user], part.catalog.titles[item], float(rating), int(time))
        for user, item, rating, time in zip(part.users, part.items, part.ratings, part.timestamps, strict=True)
    ]


# What is read


def check_read(parts: OwnSplit) -> None:
    assert sorted(named(parts.train, ["anna", "ben"])) == sorted(TRAIN)
    assert sorted(named(parts.test, ["anna", "ben"])) == sorted(TEST)
    assert parts.report() == []


def test_films_are_in_the_order_of_their_ids_numbers_first(tmp_path: Path) -> None:
    parts = read(tmp_path)
    assert parts.train.catalog.titles == ("9", "10", "m*a*s*h")
    assert (parts.train.n_users, parts.train.n_items, parts.test.n_users, parts.test.n_items) == (2, 3, 2, 3)
    assert parts.train.history(0).items.tolist() == [1, 2]  # by time
    check_read(parts)


@pytest.mark.parametrize(
    "written",
    [
        text(TRAIN, delimiter="\t"),
        text(TRAIN, header=""),
        text(TRAIN, header="", delimiter="\t"),
        text(TRAIN, header="userId,movieId,rating,timestamp"),
        text(TRAIN, header="UserID,Item_ID,Stars,time"),
        text(TRAIN).replace("\n", "\r\n"),
        text(TRAIN).replace("\n", "\r"),
        text(TRAIN).replace("\n", "\n\n"),
        "\n" + text(TRAIN, delimiter="\t"),
        text(TRAIN).removesuffix("\n"),
        text(TRAIN).replace("anna,", '"anna",').replace("m*a", " m*a"),
        text(TRAIN).encode("utf-8-sig"),
    ],
    ids=["tsv", "no header", "tsv, no header", "MovieLens", "synonyms", "CRLF", "CR", "blank lines", "blank first",
         "no last newline", "quotes and spaces", "BOM"],
)  # fmt: skip
def test_it_may_be_written_in_many_ways(tmp_path: Path, written: str | bytes) -> None:
    check_read(read(tmp_path, written))


def test_the_order_of_the_columns_is_free_and_others_are_passed_over(tmp_path: Path) -> None:
    rows = [f"x,{rating},{time},{item},y,{user}" for user, item, rating, time in TRAIN]
    check_read(read(tmp_path, "\n".join(["note,rating,timestamp,item,genre,user", *rows])))


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_ids_with_commas_tabs_and_quotes(tmp_path: Path, delimiter: str) -> None:
    odd: Named = [("o'x, y", 'a "b"', 3.0, 1), ("o'x, y", "two\tparts", 4.0, 2), ("carl", "plain", 5.0, 3)]
    learned = text([*odd, *TRAIN], delimiter=delimiter)
    parts = read(tmp_path, learned, text([("o'x, y", "plain", 5.0, 9)], delimiter=delimiter))
    assert {'a "b"', "two\tparts", "plain", "m*a*s*h"} < set(parts.train.catalog.titles)
    assert len(parts.train) == 7


@pytest.mark.parametrize("item", ['7" single', '12 Monkeys"', 'the "best" of'])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_within_a_cell_a_quotation_mark_is_a_character(tmp_path: Path, item: str, delimiter: str) -> None:
    learned = text(TRAIN, delimiter=delimiter) + delimiter.join(["ben", item, "2", "5"]) + "\n"
    parts = read(tmp_path, learned)
    assert item in parts.train.catalog.titles
    assert len(parts.train) == 5


def test_without_times_the_order_of_the_file_is_kept(tmp_path: Path) -> None:
    parts = read(tmp_path, "user,item,rating\n1,30,5\n1,20,4\n2,10,3\n", "1,10,5\n")
    assert not parts.train.is_timed
    assert [parts.train.catalog.titles[item] for item in parts.train.history(0).items] == ["30", "20"]


@pytest.mark.parametrize("time", [0, 881250949])
def test_equal_times_are_no_order(tmp_path: Path, time: int) -> None:
    parts = read(tmp_path, text([(*row[:3], time) for row in TRAIN]))
    assert not parts.train.is_timed
    assert parts.report() == ["All timestamps are equal: nothing here is ordered in time."]


@pytest.mark.parametrize(
    ("stars", "scale"),
    [("0.5 3 3.5 5", RatingScale(0.5, 5.0, 0.5)), ("-2 0 2", RatingScale(-2, 2, 2)), ("7 7", RatingScale(7, 7, 1))],
)
def test_the_scale_is_that_of_the_training_file(tmp_path: Path, stars: str, scale: RatingScale) -> None:
    rows: Named = [("u", f"i{n}", float(rating), n) for n, rating in enumerate(stars.split())]
    parts = read(tmp_path, text([*rows, ("v", "other", rows[0][2], 9)]), text([("u", "other", 99, 1)]))
    assert parts.train.scale == parts.test.scale == scale


def test_of_two_rows_of_a_pair_the_latest_counts(tmp_path: Path) -> None:
    again = [("anna", "10", 1.0, 25), ("anna", "m*a*s*h", 1.0, 3)]
    parts = read(tmp_path, text([*TRAIN, *again]))
    ratings = {(user, item): rating for user, item, rating, _ in named(parts.train, ["anna", "ben"])}
    assert len(parts.train) == len(TRAIN)
    assert (ratings["anna", "10"], ratings["anna", "m*a*s*h"]) == (1.0, 5.0)


IDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1, max_size=8).filter(
    lambda raw: raw == raw.strip()
) | st.sampled_from([*own_split.COLUMNS, *own_split.SYNONYMS])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.dictionaries(st.tuples(IDS, IDS), st.sampled_from([0.5, 1.0, 4.0, -3.0]), min_size=1, max_size=12))
def test_any_ids_are_read_as_they_were_written(tmp_path: Path, rows: dict[tuple[str, str], float]) -> None:
    learned: Named = [(user, item, rating, place) for place, ((user, item), rating) in enumerate(rows.items())]
    asker, asked = "someone else", learned[0][1]
    parts = read(tmp_path, text([*learned, (asker, "another film", 1.0, 99)]), text([(asker, asked, 1.0, 0)]))
    assert set(parts.train.catalog.titles) == {item for _, item in rows} | {"another film"}
    assert len(parts.train) == len(rows) + 1
    assert [parts.test.catalog.titles[item] for item in parts.test.items] == [asked]


@pytest.mark.parametrize("first", ["anna,Time,5", "user,film,4", "score,item,3"])
def test_a_first_row_with_the_name_of_a_column_is_a_row(tmp_path: Path, first: str) -> None:
    rows = [f"u{user},f{item},{1 + (user + item) % 5}" for user in range(12) for item in range(10)]
    parts = read(tmp_path, "\n".join([first, *rows]), "u0," + first.split(",")[1] + ",4\n")
    assert len(parts.train) == 121


def test_other_digits_are_letters(tmp_path: Path) -> None:
    parts = read(tmp_path, "anna,٣,5\nanna,10,4\nanna,²,3\nben,9,3\n", "ben,10,5\n")
    assert parts.train.catalog.titles == ("9", "10", "²", "٣")


MEASURE = """
import resource, sys
from pathlib import Path
from recsys.evaluation import own_split
parts = own_split.read(Path(sys.argv[1]), Path(sys.argv[2]))
print(len(parts.train), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("RECSYS_SLOW") != "1", reason="takes a minute: RECSYS_SLOW=1")
def test_five_million_rows_in_one_gigabyte(tmp_path: Path) -> None:
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    with train.open("w") as file:
        for user in range(50_000):
            file.writelines(f"user {user},film {(user + 7 * n) % 30_000},{1 + n % 5},{n}\n" for n in range(100))
    test.write_text("user 1,film 0,5,1\n")
    run = subprocess.run([sys.executable, "-c", MEASURE, train, test], capture_output=True, text=True, check=True)
    n_train, peak_kib = map(int, run.stdout.split())
    assert n_train == 5_000_000
    assert peak_kib < 2**20


# What is left out, and said


def test_who_and_what_only_the_test_file_has_is_left_out_and_counted(tmp_path: Path) -> None:
    strangers: Named = [("zoe", "9", 5, 1), ("zoe", "10", 5, 1), ("anna", "new", 5, 1), ("yan", "newer", 5, 1)]
    parts = read(tmp_path, test=text([*TEST, *strangers]))
    assert (parts.n_test, parts.n_left_out, parts.n_unknown_users, parts.n_unknown_items) == (6, 4, 2, 2)
    assert len(parts.test) == 2
    assert parts.report() == [
        "4 of 6 test rows are left out: 2 users and 2 films are in the test file only, and no model can know them."
    ]


def test_what_the_training_file_has_too_is_left_out_and_counted(tmp_path: Path) -> None:
    parts = read(tmp_path, test=text([*TEST, TRAIN[0]]))
    assert (parts.n_test, parts.n_left_out, parts.n_repeated, len(parts.test)) == (3, 0, 1, 2)
    assert parts.report() == [
        "1 of 3 test rows are left out: the training file has the same user and film, so the models have seen the "
        "answer."
    ]


# What is refused

GOOD = text(TRAIN)


@pytest.mark.parametrize(
    ("train", "says"),
    [
        (GOOD + "ann,1\n", "train.csv, line 6: The line has 2 columns."),
        (GOOD + "ann,1,3\n", "line 6: The line has 3 columns."),
        (GOOD + "ann,1,five,4\n", "line 6: The rating must be a number. Received 'five'."),
        (GOOD + "ann,1,,4\n", "line 6: The rating must be a number. Received ''."),
        (GOOD + "ann,1,nan,4\n", "line 6: The rating must be a number. Received 'nan'."),
        (GOOD + "ann,1,-inf,4\n", "line 6: The rating must be a number. Received '-inf'."),
        (GOOD + "ann,1,1e300,4\n", "line 6: The rating is too large. Received '1e300'."),
        (GOOD + "ann,1,3_5,4\n", "line 6: The rating must be a number. Received '3_5'."),
        (GOOD + "ann,1,٣,4\n", "line 6: The rating must be a number. Received '٣'."),
        (GOOD + "ann,1,3,-4\n", "line 6: The timestamp must be a whole number. Received '-4'."),
        (GOOD + "ann,1,3,8_8\n", "line 6: The timestamp must be a whole number. Received '8_8'."),
        (GOOD + "ann,1,3,٣\n", "line 6: The timestamp must be a whole number. Received '٣'."),
        (
            GOOD + "ann,1,3,1000001000000\n",
            "line 6: A timestamp is seconds since 1970, and before 2100. Received '1000001000000'.",
        ),
        (GOOD + f"{'a' * 1001},1,3,4\n", "line 6: The user has 1,001 characters, and 1,000 are the most."),
        (GOOD + "ann,1,3,yesterday\n", "line 6: The timestamp must be a whole number. Received 'yesterday'."),
        (GOOD + "ann,1,3,1e30\n", "line 6: The timestamp must be a whole number. Received '1e30'."),
        (GOOD + ",1,3,4\n", "line 6: The user or the item is missing."),
        (GOOD + "\n\nann,1\n", "line 8: The line has 2 columns."),
        (GOOD + "x" * 200_000 + ",1,3,4\n", "line 6: The line is longer than 4,096 characters."),
        ("user,rating\nann,5\n", "line 1: There is no column item in 'user,rating'."),
        ("rating\n5\n", "There is no column user and no column item in 'rating'."),
        ("who,what,stars!\nann,1,3\n", "line 1: The rating must be a number. Received 'stars!'."),
        (GOOD.replace(",", ";"), "line 1: The line has 1 columns. Each line needs user, item, rating and perhaps"),
        ("", "train.csv has no ratings. Each line needs user, item, rating"),
        ("user,item,rating\n", "train.csv has no ratings."),
        ("\n \n", "train.csv has no ratings."),
        (GOOD.encode("utf-16"), "train.csv cannot be read: it is not UTF-8. In line 1, byte 0xff is not UTF-8."),
        (GOOD.encode() + b"ann,\xe9,5,4\n", "cannot be read: it is not UTF-8. In line 6, byte 0xe9 is not"),
        (bytes(range(256)), "train.csv, line 1: "),
        (b"\0\0\0\1\n\0", "line 1: The line has 1 columns."),
        ("1,2,3\n", "test.csv has a user and an item that"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) and " " in value else "",
)
def test_a_bad_file_is_refused_in_one_line(tmp_path: Path, train: str | bytes, says: str) -> None:
    with pytest.raises(RecsysError) as caught:
        read(tmp_path, train)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


BY_TABS = text(TRAIN, delimiter="\t")
STRAY = "A quotation mark that opens a cell must close it in the same line. Received "


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (BY_TABS + 'ann\t"12 Monkeys\t5\t1\n' + BY_TABS.partition("\n")[2] + 'ann\t"7\t4\t1\n', 6),
        (BY_TABS + 'ann\t"12 Monkeys\t5\t1\nann\t9\t5\t1\n', 6),
        (BY_TABS + 'ann\t"12 Monkeys\t5\t1\n', 6),
        (BY_TABS + 'ann\t"12 Monkeys\t5\t1', 6),
        (BY_TABS + '\n\nann\t5\t"4\t1\n', 8),
        (GOOD + 'ann,"12 Monkeys,5,1\n' + 'ben,9",5,1\n', 6),
        (GOOD + 'ann,"Heat" (1995),5,1\n', 6),
        (GOOD + 'ann,"two\nlines",5,1\n', 6),
        (GOOD.replace("user,", '"user,', 1), 1),
        (GOOD.replace("timestamp", '"timestamp', 1), 1),
    ],
    ids=["two marks", "one mark", "last line", "no last newline", "blank lines before", "commas", "closed too early",
         "over two lines", "header", "end of the header"],
)  # fmt: skip
def test_a_stray_quotation_mark_costs_no_rows_without_a_word(tmp_path: Path, content: str, line: int) -> None:
    for name, files in (("train.csv", (content, None)), ("test.csv", (None, content))):
        with pytest.raises(DataError) as caught:
            read(tmp_path, *files)
        assert f"{name}, line {line}: {STRAY}" in str(caught.value)
        assert "is written twice" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_the_test_file_is_looked_at_as_closely(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"test\.csv, line 4: The rating must be a number\. Received 'x'\."):
        read(tmp_path, test=text(TEST) + "anna,9,x,1\n")
    with pytest.raises(UsageError, match=r"test\.csv has no ratings"):
        read(tmp_path, test="")
    with pytest.raises(UsageError, match=r"Every row of .*test\.csv .* is in .*train\.csv too: nothing is held out\."):
        read(tmp_path, test=text(TRAIN))


@pytest.mark.parametrize(
    ("bound", "what"), [("MAX_USERS", "users"), ("MAX_ITEMS", "films"), ("MAX_RATINGS", "ratings")]
)
def test_there_may_be_only_so_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, what: str) -> None:
    monkeypatch.setattr(own_split, bound, 1)
    with pytest.raises(DataError, match=rf"train\.csv, line [34]: There are more than 1 {what}\."):
        read(tmp_path)


def test_what_may_never_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match=r"pipe cannot be read: it is not a regular file\."):
        own_split.read(tmp_path / "pipe", tmp_path / "pipe")
    monkeypatch.setattr(own_split, "MAX_RATINGS_BYTES", 10)
    with pytest.raises(UsageError, match=r"train\.csv cannot be read: it has more than 10 bytes\."):
        read(tmp_path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "there.csv").write_text(GOOD)
    for files in (("absent.csv", "there.csv"), ("there.csv", "absent.csv"), (".", "there.csv")):
        with pytest.raises(UsageError, match=r"cannot be read: (No such file or directory|Is a directory)\."):
            own_split.read(*(tmp_path / file for file in files))


@pytest.mark.parametrize("raw", ["²", "9" * 1000, "007", "-1", "1e5", "٣"])
def test_numbers_of_all_kinds_may_be_ids(tmp_path: Path, raw: str) -> None:
    assert raw in read(tmp_path, GOOD + f"anna,{raw},3,4\n").train.catalog.titles
