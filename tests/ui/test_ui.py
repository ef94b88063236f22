"""The parts of the user interface that need no browser: text, CSV, URL, people, payloads."""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluation.protocols import HOLDOUT
from recsys.explain.what_if import Question
from recsys.models import registry
from recsys.paths import ROOT
from recsys.serving.lists import agreement
from recsys.serving.scorers import Unit
from recsys.training.jobs import runs
from recsys.ui import lists, loaders, people, text, url
from recsys.ui.compare import sums
from recsys.ui.components.board.board import Board
from recsys.ui.components.overlap import overlap
from recsys.ui.components.profile import profile
from recsys.ui.errors import for_visitors
from recsys.ui.leaderboard import standings
from recsys.ui.view import (
    FIELDS,
    MAX_RUNS,
    MODELS,
    MODELS_DEFAULT,
    PARAMETERS,
    View,
    bounded,
    encode,
    for_page,
    parse,
    question_of,
    side_by_side,
)
from tests.toys import from_triples


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("M*A*S*H (1970)", r"M\*A\*S\*H \(1970\)"),
        ("$1,000,000 Duck (1971)", r"\$1,000,000 Duck \(1971\)"),
        ("<script>", r"\<script\>"),
        ("Batman & Robin", r"Batman \& Robin"),
        ("a_b_c", r"a\_b\_c"),
        ("[x](y)", r"\[x\]\(y\)"),
        (":red[x]", r"\:red\[x\]"),
        ("`code`", r"\`code\`"),
        ("two\n# lines", r"two \# lines"),
        ("1. first", r"1\. first"),
    ],
)
def test_data_stays_data_in_markdown(data: str, shown: str) -> None:
    assert text.md(data) == shown


@pytest.mark.parametrize(
    ("unit", "value", "strength", "shown"),
    [
        (Unit.STARS, 4.649, 0.0, "4.6 ★"),
        (Unit.LIKE, 0.874, 0.0, "87 %"),
        (Unit.NEXT, 0.0324, 0.0, "3.2 %"),
        (Unit.NEXT, 0.0004, 0.0, "0.04 %"),
        (Unit.VIEWERS, 1512.0, 0.0, "1,512"),
        (Unit.STRENGTH, 17.2, 86.4, "86"),
    ],
)
def test_scores_are_in_their_own_unit(unit: Unit, value: float, strength: float, shown: str) -> None:
    assert text.score(unit, value, strength) == shown


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ((3, 18, 10, [14, 37, 52, 80]), "3 of 18 found in the first 10; the next ones stand at 14, 37, 52, …"),
        ((1, 2, 10, [1400]), "1 of 2 found in the first 10; the next one stands at 1,400."),
        ((0, 2, 10, [11, 12]), "None of 2 found in the first 10; the first ones stand at 11, 12."),
        ((2, 2, 10, []), "2 of 2 found in the first 10."),
        ((0, 0, 10, []), "This user liked nothing that came next, so there is nothing to find."),
    ],
)
def test_what_stands_under_a_list(arguments: tuple[int, int, int, list[int]], shown: str) -> None:
    assert text.hits_sentence(*arguments) == shown


def test_undefined_numbers_are_dashes() -> None:
    assert text.number(math.nan) == text.percent(math.nan) == text.stars(math.inf) == text.seconds(math.nan) == "–"
    assert text.date(0) == ""


NAMES = ["ml-100k", "demo"]


@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(dataset="demo", user=42, k=25, models=("als", "ease"), film=50, seen=True, ticks=False, layout="table"),
        View(models=()),
        View(films=((50, 5.0), (7, 3.5)), drop=50, penalty=0.3, genres=("Film-Noir", "Children's"), years=(1960, 1980)),
        View(flip=7, penalty=1.0),
        View(pair=("ease", "als"), people="random", draw=7, which="most", counted="ratings", hides="next"),
    ],
)
def test_a_view_survives_the_url(view: View) -> None:
    assert parse(encode(view), NAMES) == view


OTHER_THAN_DEFAULT = {
    **{"dataset": "demo", "user": 42, "k": 25, "models": ("als", "ease"), "film": 50, "beside": 7, "seen": True},
    **{"ticks": False, "layout": "table", "tab": "cost", "more": True, "job": "0007-bpr-3fa2c1"},
    **{"films": ((50, 5.0), (7, 3.5)), "gender": "F", "age": "25-34", "occupation": "writer", "who": "new_user"},
    **{
        "panel": "what_if",
        "topic": "als",
        "drop": 50,
        "flip": 7,
        "penalty": 0.3,
        "genres": ("Film-Noir", "Children's"),
    },
    **{"years": (1960, 1980), "pair": ("ease", "als"), "people": "random", "draw": 7, "which": "most"},
    **{"counted": "ratings", "hides": "next", "metric": "rmse", "order": "worst", "without": ("svd", "gru")},
    **{"mistake": "sampled", "groups": "age", "across": "als", "up": "ease", "cost": "n_bytes"},
    **{"search": "holdout-bpr", "axis": "seconds", "lines": "bpr", "picked": ("0007-bpr-3fa2c1", "0008-gru-3fa2c1")},
    **{"agree": "rank_biased_overlap", "head": 1, "by_field": True, "marks": ("listed",), "only": 3, "excerpt": 2},
    **{"folds": ("pairs", "grid"), "beside_user": 7, "guess": "pick", "covers": "never", "stage": True},
}


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_survives_the_url_alone(name: str) -> None:
    view = replace(View(), **{name: OTHER_THAN_DEFAULT[name]})
    assert list(encode(view)) == [name]
    assert parse(encode(view), NAMES) == view
    assert parse({name: ""}, NAMES) == View()
    assert parse({name: "1" * (FIELDS[name].max_length + 1)}, NAMES) == View()
    shown_by_all = FIELDS[name].page == ""
    assert for_page("nowhere", view) == (view if shown_by_all else View())
    assert for_page(FIELDS[name].page, view) == view


def test_every_model_has_a_colour_of_its_own_in_both_themes() -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    palettes = [theme[scheme]["chartCategoricalColors"] for scheme in ("light", "dark")]
    first = sorted(registry.ENTRIES, key=lambda entry: entry.color)[:8]
    assert [e.name for e in first] == ["als", "svd", "autoencoder", "bpr", "gru", "autoint", "popularity", "ease"]
    places = [entry.color for entry in registry.ENTRIES]
    for palette in palettes:
        assert len({palette[place] for place in places}) == len(places)


def test_the_leaderboard_s_part_is_in_the_url_and_not_in_a_link_to_a_user() -> None:
    view = View(tab="cost", more=True)
    assert encode(view) == {"tab": "cost", "more": "1"}
    assert parse({"tab": "nowhere", "more": "yes"}, NAMES) == View()


def test_defaults_do_not_clutter_the_url() -> None:
    assert encode(View()) == {}


RUN, LATER = "0007-bpr-3fa2c1", "12345-autoencoder-items-000000"


def test_runs_follow_their_models_by_their_number() -> None:
    view = parse({"models": f"{LATER},ease,{RUN},als,{RUN}", "job": RUN}, NAMES)
    assert view.models == ("als", RUN, LATER, "ease")
    assert view.job == RUN
    assert parse(encode(view), NAMES) == view
    assert parse({"models": RUN}, NAMES).models == (RUN,)


@pytest.mark.parametrize(
    "crafted",
    [
        "../../etc/passwd",
        "0007-bpr-3fa2c1/../..",
        "0007-../../x-3fa2c1",
        "0007-nobody-3fa2c1",
        "007-bpr-3fa2c1",
        "0007-BPR-3fa2c1",
        "0007-bpr-3FA2C1",
        "0007-bpr-3fa2c1\n",
        "0007-bpr-3fa2c1\0",
        "٠٠٠٧-bpr-3fa2c1",
        "0007-bpr-<script>",
        f"{'0' * 50_000}-bpr-3fa2c1",
    ],
)
def test_a_crafted_run_is_no_run(crafted: str) -> None:
    assert parse({"models": crafted, "job": crafted}, NAMES) == View()
    assert parse({"models": f"als,{crafted}"}, NAMES).models in (("als",), MODELS_DEFAULT)
    assert not runs.is_id(crafted)


def test_only_a_few_runs_are_looked_at(demo_dataset: Dataset) -> None:
    many = [f"{number:04d}-bpr-3fa2c1" for number in range(10_000)]
    assert parse({"models": ",".join(many)}, NAMES) == View()
    assert parse({"models": ",".join(many[:9])}, NAMES).models == tuple(many[:MAX_RUNS])
    assert url.reported("models", many[:9], demo_dataset) == tuple(many[:MAX_RUNS])
    longest = [f"{10**8 + number}-{max(MODELS, key=len)}-3fa2c1" for number in range(MAX_RUNS)]
    full = View(models=side_by_side((*MODELS, *longest)))
    assert parse(encode(full), NAMES) == full


def test_a_run_stands_beside_its_model() -> None:
    old, new = "0002-gru-3fa2c1", "0010-gru-3fa2c1"
    named = parse({"models": f"{new},autoint,gru,als,{old}"}, NAMES).models
    assert named == ("als", "gru", old, new, "autoint")


@pytest.mark.parametrize(
    "value", ["", "<script>", "-5", "1e9", "0x10", "９", "foo,bar", "9" * 100_000, "🎬", "nan", "None"]
)
def test_nonsense_in_the_url_is_as_good_as_nothing(value: str) -> None:
    of_others = {
        "gender",
        "age",
        "occupation",
        "genres",
        "topic",
    }  # only the data set or the page knows what makes sense there
    assert parse(dict.fromkeys(set(PARAMETERS) - of_others - {"dataset"}, value), NAMES) == View()
    assert parse(dict.fromkeys(PARAMETERS, value), NAMES).dataset is None


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("penalty", ["0.55", "1.0", "1e-1", "0.5\n", "2", "-0.1", "inf", ".5"]),
        ("years", ["1980-1990", "1980,1990,2000", "1980", "19800,19900", "１９８０,１９９０", " 1980,1990"]),
        ("pair", ["../als", "ALS", "als;ease", "0007-nobody-3fa2c1", "none"]),
        ("draw", ["1000", "-1", "1.0", "9" * 13]),
        ("genres", ["x" * 2000]),
    ],
)
def test_nothing_is_guessed_from_half_a_value(field: str, values: list[str]) -> None:
    assert [value for value in values if parse({field: value}, NAMES) != View()] == []


def test_a_question_is_about_films_genres_and_years_that_there_are(demo_dataset: Dataset) -> None:
    first, second = (int(raw) for raw in demo_dataset.catalog.ids.ids[:2])
    rated = View(films=((first, 5.0), (second, 1.0)))
    asked = replace(rated, drop=first, penalty=0.5, genres=("War", "Drama"), years=(1960, 1980))
    assert bounded(asked, demo_dataset) == asked
    assert question_of(asked, demo_dataset) == Question(0, None, 0.5, ("War", "Drama"), (1960, 1980))
    wild = replace(rated, drop=10**9, flip=second, genres=("War", "<b>"), years=(1980, 1960))
    assert bounded(wild, demo_dataset) == replace(rated, flip=second, genres=("War",))
    both = replace(rated, drop=first, flip=second)  # the page asks about one film at a time
    assert bounded(both, demo_dataset) == replace(rated, drop=first)
    for years in ((1000, 1980), (1960, 9999)):
        assert bounded(View(years=years), demo_dataset) == View()
    dateless = from_triples([(0, 0, 5.0)], n_users=1, n_items=7)
    assert bounded(View(k=5, years=(0, 0), genres=("War",), drop=0), dateless) == View(k=5)


def test_an_address_leaves_out_what_only_other_pages_show() -> None:
    view = View(film=3, drop=5, penalty=0.5, pair=("als", "ease"), tab="cost", job=RUN, beside=8, hides="next")
    assert url.address("film", view) == "film?film=3"
    assert url.address("your_films", view) == "your_films?film=3&drop=5&penalty=0.5"
    assert url.address("data", view) == "data?film=3&pair=als,ease&hides=next"
    assert url.address("train", view) == f"train?film=3&job={RUN}"
    assert lists.links_of(view, "user", 7)["film"] == "film?user=7&film=FILM"


def test_the_data_set_bounds_the_view(demo_dataset: Dataset) -> None:
    wild = View(user=10**11, film=10**11, k=50)
    assert bounded(wild, demo_dataset) == View(k=50)
    small = from_triples([(0, 0, 5.0)], n_users=1, n_items=7)
    assert bounded(wild, small).k == 7


def test_what_a_component_reports_is_checked_as_the_url_is(demo_dataset: Dataset) -> None:
    known = int(demo_dataset.catalog.ids.ids[3])
    assert url.reported("film", str(known), demo_dataset) == known
    for nonsense in ("", "-3", "9" * 20, "10000000000", "<b>", 7.5, {"a": 1}, [1, 2]):
        assert url.reported("film", nonsense, demo_dataset) is None
    assert url.reported("models", ["ease", "als", "nobody"], demo_dataset) == ("als", "ease")
    assert url.reported("models", [], demo_dataset) == ()
    assert url.reported("layout", "table", demo_dataset) == "table"
    assert url.reported("layout", "spiral", demo_dataset) == "cards"


def test_filters_find_whom_they_say(demo_dataset: Dataset) -> None:
    of = people.People.of(HOLDOUT.final(demo_dataset))
    viewers = demo_dataset.viewers
    everybody = people.matching({}, demo_dataset, of)
    assert len(everybody) == demo_dataset.n_users
    age, genre = viewers.age.names[2], demo_dataset.catalog.genre_names[0]
    found = people.matching({"age": (age,), "activity": ("heavy",)}, demo_dataset, of)
    assert all(viewers.age.name(user) == age and of.n_films[user] >= of.bounds[1] for user in found.tolist())
    liking = people.matching({"genre": (genre,)}, demo_dataset, of)
    assert (of.favourite[liking] == 0).all()
    thirds = [len(people.matching({"activity": (name,)}, demo_dataset, of)) for name in people.ACTIVITY]
    assert sum(thirds) == demo_dataset.n_users
    assert min(thirds) > demo_dataset.n_users / 5


def test_people_without_demographics_or_genres_are_people_too() -> None:
    plain = from_triples([(u, i, 4.0) for u in range(3) for i in range(5)], n_users=3, n_items=6)
    of = people.People.of(HOLDOUT.final(plain))
    assert people.facts(0, plain, of) == ["5 films"]
    assert people.mostly(0, plain, of) == ""
    assert profile.payload(HOLDOUT.final(plain), 0, show_next=True, link="film?")["decades"] == []


@pytest.fixture
def answers(demo_dataset: Dataset, quick_root: Path, monkeypatch: pytest.MonkeyPatch) -> list[lists.Answer]:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(quick_root))
    return lists.answers(demo_dataset, ["als", "svd", "bpr", "ease"], 4, 10, exclude_seen=True)


def board(dataset: Dataset, answers: list[lists.Answer], *, film: int | None = None, ticks: bool = True) -> dict:
    agreed = agreement([a.top for a in answers if a.top is not None])
    return Board(dataset, 4, View(film=film), answers, agreed, user_id=5, ticks=ticks, links={}).payload()


def test_a_board_has_a_card_per_model(demo_dataset: Dataset, answers: list[lists.Answer]) -> None:
    payload = board(demo_dataset, answers)
    json.dumps(payload, allow_nan=False)
    assert [card["label"] for card in payload["cards"]] == ["ALS", "SVD", "BPR", "EASE"]
    assert [pill["model"] for pill in payload["pills"] if pill["on"]] == ["als", "svd", "bpr", "ease"]
    assert [pill["model"] for pill in payload["pills"]] == list(registry.BY_NAME)
    extras = {pill["model"] for pill in payload["pills"] if pill["is_extra"]}
    assert extras == {entry.name for entry in registry.ENTRIES if entry.is_extra}
    als, _, bpr, ease = payload["cards"]
    assert [row["rank"] for row in als["rows"]] == list(range(1, 11))
    assert all(row["score"].endswith("★") and row["bar"] is None for row in als["rows"])
    assert ease["rows"][0]["score"] == "100"
    assert "not been trained" in bpr["problem"]["text"]
    assert bpr["problem"]["command"] == "python -m recsys train bpr --dataset demo"
    for card in (als, ease):
        for row in card["rows"]:
            assert payload["films"][str(row["film"])]["ranks"][card["model"]] == row["rank"]


def test_without_ticks_the_answers_do_not_leave_the_server(demo_dataset: Dataset, answers: list[lists.Answer]) -> None:
    payload = board(demo_dataset, answers, ticks=False)
    assert not any(row["hit"] for card in payload["cards"] for row in card["rows"])
    assert not any(film["hit"] for film in payload["films"].values())
    told = sums.of(demo_dataset, answers, 3, View(ticks=False))
    assert {(each["found"], each["found_note"]) for each in told.values()} == {("hidden while you guess", sums.GUESS)}
    header, rows = lists.lists_table(demo_dataset, answers, ticks=False)
    assert "liked_later" not in header
    assert len(rows) == 30
    assert len(profile.payload(HOLDOUT.final(demo_dataset), 4, show_next=False, link="film?")["parts"]) == 1


def test_no_file_shows_more_stars_than_there_are(demo_dataset: Dataset, answers: list[lists.Answer]) -> None:
    first = answers[0]
    assert first.top is not None
    assert first.top.unit is Unit.STARS
    wild = replace(first, top=replace(first.top, scores=first.top.scores + 3))
    header, rows = lists.lists_table(demo_dataset, [wild], ticks=False)
    assert {row[header.index("score")] for row in rows} == {5.0}
    assert {row["score"] for row in board(demo_dataset, [wild])["cards"][0]["rows"]} == {"5.0 ★"}


def test_a_chosen_film_has_its_place_in_every_list(demo_dataset: Dataset, answers: list[lists.Answer]) -> None:
    last = answers[0].full
    assert last is not None
    film_id = int(demo_dataset.catalog.ids.ids[last.items[-1]])
    assert board(demo_dataset, answers, film=film_id)["films"][str(film_id)]["ranks"]["als"] == len(last.items)


def test_a_shorter_list_is_the_beginning_of_the_ranking(answers: list[lists.Answer]) -> None:
    for answer in answers:
        if answer.full is None:
            continue
        for k in (1, 5, 50):
            top = answer.full.first(k)
            assert np.array_equal(top.items, answer.full.items[:k])
            assert top.n_hits + len(top.missed_ranks) == answer.full.n_hits
            assert (top.missed_ranks > k).all()


def test_the_overlap_names_what_is_shared(demo_dataset: Dataset, answers: list[lists.Answer]) -> None:
    agreed = agreement([a.top for a in answers if a.top is not None])
    relevant = HOLDOUT.final(demo_dataset).relevant_of(4)
    options: dict = {"k": 10, "film_id": None, "agree": "jaccard", "link": "film?film=FILM"}
    payload = overlap.payload(demo_dataset, answers, agreed, relevant, ticks=True, **options)
    json.dumps(payload, allow_nan=False)
    assert len(payload["models"]) == len(payload["single"]) == len(payload["jaccard"]) == 3
    assert all(len(film["models"]) >= payload["at_least"] for film in payload["many"])
    hidden = overlap.payload(demo_dataset, answers, agreed, relevant, ticks=False, **options)
    assert hidden["metrics"]["rows"] == []
    nothing = overlap.payload(demo_dataset, answers, agreed, relevant[:0], ticks=True, **options)
    assert {cell for row in nothing["metrics"]["rows"] for cell in row["cells"]} == {"–"}


def test_lists_that_are_alike_are_named_only_where_no_other_two_are(answers: list[lists.Answer]) -> None:
    """Two equal lists and one that shares nothing with them, then three equal ones: no two of those are named."""
    tops = [a.top for a in answers if a.top is not None]
    alike = [replace(answer, top=tops[0]) for answer in answers[:3]]
    nothing_shared = replace(tops[0], items=tops[0].items + 10_000)
    two = [*alike[:2], replace(alike[2], top=nothing_shared)]
    title = overlap._who_agrees(two, agreement([a.top for a in two if a.top is not None]), 10)
    assert title == f"{two[0].column.spoken} and {two[1].column.spoken} are the most alike: 10 of 10 films shared"
    title = overlap._who_agrees(alike, agreement([a.top for a in alike if a.top is not None]), 10)
    assert title == "3 pairs of lists are the most alike: 10 of 10 films shared in each"


def test_standings_say_what_is_missing_and_what_is_best(
    demo_dataset: Dataset, quick_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(quick_root))
    given = standings.standings(demo_dataset)
    payload = standings.payload(given, standings.at_the_top_of_each("demo", given), View())
    json.dumps(payload, allow_nan=False)
    assert [m["label"] for m in payload["models"]] == ["ALS", "SVD", "Popularity", "EASE"]
    assert [entry.name for entry in standings.untrained(demo_dataset)] == [
        "autoencoder",
        "bpr",
        "gru",
        "autoint",
        "random",
    ]
    ndcg, rmse = payload["groups"][0]["columns"][0], payload["groups"][3]["columns"][0]
    leads = " leads on nDCG@10" in standings.findings(given, standings.clearly_better("demo", given))[0]
    assert sum(ndcg["best"]) == leads
    assert rmse["better"] == "lower"
    assert rmse["cells"][2] == "–"
    header, rows = standings.table(given)
    assert all(len(row) == len(header) for row in rows)
    assert "No model has been measured" in standings.findings([], frozenset())[0]
    n_bytes = loaders.manifest("demo", "als").n_bytes
    assert rows[0][header.index("n_bytes")] == n_bytes
    on_disk = payload["groups"][5]["columns"][1]
    assert on_disk["values"][0] == pytest.approx(n_bytes / 1e6)
    assert on_disk["cells"][0] == text.size(n_bytes)


def test_a_link_about_a_data_set_that_is_not_here_brings_no_ids_with_it() -> None:
    """Film 50 of one data set is another film of the next."""
    sent = {"dataset": "ml-25m", "user": "3", "film": "7", "beside": "8", "films": "50:5", "who": "new_user", "k": "20"}
    assert parse(sent, NAMES) == View(k=20)
    assert parse({**sent, "dataset": NAMES[0]}, NAMES).films == ((50, 5.0),)
    assert parse({"who": "visitor"}, NAMES).who == "new_user"  # as it was called in older addresses
    assert parse({name: value for name, value in sent.items() if name != "dataset"}, NAMES).film == 7


def test_what_visitors_are_told_has_no_folder_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DATA_DIR", str(tmp_path / "srv" / "data"))
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(tmp_path / "srv" / "data" / "models"))
    monkeypatch.setenv("RECSYS_RUNS_DIR", str(tmp_path / "runs"))
    places = [tmp_path / "srv" / "data" / "a.zip", tmp_path / "srv" / "data" / "models" / "b", tmp_path / "runs" / "c"]
    assert for_visitors(UsageError(" ".join(map(str, places)))) == "data/a.zip models/b runs/c"
    assert for_visitors(f"{ROOT}/x") == f"{ROOT.name}/x"
