"""Every page, run by Streamlit itself on the demo's quick models; what a browser must draw is in tests/e2e."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit
import threadpoolctl
from streamlit.testing.v1 import AppTest

from recsys.data import demo, download, library
from recsys.errors import DownloadError
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.paths import ROOT
from recsys.serving.artifacts import MANIFEST
from recsys.training import train
from recsys.ui import arrival, data_sets, reach
from recsys.ui.components.overlap import overlap
from recsys.ui.text import md
from recsys.ui.train import jobs
from recsys.ui.view import TABS, parse
from tests.app import asked_about, drawn, given_to, opened, parameters, unfolded
from tests.libraries import not_for_the_app

PAGES = {"compare": "board", "leaderboard": "scores"}


def write_ml100k(folder: Path, n_films: int = 20) -> Path:
    """A few ratings in the layout of MovieLens 100K."""
    folder.mkdir(parents=True)
    genres = [f"Genre {number}|{number}\n" for number in range(19)]
    films = [
        "|".join([str(n), f"Film {n} (1990)", "01-Jan-1990", "", "", *("1" if g == n % 19 else "0" for g in range(19))])
        for n in range(1, n_films + 1)
    ]
    ratings = [
        f"{u}\t{n}\t{1 + (u + n) % 5}\t{880_000_000 + 60 * n}"
        for u in range(1, 11)
        for n in range(1, n_films + 1)
        if (u + n) % 3
    ]
    contents = {
        "u.genre": "".join(genres),
        "u.occupation": "artist\n",
        "u.user": "".join(f"{u}|{20 + u}|F|artist|12345\n" for u in range(1, 11)),
        "u.item": "\n".join(films) + "\n",
        "u.data": "\n".join(ratings) + "\n",
    }
    for name, content in contents.items():
        (folder / name).write_text(content, encoding="latin-1")
    return folder


def labels(app: AppTest) -> list[str]:
    return [card["label"] for card in given_to(app, "board")["cards"] if not card["problem"]]


def test_compare_shows_a_user_and_the_lists_of_the_chosen_models(trained: Path) -> None:
    app = opened(user="7", k="12", models="als,svd,popularity,ease")
    assert asked_about(app) == "user 7"
    assert labels(app) == ["ALS", "SVD", "Popularity", "EASE"]
    assert all(len(card["rows"]) == 12 for card in given_to(app, "board")["cards"])
    assert given_to(app, "profile")["parts"][0]["total"] > 0
    assert len(given_to(app, "overlap")["jaccard"]) == 4
    link = given_to(app, "board")["links"]["film"]
    assert given_to(app, "profile")["link"] == given_to(app, "overlap")["link"] == link
    assert link.startswith("film?user=7&")
    titles, ids = demo.build().catalog.titles, demo.build().catalog.ids
    for raw, title, *_ in given_to(app, "profile")["parts"][0]["rows"]:
        assert titles[ids.index(raw)] == title
    assert parameters(app) == {"user": "7", "k": "12", "models": "als,svd,popularity,ease"}


def test_the_six_models_are_the_default(trained: Path) -> None:
    cards = given_to(opened(), "board")["cards"]
    assert [card["label"] for card in cards] == ["ALS", "SVD", "AutoEncoder", "BPR", "GRU", "AutoInt+"]


def test_controls_change_the_lists_and_the_url(trained: Path) -> None:
    app = unfolded(opened(), "options")
    app.slider(key="k").set_value(20).run()
    app.toggle(key="hide_seen").set_value(False).run()
    app.button(key="ticks").click().run()
    app.text_input(key="user").set_value("33").run()
    assert not app.exception
    assert asked_about(app) == "user 33"
    assert len(given_to(app, "board")["cards"][0]["rows"]) == 20
    assert parameters(app) == {"user": "33", "k": "20", "seen": "1", "ticks": "0"}


def test_full_width_digits_are_a_number(trained: Path) -> None:
    app = opened("compare")
    app.text_input(key="user").set_value("３３").run()
    assert parameters(app)["user"] == "33"


def test_metrics_are_of_the_protocol_s_lists_whatever_is_listed(trained: Path) -> None:
    hidden, listed = (given_to(opened(user="7", **more), "overlap") for more in ({}, {"seen": "1"}))
    assert (listed["many"], listed["single"]) != (hidden["many"], hidden["single"])
    assert listed["metrics"]["rows"] == hidden["metrics"]["rows"] != []
    assert listed["metrics"]["note"] == overlap.SEEN_LEFT_OUT + hidden["metrics"]["note"]


def test_surprise_me_takes_somebody_else_whom_the_filters_allow(trained: Path) -> None:
    app = unfolded(opened(user="7"), "filters")
    app.multiselect(key="filter_gender").set_value(["female"]).run()
    app.button(key="surprise").click().run()
    assert not app.exception
    assert asked_about(app) != "user 7"
    assert "female" in given_to(app, "profile")["says"]


def test_choosing_from_the_filtered_users(trained: Path) -> None:
    app = unfolded(opened(), "filters")
    chosen = app.selectbox(key="found").options[3]
    app.selectbox(key="found").select_index(3).run()
    assert not app.exception
    assert asked_about(app) == f"user {chosen.split(' ')[0]}"


@pytest.mark.parametrize(
    "nonsense",
    [
        {"user": "999999"},
        {"user": "<script>alert(1)</script>"},
        {"k": "-5"},
        {"k": "1e9"},
        {"models": "foo"},
        {"dataset": "../../etc/passwd"},
        {"film": "9" * 11},
        {"seen": "maybe", "ticks": "2", "layout": "spiral"},
        {"user": "1" * 100_000},
    ],
)
def test_nonsense_in_the_url_falls_back_and_disappears(trained: Path, nonsense: dict[str, str]) -> None:
    app = opened(**nonsense)
    assert not app.error
    assert labels(app) == ["ALS", "SVD"]
    assert parameters(app) == {}


@pytest.mark.parametrize("typed", ["5000", "-3", "1" * 20, "somebody", "7.5"])
def test_a_number_that_is_nobody_is_said_so(trained: Path, typed: str) -> None:
    app = opened(user="7")
    app.text_input(key="user").set_value("99999").run()
    app.text_input(key="user").set_value(typed).run()
    assert not app.exception
    assert asked_about(app) == "user 7"
    assert app.text_input(key="user").value == "7"
    assert [warning.value for warning in app.warning] == [
        f"There is no user {md(typed)} here, so the previous one stays."
    ]


def damage_size(folder: Path) -> None:
    (folder / "arrays.npz").write_bytes(b"PK")


def damage_format(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    (folder / MANIFEST).write_text(json.dumps({**manifest, "format_version": 99}), encoding="utf-8")


def damage_data(folder: Path) -> None:
    """The same model, trained on one rating less."""
    fewer = demo.build()
    fewer = fewer.select(np.arange(len(fewer) - 1))
    root = folder.parents[2]
    train.train(
        train.Training(registry.entry(folder.name), fewer, HOLDOUT, settings={"n_epochs": "1"}, device="cpu", root=root)
    )


def damage_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text("{nonsense", encoding="utf-8")


def damage_all(folder: Path) -> None:
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (damage_size, "damaged"),
        (damage_format, "newer version"),
        (damage_data, "other data"),
        (damage_manifest, "cannot be read"),
        (damage_all, "not been trained"),
    ],
)
@pytest.mark.parametrize("page", PAGES)
def test_a_broken_model_says_why_and_leaves_the_others_alone(trained: Path, damage: Any, why: str, page: str) -> None:
    damage(trained / "models" / "svd")
    app = opened(page, models="als,svd,popularity,ease")
    if page == "compare":
        assert labels(app) == ["ALS", "Popularity", "EASE"]
        problem = given_to(app, "board")["cards"][1]["problem"]
        assert why in problem["text"]
        assert problem["command"] == "python -m recsys train svd --dataset demo"
    elif damage is damage_all:
        assert "SVD" not in [model["label"] for model in given_to(app, "scores")["models"]]
    else:
        scores = given_to(app, "scores")
        assert scores["models"][1]["label"] == "SVD"
        assert why in scores["models"][1]["problem"]
        assert "python -m recsys train svd --dataset demo" in scores["models"][1]["problem"]
        assert scores["models"][1]["absence"] == "not available"
        assert all(column["values"][1] is None for group in scores["groups"] for column in group["columns"])


def test_a_retrained_model_replaces_the_old_one(trained: Path) -> None:
    broken = (trained / "models" / "svd" / "arrays.npz").read_bytes()
    damage_size(trained / "models" / "svd")
    app = opened(models="als,svd")
    assert labels(app) == ["ALS"]
    (trained / "models" / "svd" / "arrays.npz").write_bytes(broken)
    assert labels(app.run()) == ["ALS", "SVD"]


@pytest.mark.parametrize("page", PAGES)
def test_no_models_at_all_is_a_page_that_explains(lonely: Path, page: str) -> None:
    app = opened(page)
    assert not app.error
    assert [code.value for code in app.main.code][-1:] == ["python -m recsys train all --dataset demo"]
    assert drawn(app) == ({"profile"} if page == "compare" else set())


@pytest.mark.parametrize("page", PAGES)
def test_no_data_and_no_network_is_a_normal_start(trained: Path, page: str) -> None:
    app = opened(page)
    assert [element.value for element in app.main.markdown if "Simulated viewers" in element.value]
    assert "download" not in [button.key for button in app.button]  # nothing to try again where downloads are off
    assert data_sets.NO_DOWNLOADS in captions(app)
    assert len(app.main.get("file_uploader")) == 1
    assert not app.sidebar.children


def shown_in(app: AppTest) -> str:
    """All that stands on the page, also where one has to point at it, without Markdown's escapes."""
    return " ".join(str(element.proto) for element in app.main).replace("\\", "")


@pytest.fixture
def bound_to(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Has the server bound to an address."""
    real = streamlit.get_option

    def bind(address: str | None) -> None:
        monkeypatch.setattr(streamlit, "get_option", lambda name: address if name == "server.address" else real(name))

    return bind


def hand_in(app: AppTest, content: bytes) -> AppTest:
    app.file_uploader(key="upload").upload("holiday.zip", content).run()
    assert not app.exception
    return app


def test_an_upload_on_this_computer_is_adopted(trained: Path, tmp_path: Path) -> None:
    handed_in = shutil.make_archive(str(tmp_path / "some"), "zip", write_ml100k(tmp_path / "some"))
    app = hand_in(opened(), Path(handed_in).read_bytes())
    assert [path.name for path in (trained.parents[1] / "downloads").iterdir()] == ["movielens.zip"]
    assert parameters(app) == {"dataset": "movielens"}
    assert str(trained.parents[1]) not in shown_in(app)


def test_a_bad_upload_is_refused_without_a_path_of_the_server(trained: Path) -> None:
    app = hand_in(opened(), b"PK no zip")
    assert "the uploaded file: the zip is damaged" in shown_in(app)
    assert str(trained.parents[1]) not in shown_in(app)


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "::", "192.168.1.7", "example.org"])
@pytest.mark.parametrize("training", ["", "1"])
def test_on_a_public_address_no_upload_is_offered(
    trained: Path,
    monkeypatch: pytest.MonkeyPatch,
    bound_to: Callable[[str | None], None],
    address: str | None,
    training: str,
) -> None:
    monkeypatch.setenv("RECSYS_ALLOW_TRAINING", training)
    bound_to(address)
    app = opened()
    assert not app.main.get("file_uploader")
    assert data_sets.NO_UPLOADS in captions(app)
    assert data_sets.NO_DOWNLOADS in captions(app)


@pytest.mark.parametrize(("public", "training"), [("1", "1"), ("yes", ""), ("0", "0"), ("", "1")])
def test_one_switch_makes_a_server_public(
    trained: Path, monkeypatch: pytest.MonkeyPatch, public: str, training: str
) -> None:
    monkeypatch.setenv("RECSYS_PUBLIC", public)
    monkeypatch.setenv("RECSYS_ALLOW_TRAINING", training)
    monkeypatch.setenv("RECSYS_OFFLINE", "")
    monkeypatch.setattr(arrival, "attempt", lambda: pytest.fail("a public server fetches nothing by itself"))
    is_public = public in ("1", "yes")
    assert reach.may_train() is (training == "1" and not is_public)
    assert reach.is_local() is not is_public
    assert arrival.is_allowed() is not is_public
    if is_public:
        app = opened()
        assert not app.main.get("file_uploader")
        assert all(text in captions(app) for text in (data_sets.NO_UPLOADS, data_sets.NO_DOWNLOADS))
        app = opened("train")
        assert not app.exception
        assert md(jobs.READ_ONLY) in [info.value for info in app.main.info]


def test_an_upload_that_reaches_a_public_server_all_the_same_is_refused(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound_to: Callable[[str | None], None]
) -> None:
    monkeypatch.setenv("RECSYS_ALLOW_TRAINING", "1")
    handed_in = shutil.make_archive(str(tmp_path / "some"), "zip", write_ml100k(tmp_path / "some"))
    app = opened()
    bound_to("0.0.0.0")
    hand_in(app, Path(handed_in).read_bytes())
    assert app.main.error[0].value == md(data_sets.NO_UPLOADS)
    assert not (trained.parents[1] / "downloads").exists()
    assert library.available() == ["demo"]


def test_the_view_goes_with_the_visitor_from_page_to_page(trained: Path) -> None:
    app = opened(user="7", k="12")
    app.switch_page("pages/leaderboard.py").run()
    app.query_params.clear()
    app.switch_page("pages/compare.py").run()
    assert not app.exception
    assert asked_about(app) == "user 7"


def test_another_data_set_has_another_user(trained: Path) -> None:
    folder = trained.parents[1] / "data" / "ml-latest-small"
    folder.mkdir(parents=True)
    films = [f"{n},Film {n} ({1950 + n}),Drama|Comedy" for n in range(1, 31)]
    (folder / "movies.csv").write_text("movieId,title,genres\n" + "\n".join(films) + "\n", encoding="utf-8")
    rows = [
        f"{u},{n},{(u + n) % 9 / 2 + 0.5},{10**9 + 60 * n}" for u in range(1, 9) for n in range(1, 31) if (u * n) % 4
    ]
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (folder / "links.csv").write_text("movieId,imdbId,tmdbId\n", encoding="utf-8")
    (folder / "tags.csv").write_text("userId,movieId,tag,timestamp\n", encoding="utf-8")
    small = library.open_dataset("ml-latest-small")
    train.train(train.Training(registry.entry("popularity"), small, HOLDOUT, device="cpu", root=trained.parent))
    app = opened(user="900", film="3")
    app.selectbox(key="dataset").set_value("ml-latest-small").run()
    assert not app.exception
    assert parameters(app) == {"dataset": "ml-latest-small"}
    assert given_to(app, "board")["user"] <= 8
    assert unfolded(app, "options").slider(key="k").max == 30
    app.slider(key="k").set_value(30).run()
    assert not app.exception
    app.selectbox(key="dataset").set_value("demo").run()
    assert parameters(app) == {"k": "30"}


def test_a_data_set_that_cannot_be_read_is_a_card(trained: Path) -> None:
    folder = trained.parents[1] / "data" / "ml-latest-small"
    folder.mkdir(parents=True)
    (folder / "movies.csv").write_text("movieId,title,genres\n1,One (1990),Drama\n", encoding="utf-8")
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,1,eleven,0\n", encoding="utf-8")
    for page in PAGES:
        app = opened(page, dataset="ml-latest-small")
        assert md("ratings.csv, line 2") in app.error[0].value
        assert app.selectbox(key="dataset").value == "ml-latest-small"  # and so another one can be chosen


@pytest.mark.parametrize("page", PAGES)
def test_a_broken_zip_falls_back_to_the_demo_and_leaves_a_way_out(
    trained: Path, online: pytest.MonkeyPatch, page: str
) -> None:
    (trained.parents[1] / "downloads").mkdir()
    (trained.parents[1] / "downloads" / "ml-100k.zip").write_bytes(b"garbage\n")
    app = opened(page, dataset="ml-100k")
    assert "MovieLens 100K cannot be read" in app.main.error[0].value
    assert "Simulated viewers" in " ".join(element.value for element in app.main.markdown)
    assert app.selectbox(key="dataset").options == ["Demo"]
    assert app.button(key="download").label == "Try the download again"
    assert len(app.main.get("file_uploader")) == 1
    assert str(trained.parents[1]) not in shown_in(app)
    app.button(key="download").click().run()
    assert not app.exception
    assert "could not be downloaded" in app.main.error[1].value
    assert str(trained.parents[1]) not in shown_in(app)


@pytest.fixture
def online(trained: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The attempt in the background is allowed; nobody answers it."""
    monkeypatch.delenv("RECSYS_OFFLINE")
    arrival.attempt.clear()
    yield monkeypatch
    arrival.attempt().wait(20)
    arrival.attempt.clear()


def captions(app: AppTest) -> str:
    return " ".join(element.value for element in app.main.caption)


def offered_the_download() -> AppTest:
    """The page once the attempt in the background has failed."""
    opened()
    arrival.attempt().wait(20)
    return opened()


def test_a_download_that_fails_is_a_readable_card(trained: Path, online: pytest.MonkeyPatch) -> None:
    app = offered_the_download()
    app.button(key="download").click().run()
    assert not app.exception
    assert "could not be downloaded" in app.main.error[0].value
    assert str(trained.parents[1]) not in shown_in(app)
    assert labels(app) == ["ALS", "SVD"]


def test_offline_nothing_is_downloaded_whoever_asks(online: pytest.MonkeyPatch) -> None:
    app = offered_the_download()
    asked: list[str] = []
    online.setattr(download, "get", lambda name, **_options: asked.append(name))
    online.setenv("RECSYS_OFFLINE", "1")
    app.button(key="download").click().run()
    assert not app.exception
    assert app.main.error[0].value == md(data_sets.NO_DOWNLOADS)
    assert asked == []
    assert "download" not in [button.key for button in app.button]
    assert data_sets.NO_DOWNLOADS in captions(app)


def test_movielens_is_looked_for_once_while_the_demo_is_shown(online: pytest.MonkeyPatch) -> None:
    asked, go_on = [], threading.Event()

    def get(name: str, **_options: object) -> Path:
        asked.append(name)
        go_on.wait(20)
        raise DownloadError("no answer")

    online.setattr(download, "get", get)
    app = opened()
    assert labels(app) == ["ALS", "SVD"]
    assert "Looking for MovieLens 100K…" in captions(app)
    assert "Looking for MovieLens 100K…" in captions(opened("leaderboard"))
    go_on.set()
    arrival.attempt().wait(20)
    app.run()
    assert "MovieLens 100K could not be downloaded." in captions(app)
    assert app.button(key="download").label == "Try the download again"
    assert asked == ["ml-100k"]


def test_a_closed_port_is_one_line(online: pytest.MonkeyPatch) -> None:
    app = opened()
    started = time.monotonic()
    arrival.attempt().wait(20)
    assert time.monotonic() - started < 6
    assert "the server does not answer" in str(arrival.attempt().failure)
    app.run()
    assert not app.exception
    assert not app.error
    assert "the server does not answer" in shown_in(app)
    assert os.environ["RECSYS_DOWNLOAD_DIR"] not in shown_in(app)
    assert "MovieLens 100K could not be downloaded." in captions(app)


def test_a_zip_with_the_wrong_checksum_is_not_kept(trained: Path, online: pytest.MonkeyPatch) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "7")
            self.end_headers()
            self.wfile.write(b"garbage")

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        online.setenv("RECSYS_DATA_URL", f"http://127.0.0.1:{server.server_port}")
        app = opened()
        arrival.attempt().wait(20)
        server.shutdown()
    assert "checksum" in str(arrival.attempt().failure)
    app.run()
    assert "MovieLens 100K could not be downloaded." in captions(app)
    assert not (trained.parents[1] / "downloads" / "ml-100k.zip").exists()


def test_what_arrives_is_offered_and_not_forced_on_anybody(trained: Path, online: pytest.MonkeyPatch) -> None:
    def get(name: str, **_options: object) -> Path:
        return write_ml100k(trained.parents[1] / "data" / name)

    online.setattr(download, "get", get)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    online.setattr(arrival, "is_allowed", lambda: False)
    app.query_params["user"] = "7"
    app.run()
    online.setattr(arrival, "is_allowed", lambda: True)
    app.run()
    arrival.attempt().wait(20)
    app.run()
    assert not app.exception
    assert asked_about(app) == "user 7"
    assert parameters(app) == {"dataset": "demo", "user": "7"}
    assert app.selectbox(key="dataset").options == ["MovieLens 100K", "Demo"]
    app.run()
    assert not app.toast
    app.selectbox(key="dataset").set_value("ml-100k").run()
    assert parameters(app) == {}
    assert not [badge for badge in app.main.markdown if "Simulated viewers" in badge.value]


def test_a_file_edited_inside_its_folder_is_read_again(trained: Path) -> None:
    folder = write_ml100k(trained.parents[1] / "data" / "ml-100k")
    train.train(
        train.Training(
            registry.entry("popularity"), library.open_dataset("ml-100k"), HOLDOUT, device="cpu", root=trained.parent
        )
    )
    app = opened(models="popularity")
    assert labels(app) == ["Popularity"]
    times = folder.stat()
    ratings = (folder / "u.data").read_text(encoding="latin-1").splitlines()
    (folder / "u.data").write_text("\n".join(ratings[:-1]) + "\n", encoding="latin-1")
    os.utime(folder, ns=(times.st_atime_ns, times.st_mtime_ns))
    app.run()
    assert "other data" in given_to(app, "board")["cards"][0]["problem"]["text"]


@pytest.mark.parametrize("page", PAGES)
def test_without_timestamps_there_is_one_card(trained: Path, page: str) -> None:
    folder = trained.parents[1] / "data" / "ml-1m-untimed"
    folder.mkdir(parents=True)
    (folder / "movies.dat").write_text("1::One (1990)::Drama\n2::Two (1991)::Comedy\n", encoding="latin-1")
    (folder / "users.dat").write_text("1::F::1::10::48067\n", encoding="latin-1")
    (folder / "ratings.csv").write_text("userId,movieId,rating\n1,1,4\n1,2,3\n", encoding="latin-1")
    app = opened(page, dataset="ml-1m-untimed")
    assert not app.main.error  # nothing is broken
    [said] = [info.value for info in app.main.info if "has no timestamps" in info.value]
    assert "so the holdout protocol cannot" in said
    assert "Choose another data set" in said
    [menu] = [box for box in app.selectbox if box.key == "dataset"]
    assert menu.value == "ml-1m-untimed"
    assert "MovieLens 1M without times: no timestamps, so no page can show it" in menu.options
    assert not drawn(app)


@pytest.mark.parametrize("n_films", [3, 5])
def test_a_tiny_catalogue_has_no_slider(trained: Path, n_films: int) -> None:
    folder = write_ml100k(trained.parents[1] / "data" / "ml-100k", n_films=n_films)
    assert folder.is_dir()
    for folder_of_model in ("als", "svd"):  # foreign, and so the board is drawn
        shutil.copytree(trained / "models" / folder_of_model, trained.parent / "ml-100k" / "models" / folder_of_model)
    app = unfolded(opened(), "options")
    assert not app.error
    assert not app.slider
    assert parse(parameters(app), ["ml-100k", "demo"]).k == int(parameters(app).get("k", 10))


def test_an_unexpected_failure_shows_no_traceback(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("recsys.ui.lists.answers", fail)
    app = opened()
    assert "Something went wrong" in app.error[0].value
    assert "secret detail" not in app.error[0].value


def test_the_app_process_imports_no_framework(trained: Path) -> None:
    program = f"""
import json, sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(ROOT / "app.py")!r}, default_timeout=60).run()
assert not app.exception
for page in {list(PAGES)!r}:
    app.switch_page(f"pages/{{page}}.py").run()
    assert not app.exception
for tab in {TABS!r}:
    app.query_params["tab"] = tab
    app.run()
    assert not app.exception
    assert not app.error
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    modules = json.loads(done.stdout.strip().splitlines()[-1])
    assert "recsys.ui.compare.page" in modules
    assert not_for_the_app(modules) == []


def imported_by(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_no_page_imports_a_framework_or_trusts_html() -> None:
    for path in [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "recsys" / "ui").rglob("*.py")]:
        assert not_for_the_app(imported_by(path)) == [], path
        assert "unsafe_allow_html" not in path.read_text(encoding="utf-8"), path


def test_components_write_text_and_never_markup() -> None:
    scripts = list((ROOT / "recsys" / "ui" / "components").rglob("*.js"))
    assert scripts
    for path in scripts:
        content = path.read_text(encoding="utf-8")
        assert not [
            word for word in ("innerHTML", "insertAdjacentHTML", "outerHTML", "document.write") if word in content
        ], path


def test_one_request_takes_one_thread(trained: Path) -> None:
    opened()
    [numpys] = [each for each in threadpoolctl.threadpool_info() if f"{os.sep}numpy" in each["filepath"]]
    assert numpys["num_threads"] == 1
