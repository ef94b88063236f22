"""The Film page: what it says of films, of models and of people; run by Streamlit itself on the demo's quick models."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from recsys.cli import films as films_command
from recsys.data.catalog import Catalog, IdMap
from recsys.data.dataset import Dataset, RatingScale
from recsys.evaluation.protocols import HOLDOUT, Task
from recsys.explain import film_records as films
from recsys.explain.film_records import Layout, Places
from recsys.models import registry
from recsys.paths import ROOT
from recsys.serving import artifacts, records
from recsys.training.jobs import runs
from recsys.ui import systems
from recsys.ui.components.film_map import film_map
from recsys.ui.components.film_reach import film_reach
from recsys.ui.film import known as film_known
from recsys.ui.film import ratings as film_ratings
from recsys.ui.lists import UNDECIDED, Problem
from recsys.ui.text import md
from tests.app import add_run, drawn, given_to, opened
from tests.libraries import not_for_the_app
from tests.toys import from_triples


@pytest.fixture(scope="session")
def film_records(demo_dataset: Dataset, quick_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is worked out for the demo's quick models, once."""
    root = tmp_path_factory.mktemp("films")
    known = HOLDOUT.final(demo_dataset).known
    for model in ("svd", "popularity", "ease"):
        films.write(films_command.work_out(model, demo_dataset, known, 0, quick_root), root)
    return root / "demo" / "films"


@pytest.fixture
def trained(lonely: Path, quick_root: Path, film_records: Path) -> Path:
    """The same with quick models of the demo, and with records of the films of three of them."""
    shutil.copytree(quick_root, lonely / "artifacts")
    shutil.copytree(film_records, lonely / "artifacts" / "demo" / "films")
    return lonely / "artifacts"


QUICK = "als,svd,popularity,ease"


def test_a_film_its_people_and_its_neighbours(trained: Path, demo_dataset: Dataset) -> None:
    known = HOLDOUT.final(demo_dataset).known
    item = 12
    raw = int(demo_dataset.catalog.ids.ids[item])
    app = opened("film", film=str(raw), user="7", models=QUICK)
    assert app.title[0].value == md(demo_dataset.catalog.label(item))
    reach = given_to(app, "film_reach")
    rows = {row["model"]: row for row in reach["rows"]}
    record = films.read("demo", "svd")
    assert record is not None
    assert rows["svd"]["counts"][0]["n"] == f"{record.reach.top_10[item]:,}"
    assert rows["svd"]["middle"] == f"{record.reach.middle[item]:,}"
    n_open = demo_dataset.n_users - int(known.item_counts[item])
    assert reach["note"].startswith(f"Among {n_open} users with no known rating of it.")
    assert "user=7" in reach["why"]
    assert f"film={raw}" in reach["why"]
    # ALS has no record here, and says how to get one; for the person on screen it is asked all the same.
    assert rows["als"]["command"] == "python -m recsys record films --dataset demo --models als"
    assert rows["als"]["mine"] not in ("–", "")
    near = given_to(app, "film_near")
    assert [card["model"] for card in near["cards"]] == ["svd", "ease"]
    assert [card["model"] for line in near["without"] for card in line["models"]] == ["als", "popularity"]
    first = demo_dataset.catalog.ids.index(near["cards"][0]["rows"][0]["film"])
    assert first == record.layout.neighbours[record.layout.row_of(item), 0]
    shown = given_to(app, "film_map")
    assert shown["model"]["model"] == "svd"
    assert shown["ids"][shown["film"]] == raw
    assert len(shown["labels"]) == len(shown["places"]["tsne"]) == len(record.layout.placed)


def test_the_rank_on_the_page_is_the_rank_in_the_list(trained: Path, demo_dataset: Dataset) -> None:
    app = opened("film", user="7", models="svd", film=str(int(demo_dataset.catalog.ids.ids[3])))
    shown = given_to(app, "film_map")
    first = shown["ids"][shown["listed"][0]]
    again = opened("film", user="7", models="svd", film=str(first))
    assert given_to(again, "film_reach")["rows"][0]["mine"] == "1"
    seen = int(HOLDOUT.final(demo_dataset).known.history(demo_dataset.viewers.ids.index(7)).items[0])
    known = opened("film", user="7", models="svd", film=str(int(demo_dataset.catalog.ids.ids[seen])))
    assert given_to(known, "film_reach")["rows"][0]["mine"] == "seen"


def test_without_a_film_in_the_address_it_is_the_most_rated_one(trained: Path, demo_dataset: Dataset) -> None:
    counts = HOLDOUT.final(demo_dataset).known.item_counts
    app = opened("film", models=QUICK)
    assert app.selectbox(key="film_choice").value == int(np.argmax(counts))
    other = app.selectbox(key="film_choice").set_value(30).run()
    assert not other.exception
    assert other.title[0].value == md(demo_dataset.catalog.label(30))
    assert given_to(other, "film_map")["ids"][given_to(other, "film_map")["film"]] == demo_dataset.catalog.ids.ids[30]


def test_the_open_map_stands_in_the_address(trained: Path) -> None:
    shown = given_to(opened("film", models=QUICK, topic="ease-pca-decade"), "film_map")
    assert (shown["model"]["model"], shown["kind"], shown["colour"]) == ("ease", "pca", "decade")
    odd = given_to(opened("film", models=QUICK, topic="als-umap-script"), "film_map")
    assert (odd["model"]["model"], odd["kind"], odd["colour"]) == ("svd", "tsne", "genre")


@pytest.mark.parametrize(
    ("topic", "left"),
    [("map-nosuch", None), ("als-umap-script", None), ("als-pca-script", "svd-pca-genre"), ("ease-pca-decade",) * 2],
)
def test_a_topic_that_names_no_map_leaves_the_address(trained: Path, topic: str, left: str | None) -> None:
    app = opened("film", models=QUICK, topic=topic)
    found = app.query_params.get("topic")
    assert (found[0] if isinstance(found, list) else found) == left
    shown = given_to(app, "film_map")
    again = given_to(app.run(), "film_map")
    assert [again[each] for each in ("model", "kind", "colour")] == [
        shown[each] for each in ("model", "kind", "colour")
    ]


def test_a_model_with_nothing_to_go_on_gives_no_rank_and_marks_no_list(trained: Path, demo_dataset: Dataset) -> None:
    """EASE looks at films with 4 stars or more, and the new user's only one has 1 star."""
    ids = demo_dataset.catalog.ids.ids
    new_user = {"films": f"{ids[3]}:1", "who": "new_user"}
    app = opened("film", models="ease,svd", film=str(ids[0]), topic="ease-tsne-genre", **new_user)
    mine = {row["model"]: row["mine"] for row in given_to(app, "film_reach")["rows"]}
    assert mine["ease"] == UNDECIDED
    assert mine["svd"].isdigit()
    shown = given_to(app, "film_map")
    assert (shown["model"]["model"], shown["listed"]) == ("ease", [])


def test_a_new_user_gets_ranks_too_and_can_be_exchanged_for_a_user(trained: Path, demo_dataset: Dataset) -> None:
    ids = demo_dataset.catalog.ids.ids
    app = opened("film", models=QUICK, films=f"{ids[0]}:5,{ids[1]}:4", who="new_user", film=str(ids[5]))
    reach = given_to(app, "film_reach")
    assert reach["person"] == "You"
    assert all(row["mine"].isdigit() for row in reach["rows"])
    assert "who=new_user" in reach["why"]
    assert given_to(app, "film_map")["person"] == "You"
    assert not app.text_input  # nobody to look for
    app.get("button_group")[-1].set_value("user").run()
    assert not app.exception
    assert given_to(app, "film_reach")["person"].startswith("User ")


def test_a_record_of_a_model_trained_again_is_left_out(trained: Path) -> None:
    path = trained / "demo" / "films" / "svd.json"
    records.write(path, {**json.loads(path.read_text()), "manifest": "of another day"})
    app = opened("film", models=QUICK)
    rows = {row["model"]: row for row in given_to(app, "film_reach")["rows"]}
    assert "trained again" in rows["svd"]["problem"]
    assert rows["svd"]["mine"]
    assert [card["model"] for card in given_to(app, "film_near")["cards"]] == ["ease"]
    assert given_to(app, "film_map")["model"]["model"] == "ease"


def test_a_damaged_record_and_a_damaged_model_leave_the_others_alone(trained: Path) -> None:
    (trained / "demo" / "films" / "svd.npz").write_bytes(b"nothing")
    (trained / "demo" / "models" / "ease" / artifacts.MANIFEST).write_text("{", encoding="utf-8")
    rows = {row["model"]: row for row in given_to(opened("film", models=QUICK), "film_reach")["rows"]}
    assert "cannot be read" in rows["svd"]["problem"]
    assert rows["svd"]["command"] == "python -m recsys record films --dataset demo --models svd"
    assert rows["ease"]["mine"] == "–"
    assert rows["ease"]["command"] == "python -m recsys train ease --dataset demo"
    assert rows["popularity"]["problem"] is None


def test_with_nothing_on_record_people_and_facts_are_left(trained: Path) -> None:
    shutil.rmtree(trained / "demo" / "films")
    app = opened("film", models=QUICK)
    assert all(row["problem"] and row["mine"] != "–" for row in given_to(app, "film_reach")["rows"])
    assert given_to(app, "film_near")["cards"] == []
    assert "film_map" not in drawn(app)
    assert any("has a map" in caption.value for caption in app.caption)


def test_without_models_the_facts_remain(lonely: Path) -> None:
    app = opened("film")
    assert len(app.get("plotly_chart")) == 2
    assert drawn(app) == {"cover"}
    assert any("No model has been trained" in markdown.value for markdown in app.markdown)


def test_with_no_model_chosen_it_says_so(trained: Path) -> None:
    assert any("No model is chosen" in info.value for info in opened("film", models="none").info)


# Runs


def test_a_run_has_what_a_shipped_model_has_but_t_sne(trained: Path) -> None:
    """The run is a copy of SVD, so all that is worked out on the page must be what is on record."""
    run = add_run("M*A*S*H", "svd")
    app = opened("film", models=f"svd,{run.id}", film="30", topic=f"{run.id}-tsne-decade")
    shipped, own = given_to(app, "film_reach")["rows"]
    assert (own["label"], own["family"], own["problem"]) == ("M*A*S*H", "SVD, trained here", None)
    for part in ("counts", "middle", "best", "mine"):
        assert own[part] == shipped[part]
    assert own["best"]
    near = given_to(app, "film_near")["cards"]
    assert near[0]["rows"] == near[1]["rows"] != []
    assert near[0]["looks_at"] == near[1]["looks_at"]
    mapped = given_to(app, "film_map")
    assert (mapped["model"]["model"], mapped["kind"], mapped["colour"]) == (run.id, "pca", "decade")
    assert mapped["kinds"] == [["pca", "PCA"]]
    assert "t-SNE takes too long for a page" in mapped["notes"]["pca"]
    assert app.query_params["topic"] in (f"{run.id}-pca-decade", [f"{run.id}-pca-decade"])
    app.query_params["topic"] = "svd-pca-decade"
    on_record = given_to(app.run(), "film_map")
    assert np.abs(np.array(on_record["places"]["pca"]) - mapped["places"]["pca"]).max() <= 2  # thousandths
    assert [kind for kind, _ in on_record["kinds"]] == ["tsne", "pca"]
    assert "too long" not in on_record["notes"]["pca"]


@pytest.mark.parametrize("model", ["gru", "autoencoder", "autoint"])
def test_a_run_of_a_network_has_neighbours(
    trained: Path, demo_dataset: Dataset, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    monkeypatch.setattr(film_known, "MOST_SECONDS", 0.0)  # nobody waits for all users here
    run = add_run("Mine", model, of=ROOT / "artifacts" / "demo" / "models" / model)
    app = opened("film", models=run.id, film="30")
    committed = films.read("demo", model, ROOT / "artifacts")
    assert committed is not None
    row = committed.layout.row_of(demo_dataset.catalog.ids.index(30))
    raw = demo_dataset.catalog.ids.ids[committed.layout.neighbours[row]].tolist()
    assert [each["film"] for each in given_to(app, "film_near")["cards"][0]["rows"]] == raw


def test_a_run_that_would_take_too_long_says_so_and_has_its_neighbours(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = add_run("Slow", "ease")
    monkeypatch.setattr(film_known, "MOST_RANKS", 10)
    app = opened("film", models=run.id)
    row = given_to(app, "film_reach")["rows"][0]
    assert "would take too much memory" in row["problem"]
    assert row["command"] is None
    assert row["mine"] not in ("", "–")
    assert given_to(app, "film_near")["cards"][0]["rows"]
    other = add_run("Slower", "ease")
    monkeypatch.setattr(film_known, "MOST_SECONDS", 0.0)
    problem = given_to(opened("film", models=other.id), "film_reach")["rows"][0]["problem"]
    assert problem.startswith("Asking it for all 1,000 users would take about ")
    assert problem.endswith(" s, so the page leaves it out.")


def test_a_run_without_a_model_says_why(trained: Path) -> None:
    gone, waiting, foreign = add_run("Gone", "svd"), add_run("Wait", "svd", is_over=False), add_run("Own", "svd")
    damaged = add_run("Damaged", "ease")
    (damaged.artifact / artifacts.ARRAYS).write_bytes(b"PK")
    facts = json.loads((foreign.folder / "job.json").read_text(encoding="utf-8"))
    facts["request"]["dataset"] = "ml-100k"
    (foreign.folder / "job.json").write_text(json.dumps(facts), encoding="utf-8")
    app = opened("film", models=",".join(["svd", gone.id, waiting.id, foreign.id, damaged.id]))
    assert given_to(app, "film_reach")["rows"][1]["problem"] is None
    runs.delete(gone)  # while it is shown
    app.run()
    assert not app.exception
    rows = {row["model"]: row for row in given_to(app, "film_reach")["rows"]}
    for run, why in ((gone, "may have been deleted"), (waiting, "still waiting"), (foreign, "another data set")):
        assert why in rows[run.id]["problem"]
        assert (rows[run.id]["mine"], rows[run.id]["command"]) == ("–", None)
    assert "damaged" in rows[damaged.id]["problem"]
    assert rows["svd"]["problem"] is None
    assert [card["model"] for card in given_to(app, "film_near")["cards"]] == ["svd"]
    assert given_to(app, "film_map")["model"]["model"] == "svd"
    assert [row["is_gone"] for row in rows.values()] == [False, True, False, False, False]


def test_a_run_that_is_not_here_does_not_count_as_a_model(trained: Path) -> None:
    app = opened("film", models="svd,9999-bpr-ffffff")
    n_models = len(registry.ENTRIES)
    assert f"Models: 1 of {n_models}" in [block.proto.popover.label for block in app.get("popover")]
    alone = opened("film", models="9999-bpr-ffffff")
    assert f"Models: 0 of {n_models}" in [block.proto.popover.label for block in alone.get("popover")]
    said = "There is no run '9999-bpr-ffffff'. It may have been deleted."
    assert given_to(alone, "film_reach")["rows"][0]["problem"] == said
    assert said in given_to(alone, "film_near")["without"][0]["text"]
    assert [caption.value for caption in alone.main.caption][-1] == (
        "None of the chosen models has a map, for the reasons given above."
    )
    said_on_compare = given_to(opened(models="9999-bpr-ffffff"), "board")["cards"][0]["problem"]
    assert said_on_compare["text"] == said


def test_why_no_chosen_model_has_a_map() -> None:
    als, gone = systems.of("als"), systems.of("9999-bpr-ffffff")
    nothing = Layout.of(np.zeros(0, int), np.zeros((0, 1), int), np.ones((0, 1)), np.zeros((0, 2)), np.zeros((0, 2)))
    baseline = film_known.Known(als, Problem("", ""), Places(nothing, "", is_weights=False, pca_share=1.0))
    missing = film_known.Known(gone, Problem("", ""), Problem("", ""))
    numbers = "None of the chosen models has a map: for ALS and the baselines a film is a single number, or random."
    assert film_known.why_none([baseline]) == numbers
    assert film_known.why_none([baseline, missing]) == f"{numbers} The reasons of the others are given above."
    assert film_known.why_none([missing]) == "None of the chosen models has a map, for the reasons given above."


def test_the_counts_are_of_what_the_models_know(trained: Path, demo_dataset: Dataset) -> None:
    task = HOLDOUT.final(demo_dataset)
    item = int(np.argmax(np.bincount(task.held_out.items, minlength=demo_dataset.n_items)))
    n_known, n_hidden = (int((part.items == item).sum()) for part in (task.known, task.held_out))
    assert n_hidden > 0
    app = opened("film", models="svd", user="7", film=str(int(demo_dataset.catalog.ids.ids[item])))
    said = " ".join(each.value for each in app.main.markdown)
    assert md(f"{n_known} known ratings, {n_hidden} hidden") in said
    user = demo_dataset.viewers.ids.index(7)
    shown = given_to(app, "film_map")
    assert shown["n_seen"] == len(task.known.history(user))  # what Compare counts as seen before
    assert len(shown["seen"]) <= shown["n_seen"]


def test_a_run_called_like_a_model_does_not_take_its_place(trained: Path) -> None:
    run = add_run("EASE", "ease")
    app = opened("film", models="svd,ease")
    app.query_params["models"] = run.id
    assert [row["model"] for row in given_to(app.run(), "film_reach")["rows"]] == [run.id]
    app.get("button_group")[0].set_value(["ease", run.id]).run()
    assert [row["model"] for row in given_to(app, "film_reach")["rows"]] == ["ease", run.id]


def test_with_runs_alone_the_page_is_about_them(trained: Path) -> None:
    run = add_run("Mine", "ease")
    shutil.rmtree(trained / "demo" / "models")
    app = opened("film")
    assert [row["model"] for row in given_to(app, "film_reach")["rows"]] == [run.id]
    assert given_to(app, "film_map")["kind"] == "pca"


def test_films_without_a_place_are_named_by_what_they_lack(demo_dataset: Dataset) -> None:
    layout = Layout.of(np.array([0, 2]), np.array([[2], [0]]), np.ones((2, 1)), np.zeros((2, 2)), np.zeros((0, 2)))
    places = Places(layout, "two numbers", is_weights=False, pca_share=1.0)
    few = film_map._note(places, None, "Alien", 0, np.array([5, 4, 80]))
    assert few == "Films with fewer than 5 known ratings have no place: Alien is one of them."
    unliked = film_map._note(places, None, "Alien", 1, np.array([5, 9, 80]))
    assert unliked.startswith("Films with fewer than 5 known ratings, or that nobody liked, have no place: Alien")
    assert unliked.endswith("1 film of the list has none either.")


@pytest.mark.process
def test_nothing_heavy_is_loaded(trained: Path) -> None:
    code = """
import json, sys
from tests.app import add_run, opened
run = add_run("Mine", "svd")
opened("film", models=f"svd,ease,{run.id}")
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    modules = json.loads(done.stdout.strip().splitlines()[-1])
    assert "recsys.ui.film.page" in modules
    assert not_for_the_app(modules) == []


# In words


def task_of(rows: list[tuple[int, int, float]], scale: RatingScale | None = None) -> Task:
    known = replace(from_triples(rows, n_users=4, n_items=4), scale=scale or RatingScale())
    return Task(known, from_triples([(0, 3, 5.0)], n_users=4, n_items=4), relevance=4.0)


ROWS = [(0, 0, 5.0), (1, 0, 5.0), (2, 0, 2.0), (0, 1, 3.0), (1, 1, 1.0), (0, 2, 4.0)]


def test_facts_of_a_film() -> None:
    facts = film_ratings.Facts.of(task_of(ROWS), 0)
    assert (facts.n, facts.mean, facts.place, facts.counts.tolist()) == (3, 4.0, 1, [0, 1, 0, 0, 2])
    assert facts.counts_of_all.tolist() == [1, 1, 1, 1, 2]
    title, said = film_ratings.ratings_in_words(facts)
    assert title == "More people gave it 5 stars than anything else: 2 of 3"
    assert said.startswith("On average 4.0 ★, 0.7 more than")
    second = film_ratings.Facts.of(task_of(ROWS), 1)
    assert film_ratings.ratings_in_words(second)[0] == "1 star and 3 stars were given most, each by 1 of 2"
    assert film_ratings.place_in_words(second) == (
        "Place 2 of 4 by number of known ratings",
        "It has more of them than 50 % of the films.",
    )


def test_half_stars_have_bars_of_their_own() -> None:
    facts = film_ratings.Facts.of(task_of([(0, 0, 0.5), (1, 0, 3.5), (2, 0, 3.5)], RatingScale(0.5, 5.0, 0.5)), 0)
    assert facts.counts.tolist() == [1, 0, 0, 0, 0, 0, 2, 0, 0, 0]
    assert film_ratings.ratings_in_words(facts)[0] == "More people gave it 3.5 stars than anything else: 2 of 3"


def test_a_film_that_nobody_has_rated() -> None:
    facts = film_ratings.Facts.of(task_of(ROWS), 3)
    title, said = film_ratings.ratings_in_words(facts)
    assert title == "The models know no ratings of it"
    assert said == "All they can go by is what kind of film it is. 1 rating of it is hidden from them."
    assert film_ratings.head(facts, task_of(ROWS).known, 3) == "0 known ratings, 1 hidden"
    assert film_ratings.head(film_ratings.Facts.of(task_of(ROWS), 1), task_of(ROWS).known, 1) == (
        "2 known ratings · 2.0 ★ on average"
    )
    assert film_ratings.place_in_words(facts)[0].startswith("No place")


def catalog(titles: list[str], years: list[int], genres: list[list[int]], names: tuple[str, ...]) -> Catalog:
    n = len(titles)
    return Catalog(IdMap(np.arange(101, 101 + n)), tuple(titles), np.array(years), np.array(genres), names)


def test_films_of_one_name_are_told_apart_and_titles_stay_as_they_are() -> None:
    titles, years = ["M*A*S*H", "$1,000,000 Duck", "Chasing", "Chasing"], [1970, 1971, 1997, 1997]
    films_of = catalog(titles, years, [[1]] * 4, ("Drama",))
    assert film_ratings.labels(films_of) == [
        "M*A*S*H (1970)",
        "$1,000,000 Duck (1971)",
        "Chasing (1997), no. 103",
        "Chasing (1997), no. 104",
    ]


def test_a_film_counts_as_the_rarest_of_its_genres() -> None:
    flags = [[1, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 0]]
    films_of = catalog(["a", "b", "c", "d"], [0, 1939, 1995, 1991], flags, ("Drama", "War", "Horror"))
    groups = film_map.genres(films_of, np.arange(4))
    assert [groups["names"][group] for group in groups["of"]] == ["Drama", "War", "Horror", "Other"]
    assert groups["sizes"] == [1, 1, 1, 1]
    by_decade = film_map.decades(films_of, np.arange(4))
    assert [by_decade["names"][group] for group in by_decade["of"]] == ["unknown", "1930s", "1990s", "1990s"]
    bands = film_map.bands(np.array([5, 9, 10, 250]))
    assert [bands["names"][group] for group in bands["of"]] == [
        "1 to 9 ratings",
        "1 to 9 ratings",
        "10 to 19 ratings",
        "200 or more",
    ]


def test_a_catalogue_without_genres_or_years_has_groups_as_well() -> None:
    films_of = catalog(["a", "b"], [0, 0], [[], []], ())
    assert film_map.genres(films_of, np.arange(2))["names"] == ["Other"]
    assert film_map.decades(films_of, np.arange(2))["of"] == [0, 0]


def test_models_that_reach_as_many_users_are_named_together() -> None:
    def said_of(**n: int) -> str:
        given = [
            (SimpleNamespace(column=SimpleNamespace(spoken=name)), SimpleNamespace(top_10=np.array([each])))
            for name, each in n.items()
        ]
        return film_reach.sentence(cast(Any, given), 0)

    assert said_of(ALS=12, SVD=12, EASE=0) == "ALS and SVD each have it in the first ten of 12 users, EASE of nobody."
    assert said_of(ALS=12, SVD=3, EASE=3) == "ALS has it in the first ten of 12 users, SVD and EASE of 3."
    assert said_of(ALS=3, SVD=3) == "Every model has it in the first ten of 3 users."
