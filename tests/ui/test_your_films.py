"""The page "Your films": what models make of a profile, what the editor is given, and the page run by Streamlit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recsys.data.catalog import UNKNOWN_YEAR, Demographics, IdMap
from recsys.data.dataset import Dataset, History
from recsys.evaluation import new_users
from recsys.evaluation.new_users import FoldIn
from recsys.evaluation.protocols import HOLDOUT
from recsys.explain import new_user_notes
from recsys.explain.what_if import Question
from recsys.serving import artifacts, new_user
from recsys.serving.lists import model_list
from recsys.serving.scorers import FactorScorer, Query, ScorerState, Unit
from recsys.ui import lists, loaders
from recsys.ui.components.films_editor import films_editor
from recsys.ui.components.moves import moves as films_moves
from recsys.ui.lists import UNDECIDED
from recsys.ui.view import View
from recsys.ui.your_films import editor
from recsys.ui.your_films import lists as films_lists
from recsys.ui.your_films import what_if as films_what_if
from tests.app import drawn, given_to, opened, parameters, unfolded
from tests.ui.test_pages import write_ml100k

STREAMLIT_READS = 512 * 1024
"""Bytes of a query."""
MANY = ",".join(f"{n}:4" for n in range(1, 10_001))


def history(*rated: tuple[int, float], demographics: Demographics | None = None) -> History:
    return new_user.Profile(rated, demographics or Demographics()).history()


def state(query: Query, n_items: int, **settings: Any) -> ScorerState:
    width = n_items if query is Query.INTERACTIONS else 2
    return FactorScorer(
        Unit.STRENGTH, query, np.zeros(n_items), item_factors=np.ones((n_items, width)), **settings
    ).state()


def said(of: ScorerState, asked: History, dataset: Dataset, counts: np.ndarray | None = None) -> str:
    counts = np.ones(dataset.n_items) if counts is None else counts
    return new_user_notes.note(of, asked, counts, dataset.catalog, dataset.viewers)


@pytest.mark.parametrize(
    ("rated", "says"),
    [
        ((), "It has no film to go on."),
        (((0, 5.0),), "Uses your one film."),
        (((0, 5.0), (1, 4.0)), "Uses all 2 films. They all count alike."),
        (((0, 5.0), (1, 4.0), (2, 1.0)), "Uses 2 of 3 films: those with 4 stars or more. They all count alike."),
        (((0, 1.0), (1, 2.0)), "Uses films with 4 stars or more, and you have none."),
    ],
)
def test_a_model_of_likes_says_which_films_it_uses(demo_dataset: Dataset, rated: tuple, says: str) -> None:
    ease = state(Query.INTERACTIONS, demo_dataset.n_items, min_rating=4.0)
    assert said(ease, history(*rated), demo_dataset) == says


def test_bpr_says_what_weighs_more(demo_dataset: Dataset) -> None:
    n = demo_dataset.n_items
    bpr = state(Query.PAIRWISE, n, min_rating=3.0, star_power=1.0, recency=0.5)
    both = said(bpr, history((0, 5.0), (1, 3.0)), demo_dataset)
    assert both == "Uses all 2 films. Films with more stars and later films weigh more."
    none = said(bpr, history((0, 1.0)), demo_dataset)
    assert "and you have none. This is the list for somebody it knows nothing about." in none
    assert new_user_notes.reads_order(bpr)
    assert not new_user_notes.reads_order(state(Query.PAIRWISE, n))
    assert new_user_notes.reads_order(ScorerState("onnx", {"encoder": "item_sequence", "max_length": 5}))


def test_als_says_by_how_much_the_new_user_is_generous(demo_dataset: Dataset) -> None:
    n = demo_dataset.n_items
    als = FactorScorer(Unit.STARS, Query.BIAS, np.zeros(n), global_bias=3.0, regularization=2.0).state()
    # (5 - 3) + (5 - 3) over 2 + 2 = 1 star
    above = said(als, history((0, 5.0), (1, 5.0)), demo_dataset)
    assert above == "You rate above the average: every film moves by +1.0 stars, so the order stays."
    assert "by −1.0 stars" in said(als, history((0, 1.0), (1, 1.0)), demo_dataset)
    assert "the average viewer" in said(als, history((0, 3.0)), demo_dataset)
    assert said(als, history(), demo_dataset) == "Without stars you count as an average viewer."


def test_a_network_says_what_it_reads(demo_dataset: Dataset) -> None:
    catalog = demo_dataset.catalog
    gru = ScorerState("onnx", {"encoder": "item_sequence", "max_length": 2})
    three = said(gru, history((4, 1.0), (5, 2.0), (6, 3.0)), demo_dataset)
    assert three == f"Reads your last 2 films in your order, “{catalog.label(6)}” last. Stars are not used."
    assert "no sequence" in said(gru, history(), demo_dataset)
    auto = ScorerState("onnx", {"encoder": "rating_vector"})
    assert said(auto, history((0, 2.0)), demo_dataset) == "Reads your one film and its stars."
    assert "empty" in said(auto, history(), demo_dataset)
    click = ScorerState("onnx", {"encoder": "user_item_fields"})
    assert "unknown viewer" in said(click, history((0, 5.0)), demo_dataset)
    female = Demographics(gender=demo_dataset.viewers.gender.names.index("female"))
    assert said(click, history(demographics=female), demo_dataset).endswith("what you say about yourself: female.")
    neural = ScorerState("onnx", {"encoder": "user_item"})
    assert "every new user gets this list" in said(neural, history((0, 5.0)), demo_dataset)


def test_a_film_that_a_model_never_saw_is_named(demo_dataset: Dataset) -> None:
    svd = state(Query.RIDGE, demo_dataset.n_items)
    counts = np.ones(demo_dataset.n_items)
    counts[:4] = 0
    one = said(svd, history((0, 5.0), (9, 5.0)), demo_dataset, counts)
    assert one.endswith(f"It never saw a rating of “{demo_dataset.catalog.label(0)}”.")
    assert said(svd, history((0, 5.0), (1, 5.0), (2, 5.0)), demo_dataset, counts).endswith("a rating of 3 of them.")
    svd.arrays["item_factors"][7] = 0
    blank = said(svd, history((7, 5.0)), demo_dataset)
    assert blank.endswith(f"It has learnt nothing about “{demo_dataset.catalog.label(7)}”.")


PROFILES = {"none": 0, "one": 1, "six": 6, "fifty": 50}


@pytest.mark.parametrize("stars", [5.0, 1.0])
@pytest.mark.parametrize("n", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("folder", artifacts.folder_of("demo", "x").parent.glob("*/"), ids=lambda path: path.name)
def test_every_shipped_model_has_a_list_or_a_sentence(
    demo_dataset: Dataset, folder: Path, n: int, stars: float
) -> None:
    scorer = artifacts.load(folder, demo_dataset).scorer
    best = np.argsort(-demo_dataset.item_counts, kind="stable")[:n]
    asked = history(*((int(item), stars) for item in best))
    full = model_list(folder.name, scorer, asked, np.zeros(0, dtype=int), demo_dataset.n_items)
    assert len(full.items) == demo_dataset.n_items - n
    assert np.isfinite(full.scores).all()
    assert said(scorer.state(), asked, demo_dataset).endswith(".")
    if new_user_notes.is_undecided(full):
        assert folder.name in ("ease", "item-knn", "ials")
        assert n == 0 or stars == 1.0
        assert new_user_notes.nothing_to_go_on(scorer.state(), asked).endswith((".", "appears."))


def test_an_undecided_model_says_why(demo_dataset: Dataset) -> None:
    ease = state(Query.INTERACTIONS, demo_dataset.n_items, min_rating=4.0)
    assert "Rate one" in new_user_notes.nothing_to_go_on(ease, history())
    assert "only at films with 4 stars or more" in new_user_notes.nothing_to_go_on(ease, history((0, 2.0)))
    assert "learnt nothing about the films" in new_user_notes.nothing_to_go_on(ease, history((0, 5.0)))


@pytest.mark.parametrize(
    "reported",
    [None, 7, [], "x", {"query": 5, "genre": "<b>", "decade": "1990"}, {"genre": ["Drama"]}, {"decade": 99999}],
)
def test_a_browser_may_ask_for_anything(demo_dataset: Dataset, reported: object) -> None:
    assert films_editor.Asked.of(reported, demo_dataset.catalog) == films_editor.Asked()


def test_the_editor_is_given_films_stars_and_finds(demo_dataset: Dataset) -> None:
    ids, titles = demo_dataset.catalog.ids.ids, demo_dataset.catalog.titles
    matrix, amelie = (int(ids[titles.index(name)]) for name in ("The Matrix", "Amélie"))
    view = View(films=((matrix, 5.0), (amelie, 1.0)))
    index = editor.index_of(demo_dataset)
    asked = films_editor.Asked(query="matrix")
    given = films_editor.payload(demo_dataset, view, index, asked, stamp=3, reads_order=["BPR", "GRU"])
    json.dumps(given, allow_nan=False)
    assert [(film["id"], film["title"], film["stars"]) for film in given["films"]] == [
        (matrix, "The Matrix", 5.0),
        (amelie, "Amélie", 1.0),
    ]
    assert [film["title"] for film in given["found"]] == ["The Matrix", "The Matrix Reloaded", "The Matrix Revolutions"]
    assert given["scale"] == {"low": 1.0, "high": 5.0, "step": 1.0}
    assert given["stamp"] == 3
    assert given["order"].endswith("BPR and GRU use the order.")
    nothing = films_editor.payload(demo_dataset, view, index, films_editor.Asked("zzzz"), stamp=0, reads_order=["GRU"])
    assert nothing["found"] == []
    assert "No title" in nothing["said"]
    assert nothing["order"].endswith("GRU uses the order.")


def test_links_of_the_board_name_who_is_asking() -> None:
    links = lists.links_of(View(film=3, films=((50, 5.0),)), "new_user", None)
    assert links["why"] == "why?films=50%3A5&who=new_user&film=FILM"
    assert links["film"].startswith("film?")
    assert lists.links_of(View(film=3), "user", 7)["film"] == "film?user=7&film=FILM"
    assert lists.links_of(View(), "user", None)["why"] == "why?film=FILM"


def ids_of(dataset: Dataset, *titles: str) -> list[int]:
    return [int(dataset.catalog.ids.ids[dataset.catalog.titles.index(title)]) for title in titles]


def rated(dataset: Dataset, *films: tuple[str, float]) -> str:
    raw = ids_of(dataset, *(title for title, _ in films))
    return ",".join(f"{number}:{stars:g}" for number, (_, stars) in zip(raw, films, strict=True))


def cards(app: AppTest) -> dict[str, dict[str, Any]]:
    return {card["label"]: card for card in given_to(app, "board")["cards"]}


def test_the_page_answers_with_every_model(trained: Path, demo_dataset: Dataset) -> None:
    films = rated(demo_dataset, ("The Matrix", 5), ("Alien", 5), ("Amélie", 1))
    app = opened("your_films", films=films, models="als,svd,popularity,ease")
    assert not app.main.error
    assert app.title[0].value == "Your films"
    assert parameters(app)["films"] == films
    assert [film["title"] for film in given_to(app, "films_editor")["films"]] == ["The Matrix", "Alien", "Amélie"]
    shown = cards(app)
    assert list(shown) == ["ALS", "SVD", "Popularity", "EASE"]
    for model, card in zip(("als", "svd", "popularity", "ease"), shown.values(), strict=True):
        assert card["says"] == loaders.manifest("demo", model).new_user
        assert len(card["rows"]) == 10
        assert not {row["film"] for row in card["rows"]} & set(ids_of(demo_dataset, "The Matrix", "Alien", "Amélie"))
    assert shown["EASE"]["foot"].startswith("Uses 2 of 3 films")
    assert given_to(app, "board")["links"]["why"].endswith("&who=new_user&film=FILM")
    boxes = unfolded(app, "films_about").selectbox
    assert {"Your age", "Your gender", "Your occupation"} <= {box.label for box in boxes}


def test_without_a_film_there_are_lists_sentences_and_ways_to_begin(trained: Path) -> None:
    app = opened("your_films", models="als,popularity,ease")
    shown = cards(app)
    assert len(shown["ALS"]["rows"]) == len(shown["Popularity"]["rows"]) == 10
    assert shown["EASE"]["problem"]["head"] == UNDECIDED
    assert len(given_to(app, "films_editor")["starters"]) == 5
    assert opened("your_films", models="als", panel="what_if").selectbox(key="if_film").disabled


def test_only_dislikes_leave_a_model_of_likes_nothing_to_go_on(trained: Path, demo_dataset: Dataset) -> None:
    app = opened("your_films", films=rated(demo_dataset, ("Alien", 1), ("Amélie", 2)), models="svd,ease")
    assert "4 stars or more" in cards(app)["EASE"]["problem"]["text"]
    assert len(cards(app)["SVD"]["rows"]) == 10


def test_traits_and_controls_are_in_the_address(trained: Path) -> None:
    app = unfolded(unfolded(opened("your_films", models="als"), "films_about"), "films_options")
    app.selectbox(key="films_gender").set_value("female").run()
    app.slider(key="films_k").set_value(20).run()
    app.toggle(key="films_hide").set_value(False).run()
    assert not app.exception
    assert parameters(app) == {"k": "20", "models": "als", "seen": "1", "gender": "female"}
    assert len(cards(app)["ALS"]["rows"]) == 20


def test_another_user_s_films_are_a_beginning(trained: Path, demo_dataset: Dataset) -> None:
    app = opened("your_films", models="als")
    app.text_input(key="films_user").set_value("7").run()
    user = demo_dataset.viewers.ids.index(7)
    known = HOLDOUT.final(demo_dataset).known.history(user)
    films = given_to(app, "films_editor")["films"]
    newest = known.items[-new_user.MAX_FILMS :]
    assert [film["id"] for film in films] == demo_dataset.catalog.ids.ids[newest].tolist()
    assert [film["stars"] for film in films] == known.ratings[-new_user.MAX_FILMS :].tolist()
    assert parameters(app)["age"] == demo_dataset.viewers.age.name(user)
    before = parameters(app)
    app.text_input(key="films_user").set_value("<script>alert(1)</script>").run()
    assert "There is no user" in app.main.warning[0].value
    assert parameters(app) == before
    app.button(key="films_surprise").click().run()
    assert not app.exception
    assert 1 <= len(given_to(app, "films_editor")["films"]) <= new_user.MAX_FILMS


def test_what_if_moves_films_and_may_be_kept(trained: Path, demo_dataset: Dataset) -> None:
    films = rated(demo_dataset, ("The Matrix", 5), ("Alien", 5), ("Amélie", 1))
    app = opened("your_films", films=films, models="als,svd,popularity,ease", panel="what_if")
    assert "moves" not in drawn(app)
    amelie = demo_dataset.catalog.titles.index("Amélie")
    app.selectbox(key="if_film").set_value(amelie).run()
    assert any("you had never rated “Amélie" in block.value for block in app.main.markdown)
    moved = {card["label"]: card for card in given_to(app, "moves")["cards"]}
    assert moved["Popularity"]["gone"] == [] or moved["Popularity"]["rows"]
    assert {row["kind"] for row in moved["EASE"]["rows"]} == {"same"}  # it had not used the dislike
    app.button_group(key="if_deed").set_value("flip").run()
    words = next(block.value for block in app.main.markdown if block.value.startswith("What if"))
    assert "5 stars instead of 1 star" in words
    moved = {card["label"]: card for card in given_to(app, "moves")["cards"]}
    assert {row["kind"] for row in moved["Popularity"]["rows"]} == {"same"}
    assert moved["EASE"]["says"] != "Nothing moves."
    after = [row["title"] for row in moved["EASE"]["rows"]]
    app.button(key="if_keep").click().run()
    assert parameters(app)["films"] == rated(demo_dataset, ("The Matrix", 5), ("Alien", 5), ("Amélie", 5))
    board = given_to(app, "board")
    assert [board["films"][str(row["film"])]["title"] for row in cards(app)["EASE"]["rows"]] == after
    assert "moves" not in drawn(app)


def test_a_penalty_leaves_nothing_of_a_list_that_only_counts_people(trained: Path, demo_dataset: Dataset) -> None:
    films = rated(demo_dataset, ("The Matrix", 5), ("Alien", 5))
    app = opened("your_films", films=films, models="popularity,ease", panel="what_if")
    app.slider(key="if_penalty").set_value(0.9).run()
    popularity, ease = given_to(app, "moves")["cards"]
    assert popularity["says"] == films_moves.STILL_COUNTED
    assert {row["kind"] for row in popularity["rows"]} == {"same"}
    assert {row["kind"] for row in ease["rows"]} != {"same"}
    app.slider(key="if_penalty").set_value(1.0).run()
    popularity, ease = given_to(app, "moves")["cards"]
    assert popularity["says"] == films_moves.NOTHING_LEFT
    assert popularity["rows"] == popularity["gone"] == []  # and not a list in the order of the catalogue
    assert len(ease["rows"]) == 10
    app.multiselect(key="if_genres").set_value(["Horror"]).run()
    assert given_to(app, "moves")["cards"][0]["says"] == films_moves.NOTHING_LEFT


def test_filters_and_the_penalty_stay_when_the_films_change(trained: Path, demo_dataset: Dataset) -> None:
    films = rated(demo_dataset, ("The Matrix", 5), ("Alien", 5))
    app = opened("your_films", films=films, models="svd,popularity", panel="what_if")
    app.multiselect(key="if_genres").set_value(["Horror"]).run()
    app.slider(key="if_years").set_value((1960, 1980)).run()
    popularity = given_to(app, "moves")["cards"][1]
    catalog = demo_dataset.catalog
    for row in popularity["rows"]:
        assert 1960 <= row["year"] <= 1980
        item = next(i for i, t in enumerate(catalog.titles) if t == row["title"] and catalog.years[i] == row["year"])
        assert "Horror" in catalog.genres_of(item)
    app.selectbox(key="if_film").set_value(catalog.titles.index("Alien")).run()
    app.query_params["films"] = rated(demo_dataset, ("The Matrix", 4))
    app.run()
    words = next(block.value for block in app.main.markdown if block.value.startswith("What if"))
    assert "never rated" not in words
    assert "Horror" in words
    app.button(key="if_nothing").click().run()
    assert "moves" not in drawn(app)


def test_the_question_is_in_the_address_and_opens_from_it(trained: Path, demo_dataset: Dataset) -> None:
    films = rated(demo_dataset, ("The Matrix", 5), ("Alien", 5), ("Amélie", 1))
    app = opened("your_films", films=films, models="svd,ease", panel="what_if")
    app.selectbox(key="if_film").set_value(demo_dataset.catalog.titles.index("Alien")).run()
    app.slider(key="if_penalty").set_value(0.3).run()
    app.multiselect(key="if_genres").set_value(["Horror", "Drama"]).run()
    app.slider(key="if_years").set_value((1960, 1990)).run()
    [alien] = ids_of(demo_dataset, "Alien")
    asked = {"drop": str(alien), "penalty": "0.3", "genres": "Horror,Drama", "years": "1960,1990"}
    assert parameters(app) == {"films": films, "models": "svd,ease", "panel": "what_if", **asked}
    again = opened("your_films", **parameters(app))
    assert given_to(again, "moves") == given_to(app, "moves")
    assert (again.selectbox(key="if_film").value, again.slider(key="if_penalty").value) == (
        demo_dataset.catalog.titles.index("Alien"),
        0.3,
    )
    again.button_group(key="if_deed").set_value("flip").run()
    assert {name for name in ("drop", "flip") if name in parameters(again)} == {"flip"}
    again.button(key="if_nothing").click().run()
    assert parameters(again) == {"films": films, "models": "svd,ease", "panel": "what_if"}


def test_a_question_about_a_film_is_over_when_the_films_change(trained: Path, demo_dataset: Dataset) -> None:
    films = rated(demo_dataset, ("The Matrix", 5), ("Alien", 5))
    app = opened("your_films", films=films, models="svd", flip=films.split(":")[0], penalty="0.2")
    app.text_input(key="films_user").set_value("7").run()
    assert "flip" not in parameters(app)
    assert parameters(app)["penalty"] == "0.2"
    assert not app.toast  # nobody wrote a wrong address


@pytest.mark.parametrize(
    "odd",
    [
        {"drop": "999999"},
        {"drop": "-1", "flip": "<script>alert(1)</script>"},
        {"penalty": "1e308"},
        {"penalty": "nan", "years": "1990,1960"},
        {"genres": "M*A*S*H,<b>"},
        {"genres": "Drama," * 200_000, "years": "1" * 100_000},
    ],
)
def test_an_odd_question_is_none_and_a_note(trained: Path, demo_dataset: Dataset, odd: dict[str, str]) -> None:
    films = rated(demo_dataset, ("The Matrix", 5), ("Alien", 5))
    app = opened("your_films", films=films, models="svd", **odd)
    assert not app.main.error
    if sum(map(len, odd.values())) < STREAMLIT_READS:
        assert parameters(app) == {"films": films, "models": "svd"}
    assert "moves" not in drawn(app)


def test_films_that_move_lead_to_their_pages(trained: Path, demo_dataset: Dataset) -> None:
    films = rated(demo_dataset, ("The Matrix", 5), ("Alien", 5))
    app = opened("your_films", films=films, models="svd", penalty="0.5")
    moved, editor = given_to(app, "moves"), given_to(app, "films_editor")
    assert moved["link"] == editor["link"] == given_to(app, "board")["links"]["film"]
    assert "penalty" not in moved["link"]
    catalog = demo_dataset.catalog
    for row in [*moved["cards"][0]["rows"], *moved["cards"][0]["gone"]]:
        assert catalog.titles[catalog.ids.index(row["film"])] == row["title"]


def test_the_question_in_words(demo_dataset: Dataset) -> None:
    profile = new_user.Profile(((0, 5.0), (1, 3.0)))
    question = Question(drop=0, penalty=0.4, genres=("Drama", "War"), years=(1960, 1980))
    words = films_what_if.sentence(question, profile, demo_dataset)
    assert words == (
        f"What if you had never rated “{demo_dataset.catalog.label(0)}”, and popular films counted less (by 0.4), "
        "and only Drama or War films from 1960 to 1980 could be listed? Each mark compares with the list below."
    )
    assert "4 stars instead of 3 stars" in films_what_if.sentence(Question(flip=1), profile, demo_dataset)
    one_year = Question(genres=("Western",), years=(1922, 1922))
    assert "What if only Western films from 1922 could" in films_what_if.sentence(one_year, profile, demo_dataset)
    no_genre = films_what_if.sentence(Question(years=(1922, 1930)), profile, demo_dataset)
    assert "What if only films from 1922 to 1930 could" in no_genre


CRAFTED = [
    MANY,
    "1:nan,2:inf,3:-1,4:99,5:4.3",
    "<script>alert(1)</script>:5",
    "999999999:5",
    "1:5;DROP TABLE films",
    "٣:5,0x1:5,1e3:5",
    "x" * 1_000_000,
    "1:5," * 250_000,
]


@pytest.mark.parametrize("films", CRAFTED, ids=range(len(CRAFTED)))
def test_a_crafted_address_gets_a_clean_page_and_a_note(trained: Path, films: str) -> None:
    app = opened("your_films", films=films, models="als,ease", gender="<b>", age="1e9", occupation="x" * 500)
    assert not app.main.error
    shown = given_to(app, "films_editor")["films"]
    assert len(shown) <= new_user.MAX_FILMS
    assert all(1 <= film["stars"] <= 5 for film in shown)
    given_to(app, "board")
    if len(films) < STREAMLIT_READS:  # of a longer query, Streamlit gives the app nothing, and leaves it as it is
        assert len(parameters(app).get("films", "")) < 1000
        assert not {"gender", "age", "occupation"} & set(parameters(app))


def test_a_crafted_address_is_answered_with_a_toast(trained: Path) -> None:
    app = opened(films="1:nan,2:5")
    assert "Some films of the address" in app.toast[0].value
    assert "makes no sense here" in opened(age="1e9").toast[0].value
    assert "makes no sense here" in opened(films="1:5", drop="2").toast[0].value
    assert "makes no sense here" in opened(people="nobody").toast[0].value
    assert not opened(films="1:5").toast


def test_what_was_measured_of_newcomers_stands_below(trained: Path) -> None:
    sha256 = artifacts.read_manifest(trained / "models" / "ease").sha256
    record = FoldIn(
        "ease", "demo", sha256, {}, 0, 1000, 181, 1.0, (1.0, 1.0), 0.2, (0.1, 0.3), -0.05, (-0.06, 0.01), 0.2
    )
    assert "How good" not in str([each.label for each in opened("your_films", models="ease").expander])
    new_users.write(record, trained.parent)
    page = opened("your_films", models="ease,als")
    [evidence] = [each for each in page.expander if each.label.startswith("How good")]
    table = evidence.markdown[1].value
    assert "| EASE | 1.00 | 0.200 | −0.050 (−0.060 to +0.010) |" in table
    assert "ALS" not in table  # nothing is on record of this one
    assert "1,000 users" in evidence.markdown[0].value
    assert not page.error
    new_users.path_of("demo", "ease", trained.parent).write_text("{")
    page = opened("your_films", models="ease,als")
    [told] = page.error
    assert "What was measured of new users in ease.json cannot be read:" in told.value.replace("\\", "")


def test_a_model_is_behind_popularity_for_new_users_only_after_correction() -> None:
    """z = 2.2 alone is p = .028; of two comparisons, of which the other is level, it is .056."""

    def of(difference: float) -> FoldIn:
        interval = difference - 0.0196, difference + 0.0196
        return FoldIn("als", "demo", "", {}, 0, 9, 9, 1.0, (1.0, 1.0), 0.2, (0.2, 0.2), difference, interval, 0.2)

    found = {"als": of(-0.022), "svd": of(0.0), "popularity": of(0.0)}
    assert new_users.beside_popularity(found) == ([], ["als", "svd"], [])
    assert new_users.beside_popularity({"als": of(-0.022)}) == ([], [], ["als"])
    assert new_users.beside_popularity(found | {"bpr": of(0.1)}) == (["bpr"], ["als", "svd"], [])


def test_nothing_trained_is_said_once_and_the_editor_works(lonely: Path) -> None:
    app = opened("your_films", films="1:5")
    assert given_to(app, "films_editor")["films"]
    assert any("No model has been trained" in block.value for block in app.main.markdown)
    assert not [each for each in app.get("bidi_component") if each.proto.component_name == "recsys_board"]


def test_the_number_of_a_profile_changes_with_it() -> None:
    view = View(films=((1, 5.0), (2, 4.0)))
    others = [replace(view, films=view.films[::-1]), replace(view, films=((1, 5.0),)), replace(view, gender="female")]
    numbers = {films_lists.number_of(each) for each in (view, *others)}
    assert len(numbers) == 4


def test_a_link_about_another_data_set_says_so(trained: Path) -> None:
    app = opened(dataset="ml-100k", films="1:5")
    assert parameters(app).get("films") is None
    assert "MovieLens 100K" in app.toast[0].value
    assert "not here" in app.toast[0].value


def test_the_menu_goes_on_with_whom_the_page_before_was_about(trained: Path) -> None:
    app = opened("your_films", films="1:5")
    app.query_params.clear()
    app.switch_page("pages/why.py").run()
    assert parameters(app)["who"] == "new_user"
    app.query_params.clear()
    app.switch_page("pages/compare.py").run()
    app.query_params.clear()
    app.switch_page("pages/why.py").run()
    assert "who" not in parameters(app)


def test_films_go_along_to_a_data_set_that_has_them_too(demo_dataset: Dataset) -> None:
    catalog = demo_dataset.catalog
    moved = replace(demo_dataset, catalog=replace(catalog, ids=IdMap(catalog.ids.ids + 100)))
    first, second = (int(raw) for raw in catalog.ids.ids[:2])
    assert new_user.carried(((first, 4.0), (second, 1.0)), demo_dataset, moved) == (
        (first + 100, 4.0),
        (second + 100, 1.0),
    )
    other = replace(catalog, titles=("Another film", *catalog.titles[1:]))
    assert new_user.carried(((first, 4.0), (second, 1.0)), demo_dataset, replace(demo_dataset, catalog=other)) == (
        (second, 1.0),
    )
    assert new_user.carried(((first, 3.5),), demo_dataset, moved) == ()  # no half stars here
    assert new_user.carried(((10**9, 5.0),), demo_dataset, moved) == ()


def with_films(dataset: Dataset, films: list[tuple[str, int]], nobody: str) -> Dataset:
    """The data set with these titles and years for its first films, and names that nobody knows for the others."""
    catalog = dataset.catalog
    rest = [f"{nobody} {raw}" for raw in catalog.ids.ids.tolist()]
    years = np.full_like(catalog.years, 1800)
    years[: len(films)] = [year for _, year in films]
    titles = (*(title for title, _ in films), *rest[len(films) :])
    return replace(dataset, catalog=replace(catalog, titles=titles, years=years))


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ([("Star Wars", 1977)], [("Star Wars: Episode IV - A New Hope", 1977)], (0,)),
        ([("Star Wars: Episode IV - A New Hope", 1977)], [("Star Wars", 1977)], (0,)),
        ([("Return of the Jedi", 1983)], [("Star Wars: Episode VI - Return of the Jedi", 1983)], (0,)),
        ([("Seven (Se7en)", 1995)], [("Se7en", 1995)], (0,)),
        ([("Amélie", 2001)], [("AMELIE!", 2001)], (0,)),
        ([("The Underneath", 1995)], [("Underneath", 1995)], (0,)),
        ([("Alien", 1979)], [("Aliens", 1986)], ()),
        ([("Alien", 1979)], [("Aliens", 1979)], ()),  # a beginning of a word is no title
        ([("Batman", 1989)], [("Batman Forever", 1989)], ()),  # nor is a beginning without a colon behind it
        ([("Batman", 1989)], [("Batman: The Movie", 1966)], ()),
        ([("Star Wars", 1977)], [("Star Wars", 1997)], ()),
        ([("A New Hope: One", 1977)], [("A New Hope: Two", 1977)], ()),  # parts alone never meet
        ([("Dune", 1984)], [("Dune: First", 1984), ("Dune: Second", 1984)], ()),  # either of two
        ([("Dune: First", 1984), ("Dune: Second", 1984)], [("Dune", 1984)], ()),
        ([("Dune", 1984)], [("Dune: Second", 1984), ("Dune", 1984)], (1,)),  # the same title goes first
        ([("Dune: Second", 1984), ("Dune", 1984)], [("Dune", 1984)], (0,)),
        ([("Dune", UNKNOWN_YEAR)], [("Dune: First", UNKNOWN_YEAR)], ()),
        ([(":", 1984)], [("!", 1984)], ()),
    ],
)
def test_a_film_goes_along_under_another_name_where_only_one_can_be_meant(
    demo_dataset: Dataset, here: list, there: list, expected: tuple[int, ...]
) -> None:
    ids = demo_dataset.catalog.ids.ids.tolist()
    found = new_user.carried(
        tuple((ids[place], 4.0) for place in range(len(here))),
        with_films(demo_dataset, here, "Nameless"),
        with_films(demo_dataset, there, "Unknown"),
    )
    assert found == tuple((ids[place], 4.0) for place in expected)


@pytest.fixture
def two_sets(trained: Path) -> Path:
    """MovieLens 100K on disk beside the demo set; its films are called otherwise."""
    return write_ml100k(trained.parents[1] / "data" / "ml-100k")


def test_films_are_back_where_the_new_user_comes_back(two_sets: Path) -> None:
    app = opened("your_films", dataset="demo", films="1:5,2:3", gender="female")
    before = parameters(app)
    app.selectbox(key="dataset").set_value("ml-100k").run()
    assert "0 of your 2 films are in MovieLens 100K" in app.toast[0].value
    assert "films" not in parameters(app)
    app.selectbox(key="dataset").set_value("demo").run()
    assert "Your 2 films of Demo are back" in app.toast[0].value
    assert parameters(app) == before
    app.selectbox(key="dataset").set_value("ml-100k").run()  # left without films: asked once more
    assert "0 of your 2 films are in MovieLens 100K" in app.toast[0].value


def test_lists_rate_films_and_mark_what_the_last_change_moved(trained: Path, demo_dataset: Dataset) -> None:
    films = rated(demo_dataset, ("The Matrix", 5), ("Alien", 5))
    app = opened("your_films", films=films, models="svd,popularity,ease")
    first = given_to(app, "board")
    assert first["rating"]["rated"] == dict.fromkeys((part.split(":")[0] for part in films.split(",")), 5.0)
    assert first["rating"]["scale"] == {"low": 1.0, "high": 5.0, "step": 1.0}
    assert first["rating"]["moved"] == {}  # nothing has been changed yet
    of_svd = [row["film"] for row in first["cards"][0]["rows"]]
    app.query_params["films"] = f"{films},{of_svd[2]}:1"
    app.run()
    then = given_to(app, "board")
    assert set(then["rating"]["moved"]) == {"svd", "popularity", "ease"}
    for before, after in zip(first["cards"], then["cards"], strict=True):
        was = {row["film"]: row["rank"] for row in before["rows"]}
        now = {row["film"]: row["rank"] for row in after["rows"]}
        moved = then["rating"]["moved"][after["model"]]
        expected = {film: was[film] - rank if film in was else None for film, rank in now.items()}
        assert moved["marks"] == {str(film): up for film, up in expected.items() if up != 0}
        titles = [first["films"][str(film)]["title"] for film in was if film not in now]
        assert [it["title"] for it in moved["gone"]] == titles
        assert all(it["rank"] is None or it["rank"] > 10 for it in moved["gone"])
    rated_title = first["films"][str(of_svd[2])]["title"]
    assert {"title": rated_title, "rank": None} in then["rating"]["moved"]["svd"]["gone"]
    app.run()  # what changes no film leaves the marks as they are
    assert given_to(app, "board")["rating"] == then["rating"]


def test_a_list_that_says_nothing_yet_has_no_marks(trained: Path, demo_dataset: Dataset) -> None:
    app = opened("your_films", models="svd,ease")
    app.query_params["films"] = rated(demo_dataset, ("Alien", 5))
    app.run()
    assert set(given_to(app, "board")["rating"]["moved"]) == {"svd"}  # EASE had no list to compare with


def test_compare_is_given_no_stars(trained: Path) -> None:
    assert given_to(opened(models="svd"), "board")["rating"] is None


def test_a_film_rated_in_a_list_survives_an_editor_that_has_not_heard_of_it() -> None:
    current = ((1, 5.0), (2, 4.0), (9, 1.0))
    assert editor.with_others(((1, 3.0),), current, [1, 2]) == ((1, 3.0), (9, 1.0))  # 2 was removed in the editor
    assert editor.with_others(((9, 2.0),), current, [1, 2, 9]) == ((9, 2.0),)
    assert editor.with_others((), current, None) == ()
    assert editor.with_others((), current, ["<b>", None]) == current
