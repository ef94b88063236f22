"""The Film page: what it says of films, of models and of people; run by Streamlit itself on the demo's quick models."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recsys import artifacts, films
from recsys.catalog import Catalog, IdMap
from recsys.commands import films as films_command
from recsys.dataset import Dataset, RatingScale
from recsys.protocols import HOLDOUT, Task
from recsys.ui.film import facts as film_facts
from recsys.ui.film import flat_map as film_map
from recsys.ui.text import md
from recsys.ui.your_films import lists as films_lists

ROOT = Path(__file__).resolve().parent.parent
FRAMEWORKS = ("torch", "tensorflow", "keras", "surprise", "sklearn", "scipy", "onnx", "recsys.models", "plotly.express")


@pytest.fixture(scope="session")
def film_records(demo_dataset: Dataset, quick_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is worked out for the demo's quick models, once."""
    root = tmp_path_factory.mktemp("films")
    known = HOLDOUT.final(demo_dataset).known
    for model in ("svd", "popularity", "ease"):
        films.write(films_command.work_out(model, demo_dataset, known, 0, quick_root), root)
    return root / artifacts.FILMS


@pytest.fixture
def trained(lonely: Path, quick_root: Path, film_records: Path) -> Path:
    """The same with quick models of the demo, and with records of the films of three of them."""
    shutil.copytree(quick_root, lonely / "artifacts")
    shutil.copytree(film_records, lonely / "artifacts" / artifacts.FILMS)
    return lonely / "artifacts"


def opened(**parameters: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params.update(parameters)
    app.run()
    app.switch_page("pages/film.py")
    app.run()
    assert not app.exception
    assert not app.error
    return app


def given_to(app: AppTest, component: str) -> dict[str, Any]:
    for element in app.get("bidi_component"):
        if element.proto.component_name == f"recsys_{component}":
            return json.loads(element.proto.json)[0]
    raise AssertionError(f"There is no {component} on the page.")


def components_on(app: AppTest) -> set[str]:
    return {element.proto.component_name for element in app.get("bidi_component")}


QUICK = "als,svd,popularity,ease"


def test_a_film_its_people_and_its_neighbours(trained: Path, demo_dataset: Dataset) -> None:
    known = HOLDOUT.final(demo_dataset).known
    item = 12
    raw = int(demo_dataset.catalog.ids.ids[item])
    app = opened(film=str(raw), user="7", models=QUICK)
    assert app.title[0].value == md(demo_dataset.catalog.label(item))
    reach = given_to(app, "film_reach")
    rows = {row["model"]: row for row in reach["rows"]}
    record = films.read("demo", "svd")
    assert record is not None
    assert rows["svd"]["counts"][0]["n"] == f"{record.reach.top_10[item]:,}"
    assert rows["svd"]["middle"] == f"{record.reach.middle[item]:,}"
    n_open = demo_dataset.n_users - int(known.item_counts[item])
    assert reach["note"].startswith(f"Of {n_open} users who have not seen it")
    assert "user=7" in reach["why"]
    assert f"film={raw}" in reach["why"]
    # ALS has no record here, and says how to get one; for the person on screen it is asked all the same.
    assert rows["als"]["command"] == "python -m recsys films --dataset demo --models als"
    assert rows["als"]["mine"] not in ("–", "")
    near = given_to(app, "film_near")
    assert [card["model"] for card in near["cards"]] == ["svd", "ease"]
    assert [card["model"] for line in near["without"] for card in line["models"]] == ["als", "popularity"]
    first = demo_dataset.catalog.ids.index(near["cards"][0]["rows"][0]["film"])
    assert first == record.layout.neighbours[record.layout.row_of(item), 0]
    drawn = given_to(app, "film_map")
    assert drawn["model"]["model"] == "svd"
    assert drawn["ids"][drawn["film"]] == raw
    assert len(drawn["labels"]) == len(drawn["places"]["tsne"]) == len(record.layout.placed)


def test_the_rank_on_the_page_is_the_rank_in_the_list(trained: Path, demo_dataset: Dataset) -> None:
    app = opened(user="7", models="svd", film=str(int(demo_dataset.catalog.ids.ids[3])))
    drawn = given_to(app, "film_map")
    first = drawn["ids"][drawn["listed"][0]]
    again = opened(user="7", models="svd", film=str(first))
    assert given_to(again, "film_reach")["rows"][0]["mine"] == "1"
    seen = int(HOLDOUT.final(demo_dataset).known.history(demo_dataset.viewers.ids.index(7)).items[0])
    known = opened(user="7", models="svd", film=str(int(demo_dataset.catalog.ids.ids[seen])))
    assert given_to(known, "film_reach")["rows"][0]["mine"] == "seen"


def test_without_a_film_in_the_address_it_is_the_most_rated_one(trained: Path, demo_dataset: Dataset) -> None:
    counts = HOLDOUT.final(demo_dataset).known.item_counts
    app = opened(models=QUICK)
    assert app.selectbox(key="film_choice").value == int(np.argmax(counts))
    other = app.selectbox(key="film_choice").set_value(30).run()
    assert not other.exception
    assert other.title[0].value == md(demo_dataset.catalog.label(30))
    assert given_to(other, "film_map")["ids"][given_to(other, "film_map")["film"]] == demo_dataset.catalog.ids.ids[30]


def test_the_open_map_stands_in_the_address(trained: Path) -> None:
    drawn = given_to(opened(models=QUICK, topic="ease-pca-decade"), "film_map")
    assert (drawn["model"]["model"], drawn["kind"], drawn["colour"]) == ("ease", "pca", "decade")
    odd = given_to(opened(models=QUICK, topic="als-umap-script"), "film_map")
    assert (odd["model"]["model"], odd["kind"], odd["colour"]) == ("svd", "tsne", "genre")


@pytest.mark.parametrize(
    ("topic", "left"),
    [("map-nosuch", None), ("als-umap-script", None), ("als-pca-script", "svd-pca-genre"), ("ease-pca-decade",) * 2],
)
def test_a_topic_that_names_no_map_leaves_the_address(trained: Path, topic: str, left: str | None) -> None:
    app = opened(models=QUICK, topic=topic)
    found = app.query_params.get("topic")
    assert (found[0] if isinstance(found, list) else found) == left
    drawn = given_to(app, "film_map")
    again = given_to(app.run(), "film_map")
    assert [again[each] for each in ("model", "kind", "colour")] == [
        drawn[each] for each in ("model", "kind", "colour")
    ]


def test_a_model_with_nothing_to_go_on_gives_no_rank_and_marks_no_list(trained: Path, demo_dataset: Dataset) -> None:
    """EASE looks at films with 4 stars or more, and the visitor's only one has 1 star."""
    ids = demo_dataset.catalog.ids.ids
    app = opened(models="ease,svd", films=f"{ids[3]}:1", who="visitor", film=str(ids[0]), topic="ease-tsne-genre")
    mine = {row["model"]: row["mine"] for row in given_to(app, "film_reach")["rows"]}
    assert mine["ease"] == films_lists.UNDECIDED
    assert mine["svd"].isdigit()
    drawn = given_to(app, "film_map")
    assert (drawn["model"]["model"], drawn["listed"]) == ("ease", [])


def test_a_visitor_gets_ranks_too_and_can_be_exchanged_for_a_user(trained: Path, demo_dataset: Dataset) -> None:
    ids = demo_dataset.catalog.ids.ids
    app = opened(models=QUICK, films=f"{ids[0]}:5,{ids[1]}:4", who="visitor", film=str(ids[5]))
    reach = given_to(app, "film_reach")
    assert reach["person"] == "You"
    assert all(row["mine"].isdigit() for row in reach["rows"])
    assert "who=visitor" in reach["why"]
    assert given_to(app, "film_map")["person"] == "You"
    assert not app.text_input  # nobody to look for in the sidebar
    app.get("button_group")[-1].set_value("user").run()
    assert not app.exception
    assert given_to(app, "film_reach")["person"].startswith("User ")


def test_a_record_of_a_model_trained_again_is_left_out(trained: Path) -> None:
    path = trained / artifacts.FILMS / "demo" / "svd.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "manifest": "of another day"}), encoding="utf-8")
    app = opened(models=QUICK)
    rows = {row["model"]: row for row in given_to(app, "film_reach")["rows"]}
    assert "trained again" in rows["svd"]["problem"]
    assert rows["svd"]["mine"]
    assert [card["model"] for card in given_to(app, "film_near")["cards"]] == ["ease"]
    assert given_to(app, "film_map")["model"]["model"] == "ease"


def test_a_damaged_record_and_a_damaged_model_leave_the_others_alone(trained: Path) -> None:
    (trained / artifacts.FILMS / "demo" / "svd.npz").write_bytes(b"nothing")
    (trained / "demo" / "ease" / artifacts.MANIFEST).write_text("{", encoding="utf-8")
    rows = {row["model"]: row for row in given_to(opened(models=QUICK), "film_reach")["rows"]}
    assert "cannot be read" in rows["svd"]["problem"]
    assert rows["svd"]["command"] == "python -m recsys films --dataset demo --models svd"
    assert rows["ease"]["mine"] == "–"
    assert rows["ease"]["command"] == "python -m recsys train ease --dataset demo"
    assert rows["popularity"]["problem"] is None


def test_with_nothing_on_record_people_and_facts_are_left(trained: Path) -> None:
    shutil.rmtree(trained / artifacts.FILMS)
    app = opened(models=QUICK)
    assert all(row["problem"] and row["mine"] != "–" for row in given_to(app, "film_reach")["rows"])
    assert given_to(app, "film_near")["cards"] == []
    assert "recsys_film_map" not in components_on(app)
    assert any("has a map" in caption.value for caption in app.caption)


def test_without_models_the_facts_remain(lonely: Path) -> None:
    app = opened()
    assert len(app.get("plotly_chart")) == 2
    assert components_on(app) == set()
    assert any("No model has been trained" in markdown.value for markdown in app.markdown)


def test_with_no_model_chosen_it_says_so(trained: Path) -> None:
    assert any("No model is chosen" in info.value for info in opened(models="none").info)


@pytest.mark.process
def test_nothing_heavy_is_loaded(trained: Path) -> None:
    code = """
import json, sys
from tests.test_film_page import opened
opened(models="svd,ease")
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    modules = json.loads(done.stdout.strip().splitlines()[-1])
    assert "recsys.ui.film.page" in modules
    loaded = [name for name in modules if any(name == f or name.startswith(f"{f}.") for f in FRAMEWORKS)]
    assert [name for name in loaded if name not in ("recsys.models", "recsys.models.base")] == []


# In words


def task_of(rows: list[tuple[int, int, float]], scale: RatingScale | None = None) -> Task:
    known = replace(Dataset.from_triples(rows, n_users=4, n_items=4), scale=scale or RatingScale())
    return Task(known, Dataset.from_triples([(0, 3, 5.0)], n_users=4, n_items=4), relevance=4.0)


ROWS = [(0, 0, 5.0), (1, 0, 5.0), (2, 0, 2.0), (0, 1, 3.0), (1, 1, 1.0), (0, 2, 4.0)]


def test_facts_of_a_film() -> None:
    facts = film_facts.Facts.of(task_of(ROWS), 0)
    assert (facts.n, facts.mean, facts.place, facts.counts.tolist()) == (3, 4.0, 1, [0, 1, 0, 0, 2])
    assert facts.counts_of_all.tolist() == [1, 1, 1, 1, 2]
    title, said = film_facts.ratings_in_words(facts)
    assert title == "5 stars is what most gave it: 2 of 3"
    assert said.startswith("On average 4.0 ★, 0.7 more than")
    second = film_facts.Facts.of(task_of(ROWS), 1)
    assert film_facts.place_in_words(second) == (
        "Place 2 of 4 by number of ratings",
        "More people rated it than 50 % of the films.",
    )


def test_half_stars_have_bars_of_their_own() -> None:
    facts = film_facts.Facts.of(task_of([(0, 0, 0.5), (1, 0, 3.5), (2, 0, 3.5)], RatingScale(0.5, 5.0, 0.5)), 0)
    assert facts.counts.tolist() == [1, 0, 0, 0, 0, 0, 2, 0, 0, 0]
    assert film_facts.ratings_in_words(facts)[0] == "3.5 stars is what most gave it: 2 of 3"


def test_a_film_that_nobody_has_rated() -> None:
    facts = film_facts.Facts.of(task_of(ROWS), 3)
    title, said = film_facts.ratings_in_words(facts)
    assert "Nobody" in title
    assert "1 rating" in said
    assert film_facts.place_in_words(facts)[0].startswith("No place")


def catalog(titles: list[str], years: list[int], genres: list[list[int]], names: tuple[str, ...]) -> Catalog:
    n = len(titles)
    return Catalog(IdMap(np.arange(101, 101 + n)), tuple(titles), np.array(years), np.array(genres), names)


def test_films_of_one_name_are_told_apart_and_titles_stay_as_they_are() -> None:
    titles, years = ["M*A*S*H", "$1,000,000 Duck", "Chasing", "Chasing"], [1970, 1971, 1997, 1997]
    films_of = catalog(titles, years, [[1]] * 4, ("Drama",))
    assert film_facts.labels(films_of) == [
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
