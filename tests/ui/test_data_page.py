"""The Data page, run by Streamlit itself, on the demo, on half stars without models, and on the real MovieLens 100K."""

from __future__ import annotations

import ast
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recsys.data import demo, library
from recsys.data.dataset import Dataset
from recsys.data.portrait import Histogram, Tail
from recsys.evaluation import protocols, real_and_predicted
from recsys.evaluation.hidden_part import cut_of
from recsys.evaluation.protocols import HOLDOUT, RATE
from recsys.evaluation.real_and_predicted import Cell
from recsys.paths import ROOT
from recsys.serving import artifacts
from recsys.ui import systems
from recsys.ui.data import counts as data_counts
from recsys.ui.data import hidden as data_hidden
from recsys.ui.data import numbers as data_numbers
from recsys.ui.data import over_time as data_time
from recsys.ui.data import page as data_page
from recsys.ui.data import tail as data_tail
from recsys.ui.data import verdict as data_verdict
from recsys.ui.text import percent
from tests.app import drawn, given_to, opened, parameters

TOPICS = tuple(data_page.PARTS)
ODD = ("M*A*S*H", "$1,000,000 Duck", "<script>alert(1)</script>", "_under_ [x](y) `code` :red[x]")


def text_of(app: AppTest, *, charts: bool = True) -> str:
    """All that the page shows: Markdown, captions, and what components and charts were given."""
    kinds = (app.main.markdown, app.main.caption, app.main.title, app.main.header, app.main.error)
    shown = [element.value for elements in kinds for element in elements]
    shown += [element.proto.json for element in app.get("bidi_component")]
    shown += [chart.proto.spec for chart in app.get("plotly_chart") if charts]
    return "\n".join(shown).replace("\\", "")


def test_every_part_opens_by_its_topic(trained: Path) -> None:
    expected = {
        "": ({"facts"}, 1),
        "long-tail": (set(), 2),
        "time": (set(), 2),
        "films-people": ({"tally", "bands"}, 0),
        "table": ({"preferences"}, 0),
        "hidden": ({"strip"}, 0),
    }
    assert set(expected) == set(TOPICS)
    for topic, (components, n_charts) in expected.items():
        app = opened("data", **({"topic": topic} if topic else {}))
        assert not app.error
        assert drawn(app) == {*components, "open_tab"}
        assert len(app.get("plotly_chart")) == n_charts
        assert all(chart.proto.alt for chart in app.get("plotly_chart"))


def test_a_topic_of_another_page_is_the_first_part(trained: Path) -> None:
    app = opened("data", topic="als")
    assert not app.error
    assert drawn(app) == {"facts", "open_tab"}


def test_the_tiles_count_the_demo(trained: Path) -> None:
    data = demo.build()
    facts = {fact["label"]: fact["value"] for fact in given_to(opened("data"), "facts")["facts"]}
    assert facts["Users"] == f"{data.n_users:,}"
    assert facts["Films"] == f"{data.n_items:,}"
    assert facts["Ratings"] == f"{len(data):,}"
    assert facts["Rated films"] == f"{len(set(data.items.tolist())):,}"
    assert facts["Mean"] == f"{data.ratings.astype(float).mean():.2f} ★"


def test_the_demo_says_that_it_is_simulated_and_nothing_about_people(trained: Path) -> None:
    said = text_of(opened("data"))
    assert "Nothing about people" in said
    assert "Marlin" not in said
    assert "website" not in said


# Real and predicted


def cells_of(app: AppTest) -> list[dict[str, Any]]:
    return [cell for row in given_to(app, "preferences")["rows"] for cell in row]


def test_the_headline_rests_on_all_that_is_hidden_of_the_users(trained: Path, demo_dataset: Dataset) -> None:
    """Counted again from the scorers, one user at a time, without our table."""
    app = opened("data", topic="table")
    given = given_to(app, "preferences")
    assert [model["label"] for model in given["models"]] == ["SVD", "ALS"]
    task = HOLDOUT.final(demo_dataset)
    users = [demo_dataset.viewers.ids.index(int(user["label"].split()[1])) for user in given["users"]]
    n, n_close, shares = 0, {"svd": 0, "als": 0}, {"svd": [], "als": []}
    for user in users:
        hidden = task.held_out.history(user)
        n += len(hidden)
        for model in n_close:
            scorer = artifacts.load(artifacts.folder_of("demo", model), demo_dataset).scorer
            predicted = np.clip(scorer.score([task.known.history(user)])[0][hidden.items], 1, 5)
            close = np.abs(predicted - hidden.ratings) <= 0.5001
            n_close[model] += int(close.sum())
            shares[model].append(float(close.mean()))
    on_screen = [cell for cell in cells_of(app) if cell["kind"] == "hidden"]
    assert n > len(on_screen)
    said = text_of(app)
    svd, als = (percent(n_close[model] / n) for model in ("svd", "als"))
    assert f"SVD: {svd}, ALS: {als} of the {n:,} hidden ratings of these 8 users predicted within half a star" in said
    points = 100 * (np.mean(shares["svd"]) - np.mean(shares["als"]))
    assert f"On average per user, SVD and ALS cannot be told apart: {abs(points):.1f} percentage points of the" in said
    assert f"{len(on_screen)} hidden," in said


def hidden_from_users(n_users: int, n_each: int, stars: float) -> real_and_predicted.Table:
    """Users who have rated a film each of their own kind, and of whom n_each ratings are hidden."""
    kinds = np.full((n_users, n_each + 1), Cell.HIDDEN, dtype=np.int8)
    kinds[:, -1] = Cell.KNOWN
    ratings = np.full(kinds.shape, stars, dtype=np.float32)
    return real_and_predicted.Table(np.arange(n_users), np.arange(n_each + 1), ratings, kinds)


def in_words(of: real_and_predicted.Table, *answers: tuple[str, float | None]) -> tuple[str, str]:
    """Findings for models that always say the same stars, or (None) that put every film first."""
    said = {
        key: real_and_predicted.Said(
            None if stars is None else np.full(of.stars.shape, stars), np.ones(of.stars.shape, dtype=np.int64)
        )
        for key, stars in answers
    }
    return data_verdict.findings(of, 1, [systems.of(key) for key in said], said)


def test_few_ratings_say_nothing_of_a_model() -> None:
    title, says = in_words(hidden_from_users(7, 4, 4.0), ("als", 4.0), ("svd", 1.0))  # 28
    assert title == "Only 28 hidden ratings of these 7 users: too few to say how close a model is"
    assert "chance" not in says
    title, _ = in_words(hidden_from_users(1, 0, 4.0), ("als", 4.0), ("ease", None))
    nothing = "No hidden rating of this user: too few to say how close a model is"
    assert title == f"{nothing}; no hidden film that this user liked: too few to say what a list finds"
    title, _ = in_words(hidden_from_users(8, 4, 3.0), ("als", 4.0), ("ease", None))  # 32, none of them liked
    assert title.startswith(
        "ALS: 0.00 % of the 32 hidden ratings of these 8 users predicted within half a star; no hidden film"
    )


def test_a_difference_between_models_is_judged_by_user() -> None:
    title, says = in_words(hidden_from_users(8, 4, 4.0), ("als", 4.0), ("svd", 1.0))
    assert title == "ALS: 100 %, SVD: 0.00 % of the 32 hidden ratings of these 8 users predicted within half a star"
    # All 8 differences have the same sign: 2 of 256 ways to draw signs are as far out, p = 0.008.
    more = "ALS is close to 100.0 percentage points more of the hidden ratings than SVD"
    assert says.startswith(f"On average per user, {more}: that is more than chance (p = 0.01).")
    _, turned = in_words(hidden_from_users(8, 4, 4.0), ("svd", 1.0), ("als", 4.0))
    assert f"On average per user, {more}: that is more than chance (p = 0.01)." in turned
    assert "On screen: 8 cells, 0 ratings that the models have learnt from, 8 hidden, 0 not rated." in says
    assert says.endswith(
        "ALS: 100 %, SVD: 0.00 % of their 8 ratings that the models have learnt from are as close. "
        "That is memory, not a test."
    )
    _, says = in_words(hidden_from_users(4, 8, 4.0), ("als", 4.0), ("svd", 1.0))
    assert "which may be chance (p = 0.1" in says  # 2 of 16: four users are no proof, however many ratings they gave
    title, _ = in_words(hidden_from_users(8, 4, 4.0), ("ease", None), ("bpr", None))
    assert title == "EASE: 32, BPR: 32 of the 32 hidden films that these 8 users liked found in the first 10"
    title, says = in_words(hidden_from_users(8, 4, 4.0), ("als", 4.0), ("bpr", None))
    assert title == (
        "ALS: 100 % of the 32 hidden ratings of these 8 users predicted within half a star; "
        "BPR: 32 of the 32 hidden films that these 8 users liked found in the first 10"
    )
    assert "percentage" not in says
    _, says = in_words(hidden_from_users(8, 4, 4.0), ("als", 4.0), ("svd", 4.0))
    assert says.startswith("On average per user, ALS and SVD come close equally often.")


def test_the_judgement_is_of_the_difference_that_it_names() -> None:
    """One user of many ratings makes the first model close more often; the mean over users says the opposite."""
    kinds = np.zeros((4, 30), dtype=np.int8)
    kinds[0, :] = kinds[1:, :2] = Cell.HIDDEN
    of = real_and_predicted.Table(np.arange(4), np.arange(30), np.full(kinds.shape, 4.0, dtype=np.float32), kinds)
    first, second = np.full(kinds.shape, 1.0), np.full(kinds.shape, 4.0)
    first[0], second[0] = 4.0, 1.0
    places = np.ones(kinds.shape, dtype=np.int64)
    said = {"als": real_and_predicted.Said(first, places), "svd": real_and_predicted.Said(second, places)}
    title, says = data_verdict.findings(of, 1, [systems.of(key) for key in said], said)
    assert title.startswith("ALS: 83 %, SVD: 16.7 % of the 36 hidden ratings")
    # (-1 + 1 + 1 + 1) / 4; 10 of 16 ways to draw signs are at least as far out.
    assert says.startswith(
        "On average per user, ALS and SVD cannot be told apart: 50.0 percentage points of the hidden ratings lie "
        "between them, which may be chance (p = 0.6"
    )


def test_a_table_without_a_hidden_cell_says_where_they_are(trained: Path) -> None:
    where = "Choose “Hidden from these users” under “Films” to see them."
    few = text_of(opened("data", topic="table", people="random", which="most", draw="30"))
    assert "0 hidden" in few
    assert where in few
    assert where not in text_of(opened("data", topic="table", people="random", draw="30"))


def test_the_table_s_choices_are_in_the_address(trained: Path) -> None:
    app = opened("data", topic="table", user="7")
    app.selectbox(key="table_second").set_value("ease").run()
    app.selectbox(key="table_films").set_value("most").run()
    app.button_group(key="table_people").set_value("random").run()
    app.button(key="table_draw").click().run()
    chosen = {"pair": "svd,ease", "people": "random", "draw": "1", "which": "most"}
    assert parameters(app) == {"topic": "table", "user": "7", **chosen}
    again = opened("data", **parameters(app))
    assert given_to(again, "preferences") == given_to(app, "preferences")
    assert not again.toast


def test_other_parts_of_the_page_have_addresses_too(trained: Path) -> None:
    app = opened("data", topic="films-people", counted="ratings")
    assert given_to(app, "tally")["caption"].startswith("Number of ratings")
    app.button_group(key="genres_of").set_value("films").run()
    assert parameters(app) == {"topic": "films-people"}
    app = opened("data", topic="hidden", hides="next")
    assert sum(kind > 0 for kind in given_to(app, "strip")["kinds"]) == 1
    app.button_group(key="hidden_protocol").set_value("rate").run()
    assert parameters(app)["hides"] == "rate"


@pytest.mark.parametrize(
    "odd",
    [
        {"pair": "<script>,../als"},
        {"people": "nobody", "which": "M*A*S*H"},
        {"draw": "9" * 9},
        {"counted": "x" * 100_000, "hides": "ratio"},
    ],
)
def test_an_odd_address_is_a_clean_table_and_a_note(trained: Path, odd: dict[str, str]) -> None:
    app = opened("data", topic="table", **odd)
    assert not app.error
    assert parameters(app) == {"topic": "table"}
    assert [model["label"] for model in given_to(app, "preferences")["models"]] == ["SVD", "ALS"]


def test_a_model_that_the_address_names_and_nobody_trained_says_so(trained: Path) -> None:
    app = opened("data", topic="table", pair="bpr,ease")
    assert "BPR cannot answer" in app.main.error[0].value
    assert [model["label"] for model in given_to(app, "preferences")["models"]] == ["EASE"]
    app.selectbox(key="table_first").set_value("als").run()
    assert not app.main.error
    assert parameters(app)["pair"] == "als,ease"
    deleted = opened("data", topic="table", pair="0007-bpr-3fa2c1")
    assert "It may have been deleted" in deleted.main.error[0].value


def test_another_model_shows_places_instead_of_stars(trained: Path) -> None:
    app = opened("data", topic="table")
    app.selectbox(key="table_first").set_value("ease").run()
    assert not app.exception
    given = given_to(app, "preferences")
    assert [(model["label"], model["unit"]) for model in given["models"]] == [("EASE", "place"), ("ALS", "stars")]
    for cell in cells_of(app):
        place, stars = cell["lines"]
        assert place["text"].startswith("#") == (cell["kind"] != "known")
        assert place["diff"] == ""
        assert (stars["diff"] != "") == (cell["kind"] != "unrated")
    assert "EASE does not predict stars" in text_of(app)


def test_two_times_the_same_model_is_not_possible(trained: Path) -> None:
    app = opened("data", topic="table")
    app.selectbox(key="table_first").set_value("als").run()
    labels = [model["label"] for model in given_to(app, "preferences")["models"]]
    assert labels == ["ALS", "SVD"]
    assert "ALS" not in app.selectbox(key="table_second").options


def test_the_films_hidden_from_a_user_are_hidden_in_their_row(trained: Path) -> None:
    app = opened("data", topic="table", user="7")
    app.selectbox(key="table_films").set_value("user").run()
    given = given_to(app, "preferences")
    place = next(row for row, user in enumerate(given["users"]) if user["chosen"])
    assert given["users"][place]["label"] == "User 7"
    assert {cell["kind"] for cell in given["rows"][place]} == {"hidden"}
    data = demo.build()
    user = data.viewers.ids.index(7)
    held_out = HOLDOUT.final(data).held_out.history(user)
    titles = [data.catalog.titles[item] for item in held_out.items[: len(given["films"])].tolist()]
    assert [film["title"] for film in given["films"]] == titles
    assert [cell["stars"] for cell in given["rows"][place]] == [f"{r:g} ★" for r in held_out.ratings[: len(titles)]]


def test_other_users_are_drawn_and_the_same_seed_draws_the_same(trained: Path) -> None:
    app, again = opened("data", topic="table"), opened("data", topic="table")
    for each in (app, again):
        each.button_group(key="table_people").set_value("random").run()
    users = given_to(app, "preferences")["users"]
    assert users == given_to(again, "preferences")["users"]
    app.button(key="table_draw").click().run()
    assert given_to(app, "preferences")["users"] != users


def test_a_film_leads_to_its_page(trained: Path) -> None:
    given = given_to(opened("data", topic="table", user="7", films="1:5", who="new_user"), "preferences")
    assert given["link"] == "film?user=7&films=1%3A5&film=FILM"  # the table is about the user, not the new user
    ids = demo.build().catalog.ids
    assert [demo.build().catalog.titles[ids.index(film["film"])] for film in given["films"]] == [
        film["title"] for film in given["films"]
    ]


def test_a_broken_model_says_why_and_the_other_stays(trained: Path) -> None:
    (trained / "models" / "svd" / "arrays.npz").write_bytes(b"PK")
    app = opened("data", topic="table")
    assert "SVD cannot answer" in app.main.error[0].value
    assert [model["label"] for model in given_to(app, "preferences")["models"]] == ["ALS"]


def test_without_models_the_table_shows_what_is_real(lonely: Path) -> None:
    app = opened("data", topic="table")
    assert not app.error
    given = given_to(app, "preferences")
    assert given["models"] == []
    assert all(cell["lines"] == [] for cell in cells_of(app))
    assert any(cell["stars"] for cell in cells_of(app))
    assert "No model has been trained" in text_of(app)
    assert app.main.code[0].value == "python -m recsys train all --dataset demo"


# What is hidden


def test_the_strip_is_the_history_of_the_user_in_the_address(trained: Path) -> None:
    app = opened("data", topic="hidden", user="7")
    strip = given_to(app, "strip")
    task = HOLDOUT.final(demo.build())
    known, hidden = task.known.history(6), task.held_out.history(6)
    assert strip["stars"] == [*known.ratings.tolist(), *hidden.ratings.tolist()]
    assert strip["kinds"] == [0] * len(known) + [2 if r >= 4 else 1 for r in hidden.ratings]
    assert strip["cut"] == len(known)
    assert f"{len(known):,} are kept and {len(hidden):,} are hidden" in text_of(app)


@pytest.mark.parametrize("name", ["next", "rate"])
def test_other_protocols_hide_something_else(trained: Path, name: str) -> None:
    app = opened("data", topic="hidden", user="7")
    app.button_group(key="hidden_protocol").set_value(name).run()
    assert not app.exception
    strip = given_to(app, "strip")
    assert strip["kinds"][-1] == (2 if name == "next" else strip["kinds"][-1])
    assert (strip["cut"] is None) == (name == "rate")
    assert (sum(kind > 0 for kind in strip["kinds"]) == 1) == (name == "next")
    assert protocols.protocol(name).summary[:40] in text_of(app)


def test_somebody_else_is_chosen_by_number_and_by_chance(trained: Path) -> None:
    app = opened("data", topic="hidden", user="7")
    app.text_input(key="hidden_user").set_value("33").run()
    assert parameters(app)["user"] == "33"
    assert "of user 33" in text_of(app)
    app.text_input(key="hidden_user").set_value("<script>").run()
    assert parameters(app)["user"] == "33"
    assert "There is no user" in app.main.warning[0].value
    app.button(key="hidden_user_surprise").click().run()
    assert parameters(app)["user"] != "33"


def test_the_leak_is_said_in_numbers() -> None:
    data = demo.build()
    cut = cut_of(HOLDOUT.final(data), 6)
    task = HOLDOUT.final(data)
    start = task.held_out.history(6).timestamps.min()
    later = int(((task.known.timestamps > start) & (task.known.users != 6)).sum())
    assert f"({later:,} ratings of {len(task.known):,})" in data_hidden.leak_in_words(cut, HOLDOUT)
    assert "fills in gaps" in data_hidden.leak_in_words(cut_of(RATE.finals(data)[0], 6), RATE)


# Data of other kinds


def half_stars(folder: Path, n_users: int = 12) -> Path:
    """Half stars, no demographics, a film that nobody rated, and titles that are a trial."""
    folder = folder / "data" / "ml-latest-small"
    folder.mkdir(parents=True)
    quoted = [title.replace('"', '""') for title in ODD]
    films = [f'{n},"{title} (19{70 + n})",Drama|Comedy' for n, title in enumerate(quoted, start=1)]
    films += [f"{n},Film {n} (2001),Drama" for n in range(len(ODD) + 1, 31)]
    (folder / "movies.csv").write_text("movieId,title,genres\n" + "\n".join(films) + "\n", encoding="utf-8")
    rows = [
        f"{u},{n},{0.5 + (u + n) % 9 / 2},{10**9 + 86_400 * (40 * n + u)}"
        for u in range(1, n_users + 1)
        for n in range(1, 30)
        if n <= len(ODD) or (u * n) % 4
    ]
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (folder / "links.csv").write_text("movieId,imdbId,tmdbId\n", encoding="utf-8")
    (folder / "tags.csv").write_text("userId,movieId,tag,timestamp\n", encoding="utf-8")
    return folder


def test_half_stars_without_demographics_or_models(lonely: Path) -> None:
    half_stars(lonely)
    for topic in TOPICS:
        app = opened("data", dataset="ml-latest-small", **({"topic": topic} if topic else {}))
        assert not app.error, topic
        said = text_of(app)
        if topic == "":
            facts = {fact["label"]: fact for fact in given_to(app, "facts")["facts"]}
            assert facts["Rated films"]["note"] == "7 films without any rating"
            assert "half and whole stars from 0.5 to 5" in facts["Mean"]["note"]
        if topic == "time":
            assert "ratings per month" in said
        if topic == "films-people":
            assert "bands" not in drawn(app)
            assert "Nothing is known about the users" in said
        if topic == "table":
            assert {film["title"] for film in given_to(app, "preferences")["films"]} >= set(ODD)


def test_the_real_data_without_a_zip_code(ml100k: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """All parts of the page on MovieLens 100K: right figures, and no ZIP code or digit of one anywhere."""
    monkeypatch.setenv("RECSYS_OFFLINE", "1")
    users = library.sources.find("ml-100k") / "u.user"  # type: ignore[operator]
    codes = {line.split("|")[4] for line in users.read_text(encoding="latin-1").split("\n") if line}
    codes = {code for code in codes if len(code) == 5}
    assert len(codes) > 700
    said = {}
    for topic in TOPICS:
        app = opened("data", dataset="ml-100k", user="405", **({"topic": topic} if topic else {}))
        assert not app.error
        said[topic] = text_of(app)
        assert "zip" not in said[topic].lower()
        shown = text_of(app, charts=False)  # a chart has bare counts, and 21201 is a ZIP code as well
        words = set("".join(c if c.isalnum() else " " for c in shown).split())
        assert not words & codes, topic
    assert "55 % of the ratings are 4 stars or more" in said[""]
    assert "The 10 % most rated films have 43 % of the ratings" in said["long-tail"]
    assert "The 10 % busiest users gave 32 % of the ratings" in said["long-tail"]
    assert "Half of the users gave all their ratings within 49 minutes" in said["time"]
    assert "Of the 737 ratings of user 405, 590 are kept and 147 are hidden" in said["hidden"]


def test_the_page_reads_no_zip_area() -> None:
    files = [
        *(ROOT / "recsys" / "ui" / "data").glob("*.py"),
        ROOT / "recsys/data/portrait.py",
        ROOT / "recsys/evaluation/hidden_part.py",
    ]
    assert len(files) >= 9
    for path in [*files, ROOT / "recsys/evaluation/real_and_predicted.py"]:
        names = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        assert "zip_area" not in names, path


# Words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "1 minute"),
        (49 * 60, "49 minutes"),
        (5 * 3600, "5 hours"),
        (41 * 86_400, "41 days"),
        (214 * 86_400, "7 months"),
        (22.5 * 365.25 * 86_400, "22 years"),
    ],
)
def test_durations_in_words(seconds: float, said: str) -> None:
    assert data_counts.duration(seconds) == said


def test_sentences_about_the_tail() -> None:
    tail = Tail.of(np.array([50, 10, 10, 10, 5, 5, 5, 2, 2, 1]))
    title, says = data_tail.films_in_words(tail)
    assert title == "The 10 % most rated films have 50 % of the ratings"
    half, middle = "1 film of 10 has half of all ratings.", "The median film has 5 ratings"
    assert says == f"{half} {middle}, and 30 % of the films have 4 or fewer."
    assert data_tail.films_in_words(Tail.of(np.zeros(2, dtype=int)))[0] == "No film has a rating"


def test_sentences_about_sittings_and_stars() -> None:
    title, says = data_time.sittings_in_words(np.array([60.0, 600.0, 90.0 * 86_400]), is_simulated=False)
    assert title == "Half of the users gave all their ratings within 10 minutes"
    assert says.startswith("67 % within a day. So the order")
    assert data_time.sittings_in_words(np.full(3, 9e6), is_simulated=True)[1].startswith("None within a day.")
    title, says = data_numbers.stars_in_words(Histogram((1, 2, 3, 4, 5), (1, 0, 1, 1, 1)), is_simulated=False)
    assert title == "50 % of the ratings are 4 stars or more"
    assert says.startswith("Most common: 1 star. ")
    assert not math.isnan(Histogram((1,), (1,)).share_from(4))
