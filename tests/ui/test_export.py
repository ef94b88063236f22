"""What can be saved: every table of every page in each format, and what a saved picture says of itself."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from recsys.ui import export
from recsys.ui.export import FORMATS, Table
from recsys.version import __version__
from tests.app import opened, saved, saves, unfolded

PAGES: dict[tuple[str, ...], list[set[str]]] = {
    ("leaderboard",): [{"model", "ndcg@10", "train_seconds"}],
    ("leaderboard", "people"): [{"group", "mean", "mark"}, {"user_id", "ndcg@10, EASE"}],
    ("leaderboard", "cost"): [{"model", "n_bytes", "on_front"}],
    ("leaderboard", "popularity"): [{"model", "place_of_half"}, {"model", "rmse", "ndcg@10"}],
    ("leaderboard", "checks"): [{"check", "state", "found"}],
    ("data",): [{"what", "value"}, {"stars", "ratings"}],
    ("data", "long-tail"): [{"place of the film", "ratings"}, {"place of the user", "ratings"}],
    ("data", "time"): [{"week_from", "ratings"}, {"week_from", "new users"}],
    ("data", "films-people"): [{"genre", "decade", "films"}, {"group", "band", "users"}],
    ("data", "table"): [{"user", "film_id", "stars"}],
    ("data", "hidden"): [{"date", "stars", "hidden"}],
    ("film",): [{"model", "median_rank"}, {"stars", "known_ratings"}, {"place", "known_ratings"}],
    ("why",): [{"model", "reason", "amount"}, {"read", "rank"}, {"film", "field"}],
}
"""A page, or a part of one -> columns of each of its tables."""


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo with the models that come with the repository: every part of every page has something to show."""
    for name, value in {"RECSYS_DATA_DIR": tmp_path, "RECSYS_DOWNLOAD_DIR": tmp_path, "RECSYS_OFFLINE": "1"}.items():
        monkeypatch.setenv(name, str(value))


@pytest.mark.parametrize("where", PAGES, ids="-".join)
def test_every_table_is_saved_with_where_it_comes_from(shipped: None, where: tuple[str, ...]) -> None:
    page, *part = where
    parameters = {"tab" if page == "leaderboard" else "topic": part[0]} if part else {}
    app = opened(page, user="42", **parameters)
    given = saves(app)
    tables = [key for key, each in given.items() if each["endings"]]
    found = []
    for key in tables:
        text = saved(app, key, "csv")["text"]
        head = dict(line[2:].split(": ", 1) for line in text.removeprefix(export.BOM).splitlines() if line[:2] == "# ")
        assert {"title", "data set", "version", "date"} <= set(head)
        assert (head["data set"], head["version"]) == ("demo", f"recsys {__version__}")
        if page != "data" and key not in ("film_ratings", "film_curve"):
            assert (head["protocol"], head["seed"]) == ("holdout", "0")
        read = pd.read_csv(io.StringIO(text), comment="#")
        assert len(read)
        assert not any(name.startswith("Unnamed") for name in read.columns)
        found.append(set(read.columns))
        assert saved(app, key, "md")["text"].startswith("**")
        assert saved(app, key, "tex")["text"].startswith(r"\begin{table}")
    assert all(any(columns <= names for names in found) for columns in PAGES[where]), found
    assert len(found) == len(PAGES[where])


def test_a_chart_says_in_words_what_its_picture_does(shipped: None) -> None:
    app = opened("leaderboard", tab="cost")
    [(key, given)] = saves(app).items()
    assert given["of"] == f"st-key-{key}"
    assert "Popularity" in given["alt"]
    assert given["title"].startswith("On the front")
    assert given["says"].startswith("Data set demo · protocol holdout · seed 0 · recsys ")
    assert ".xgrid" in given["light"]


def test_compare_saves_only_what_may_be_known_before_the_reveal(shipped: None) -> None:
    assert not saves(opened(user="42"))  # nothing on the first screen is slower for it
    app = unfolded(opened(user="42", ticks="0"), "options")
    assert list(saves(app)) == ["history", "lists", "overlap"]
    assert "liked_later" not in saved(app, "lists", "csv")["text"]
    assert "what came next" not in saved(app, "history", "csv")["text"]
    app = unfolded(opened(user="42"), "options")
    assert list(saves(app)) == ["history", "lists", "metrics", "overlap"]
    assert "liked_later" in saved(app, "lists", "csv")["text"]


@pytest.mark.parametrize(
    "sent", [None, "csv", {"ending": "exe", "id": 1}, {"ending": "csv", "id": "1"}, {"ending": ["csv"], "id": 1}, {}]
)
def test_what_is_no_click_saves_nothing(monkeypatch: pytest.MonkeyPatch, sent: object) -> None:
    class Sent:
        wanted = sent

    state: dict[str, Any] = {"save_x": Sent()}
    monkeypatch.setattr(export.st, "session_state", state)
    export._ask("save_x")
    assert list(state) == ["save_x"]


def test_csv_opens_in_a_spreadsheet_and_runs_nothing() -> None:
    titles = ["=1+1", "+x", "-x", "@x", "\tx", "\rx", 'a "quoted", one', "Amélie", "M*A*S*H"]
    content = Table("", ["title", "score"], [*([title, -0.5] for title in titles), [None, math.nan]], {}).csv()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1:]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+x", "'-x", "'@x", "'\tx", "'\rx", *titles[6:], ""]
    assert rows[1][1] == "-0.5"
    assert rows[-1] == ["", ""]


def test_the_head_of_a_csv_is_all_comment_whatever_stands_in_it() -> None:
    saved = Table('"A", =1+1;\n=2', ["film"], [["Amélie"]], {"seed": "0, 1"}).csv().decode("utf-8-sig")
    assert saved.splitlines()[:2] == ["# title: 'A' · =1+1 · =2", "# seed: 0 · 1"]
    assert pd.read_csv(io.StringIO(saved), comment="#")["film"].tolist() == ["Amélie"]


def test_a_saved_title_is_data_in_every_format() -> None:
    title = "=HYPERLINK(1) & 50 % _x_ | $1 \\ ~^{#}"
    saved = Table(title, ["film"], [[title], [None], [math.nan], [0.123456789]], {"data set": "a_b"})
    content = list(csv.reader(io.StringIO(saved.csv().decode("utf-8-sig"))))
    assert content[3:] == [["'" + title], [""], [""], ["0.123456789"]]
    assert content[0] == [f"# title: {title}"]
    assert "\\|" in saved.markdown().decode()
    latex = saved.latex().decode()
    assert r"=HYPERLINK(1) \& 50 \% \_x\_ | \$1 \textbackslash{} \textasciitilde{}\textasciicircum{}\{\#\}" in latex
    assert "0.123457" in latex


def test_each_format_has_a_name_and_an_ending() -> None:
    assert {ending: how.label for ending, how in FORMATS.items()} == {"csv": "CSV", "md": "Markdown", "tex": "LaTeX"}
