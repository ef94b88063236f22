"""Pages as Streamlit runs them in a test: open one, see what its components were given, put a run beside the models."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from recsys.paths import ROOT
from recsys.serving import artifacts
from recsys.training.jobs import runs
from recsys.training.jobs.runs import Request, Run, State


def opened(page: str = "compare", **parameters: str) -> AppTest:
    """A page at an address."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params.update(parameters)
    app.run()
    if page != "compare":
        app.switch_page(f"pages/{page}.py")
        app.query_params.update(parameters)  # Compare leaves out what only other pages show
        app.run()
    assert not app.exception
    return app


def unfolded(app: AppTest, key: str) -> AppTest:
    """The page with one of its folds open, which draws its contents only then."""
    app.session_state[key] = True
    return app.run()


def asked_about(app: AppTest) -> str:
    """The title of Compare without its frame: "user 7"."""
    return app.title[0].value.removeprefix("What should ").removesuffix(" watch next?")


def given_to(app: AppTest, component: str) -> dict[str, Any]:
    """What a component was given to draw."""
    for element in app.get("bidi_component"):
        if element.proto.component_name == f"recsys_{component}":
            return json.loads(element.proto.json)[0]
    raise AssertionError(f"There is no {component} on the page.")


def saves(app: AppTest) -> dict[str, dict[str, Any]]:
    """Key of what can be saved -> what its buttons are given."""
    found = {}
    for element in app.get("bidi_component"):
        if element.proto.component_name == "recsys_save":
            key = element.proto.id.partition("-save_")[2]
            found[key] = json.loads(element.proto.json)[0]
    return found


def saved(app: AppTest, key: str, ending: str) -> dict[str, Any]:
    """The file that a click makes."""
    app.session_state[f"save_{key}_asked"] = (ending, 7)
    app.run()
    assert not app.exception
    file = saves(app)[key]["file"]
    assert file["id"] == 7
    assert file["name"].startswith("demo-")
    assert file["name"].endswith(f".{ending}")
    assert saves(app.run())[key]["file"] is None  # for one click alone
    return file


def parameters(app: AppTest) -> dict[str, str]:
    """What the address says."""
    return {name: value if isinstance(value, str) else value[-1] for name, value in app.query_params.items()}


def drawn(app: AppTest) -> set[str]:
    """The components that are on the page, but for those that every page has, and what saves the others."""
    found = {element.proto.component_name.removeprefix("recsys_") for element in app.get("bidi_component")}
    return found - {"foot", "words", "save"}


def add_run(name: str, model: str, dataset: str = "demo", of: Path | None = None, *, is_over: bool = True) -> Run:
    """A run whose model is a real artifact: a copy of the trained one, or of the folder `of`."""
    made = runs.create([Request(model, dataset)], [name], runs.runs_root(), max_queued=100)[0]
    if is_over:
        shutil.copytree(of or artifacts.folder_of(dataset, model), made.artifact)
        runs.end(made, State.FINISHED, "", 1.0)
    return runs.read(made.id, runs.runs_root())


def finish(work: Coroutine[Any, Any, None]) -> None:
    """Run it to its end in a thread of its own: a test that ran before may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
