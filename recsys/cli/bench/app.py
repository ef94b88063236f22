"""Speed and memory on this machine: warm lists in process, and the real app in a real browser.

Everything is a median of several runs, and what is compared is measured in the same call.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from recsys.cli.bench.sessions import Session
from recsys.cli.several import asked
from recsys.data import library, synthetic
from recsys.errors import UsageError
from recsys.evaluation.evaluate import evaluate
from recsys.evaluation.protocols import HOLDOUT
from recsys.models import registry
from recsys.paths import ROOT
from recsys.serving import artifacts
from recsys.serving.lists import model_list
from recsys.serving.scorers import FactorScorer, Query, Unit
from recsys.training.jobs import queue, runs
from recsys.training.jobs.runs import Request, State

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

FRAMEWORKS = ("torch", "tensorflow", "keras", "surprise")
CHROMIUM_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip
N_USERS = 50
N_STARTS = 5
N_VISITS = 9
N_SWITCHES = 15
N_SESSIONS = 10
N_RATED = 8
_DRAWN = "!document.querySelector('[data-stale=\"true\"], [data-testid=stStatusWidget]')"
"""The script has finished, and nothing of the previous page is left."""

Log = Callable[[str], None]


def measure(dataset: str, *, browser: bool, before: Path | None, log: Log) -> dict[str, Any]:
    """All figures by name. Raises UsageError where a browser is wanted and none is installed."""
    log("warm lists")
    figures = {"dataset": dataset, "cores": os.cpu_count(), **warm_lists(dataset)}
    log("full ranking of as many users and films as MovieLens 1M has")
    figures |= full_ranking()
    folders = [artifacts.folder_of(dataset, model) for model in artifacts.trained(dataset)]
    figures["training_seconds_all"] = round(sum(artifacts.read_manifest(f).train_seconds for f in folders), 1)
    if browser:
        figures |= in_browser(dataset, before, log)
    return figures


def warm_lists(dataset_name: str) -> dict[str, Any]:
    """Milliseconds for the lists of one user: each model alone, and the six together."""
    dataset = library.open_dataset(dataset_name)
    task = HOLDOUT.final(dataset)
    six = [entry.name for entry in registry.ENTRIES if entry.is_main]
    scorers = asked(None, dataset, lambda _, artifact: artifact.scorer)
    users = np.random.default_rng(0).permutation(dataset.n_users)[:N_USERS]
    seconds: dict[str, list[float]] = {name: [] for name in scorers}
    for user in [users[0], *users]:  # the first user warms up and is dropped below
        history, relevant = task.known.history(int(user)), task.relevant_of(int(user))
        for name, scorer in scorers.items():
            start = time.perf_counter()
            model_list(name, scorer, history, relevant, 10)
            seconds[name].append(time.perf_counter() - start)
    together = [sum(times) for times in zip(*(seconds[name][1:] for name in six), strict=True)]
    figures: dict[str, Any] = {f"list_ms_{name}": _ms(times[1:]) for name, times in seconds.items()}
    return figures | {"six_lists_ms_p50": _ms(together), "six_lists_ms_p95": _ms(together, 95)}


def full_ranking() -> dict[str, Any]:
    """Every film ranked and measured for every user of data of MovieLens 1M's size, with random factors.

    In a process of its own, so that the memory is that of the ranking and of the data.
    """
    code = (
        "import json, resource; from recsys.cli.bench.app import _rank_all; "
        "print(json.dumps([_rank_all(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    seconds, kilobytes = json.loads(answer.stdout)
    return {"full_ranking_s": round(seconds, 2), "full_ranking_peak_mb": round(kilobytes / 1024)}


def _rank_all() -> float:
    """Median seconds to evaluate one model of 64 factors."""
    random, task = np.random.default_rng(0), HOLDOUT.final(synthetic.make("1m"))
    n_users, n_items = task.known.n_users, task.known.n_items
    scorer = FactorScorer(
        unit=Unit.STRENGTH,
        query=Query.RIDGE,
        item_bias=np.zeros(n_items, dtype=np.float32),
        item_factors=random.normal(size=(n_items, 64)).astype(np.float32),
        user_bias=np.zeros(n_users, dtype=np.float32),
        user_factors=random.normal(size=(n_users, 64)).astype(np.float32),
    )
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        evaluate(scorer, task, HOLDOUT.ks)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


@dataclass(frozen=True)
class _Site:
    """What a server shows.

    Args:
        root: the checkout whose settings of Streamlit count.
        script: what Streamlit runs.
        query: of the address that is opened.
        ready: waits until a page shows what a visitor came for.
    """

    root: Path
    script: Path
    query: str
    ready: Callable[[Page], None]


@dataclass(frozen=True)
class _Visit:
    """What a browser that has never been here needed until the page was ready.

    Args:
        seconds: since the server's start, or since the visit's.
        messages, bytes: over the websocket.
        scripts: files that it fetched.
    """

    seconds: float
    messages: int
    bytes: int
    scripts: int


def in_browser(dataset: str, before: Path | None, log: Log) -> dict[str, Any]:
    """Seconds from start to lists and for a second visitor beside a one-line page, switching users, memory.

    `before` is another checkout whose app is started and visited in turn with this one.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        remedy = "pip install -r requirements-dev.txt, or use --no-browser."
        raise UsageError(f"The browser figures need Playwright: {remedy}") from None
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise UsageError("The browser figures need Chromium on the PATH, or use --no-browser.")
    apps = {"app": ROOT, **({"before": before.resolve()} if before is not None else {})}
    for root in apps.values():
        if not (root / "app.py").is_file():
            raise UsageError(f"{root} is no checkout of this app: it has no app.py.")

    def one_line_ready(page: Page) -> None:
        page.get_by_text("ready", exact=True).wait_for()

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        one_line = Path(folder) / "one_line.py"
        one_line.write_text('import streamlit as st\nst.write("ready")\n')
        sites = {"one_line": _Site(ROOT, one_line, "", one_line_ready)}
        sites |= {name: _Site(root, root / "app.py", f"dataset={dataset}", lists_ready) for name, root in apps.items()}
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
        figures = {
            "start": _compared(_starts(browser, sites, log)),
            "visit": _compared(_visits(browser, sites, log)),
            "switch": _switches(browser, sites, dataset, log),
        }
        log("visiting pages")
        with _served(ROOT / "app.py") as (url, started, process):
            page = _compare_page(browser, url, dataset, started)
            memory = [_memory_mb(process.pid)]
            log("rating films, asking why")
            six = f"{url}/your_films?dataset={dataset}"
            every = f"{six}&models={','.join(artifacts.trained(dataset))}"
            rated = {
                "rate_a_film_ms_p50": _ms(_rate_films(page, six)),
                "rate_a_film_all_models_ms_p50": _ms(_rate_films(page, every)),
                "why_ms_p50": _ms(_ask_why(page, f"{url}/why?dataset={dataset}")),
            }
            for name in sorted(path.stem for path in (ROOT / "pages").glob("*.py")):
                page.goto(f"{url}/{name}?dataset={dataset}")
                page.locator("h1").first.wait_for(timeout=60_000)
                page.wait_for_function(_DRAWN)
                page.wait_for_timeout(1000)
            memory.append(_memory_mb(process.pid))
            modules = _frameworks_mapped(process.pid)
        crowd: dict[str, Any] = {"sessions_beside_training": N_SESSIONS}
        for kind in ("sessions", "tabs"):
            log(f"{N_SESSIONS} {kind} beside a run")
            crowd[f"beside_training_{kind}"] = _beside_training(browser, dataset, Path(folder) / kind, kind)
        browser.close()
    return {
        **figures,
        "app_memory_mb_compare": round(memory[0]),
        "app_memory_mb": round(memory[1]),
        "frameworks_in_app_process": modules,
        **rated,
        **crowd,
    }


def _starts(browser: Browser, sites: dict[str, _Site], log: Log) -> dict[str, list[_Visit]]:
    """The first visits of new servers, in turn, so that a slow moment of the machine meets all."""
    found: dict[str, list[_Visit]] = {name: [] for name in sites}
    for start in range(1 + N_STARTS):  # the first of all also compiles the code
        log(f"start {start} of {N_STARTS}")
        for name, site in sites.items():
            with _served(site.script, site.root) as (url, started, _):
                found[name].append(_visit(browser, site, url, started))
    return {name: visits[1:] for name, visits in found.items()}


def _visits(browser: Browser, sites: dict[str, _Site], log: Log) -> dict[str, list[_Visit]]:
    """Visits of servers that others have visited before, each in a browser that has kept nothing, in turn."""
    found: dict[str, list[_Visit]] = {name: [] for name in sites}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(_served(site.script, site.root)) for name, site in sites.items()}
        for visit in range(1 + N_VISITS):
            log(f"visit {visit} of {N_VISITS}")
            for name, site in sites.items():
                url, started, _ = servers[name]
                found[name].append(_visit(browser, site, url, time.perf_counter() if visit else started))
    return {name: visits[1:] for name, visits in found.items()}


def _switches(browser: Browser, sites: dict[str, _Site], dataset: str, log: Log) -> dict[str, dict[str, float]]:
    """Milliseconds from the click that asks for another user until their lists are drawn, in turn; then the memory."""
    log("switching users")
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(_served(site.script, site.root)) for name, site in sites.items() if site.query
        }
        pages = {name: _compare_page(browser, url, dataset, started) for name, (url, started, _) in servers.items()}
        seconds = [{name: _switch_user(page) for name, page in pages.items()} for _ in range(2 * N_SWITCHES)][3:]
        found = {
            name: {
                "ms_p50": _ms([each[name] for each in seconds]),
                "memory_mb": round(_memory_mb(process.pid)),
            }
            for name, (_, _, process) in servers.items()
        }
        for page in pages.values():
            page.close()
    return found


def _visit(browser: Browser, site: _Site, url: str, since: float) -> _Visit:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page, sizes, scripts = context.new_page(), list[int](), list[str]()
    page.on("websocket", lambda socket: socket.on("framereceived", lambda message: sizes.append(len(message))))
    page.on("request", lambda request: scripts.append(request.url) if ".js" in request.url else None)
    seconds = _seconds_to(page, f"{url}/?{site.query}", since, site.ready)
    visit = _Visit(seconds, len(sizes), sum(sizes), len(scripts))
    page.wait_for_timeout(500)  # what is still drawn is not the next one's burden
    context.close()
    return visit


def _compared(visits: dict[str, list[_Visit]]) -> dict[str, dict[str, float]]:
    """Medians of each site's visits, and how many times as long as the one-line page it took, visit by visit."""
    return {
        name: {
            "seconds": round(statistics.median(visit.seconds for visit in of), 2),
            "times_one_line": round(
                statistics.median(a.seconds / b.seconds for a, b in zip(of, visits["one_line"], strict=True)), 2
            ),
            "messages": statistics.median(visit.messages for visit in of),
            "kilobytes": round(statistics.median(visit.bytes for visit in of) / 1000, 1),
            "script_files": statistics.median(visit.scripts for visit in of),
        }
        for name, of in visits.items()
    }


def _beside_training(browser: Browser, dataset: str, root: Path, kind: str) -> dict[str, Any]:
    """How the app answers while one run trains and is watched, and what memory that takes.

    `kind` says who watches: "tabs" of the browser, which draw on this machine's cores, or "sessions" from elsewhere.
    """
    (run,) = queue.submit([Request("gru", dataset, {"n_epochs": 200})], library.open_dataset(dataset), root=root)
    with _served(ROOT / "app.py", RECSYS_RUNS_DIR=str(root)) as (url, started, process):
        page = _compare_page(browser, url, dataset, started)
        watching = [_watching(browser, url, f"dataset={dataset}&job={run.id}", kind) for _ in range(N_SESSIONS - 1)]
        while not any(record.event == "batch" for record in run.records()):
            page.wait_for_timeout(200)
        memory = [_memory_mb(process.pid)]
        switches = [_switch_user(page) for _ in range(N_SWITCHES)]
        page.wait_for_timeout(30_000)
        switches += [_switch_user(page) for _ in range(N_SWITCHES)]
        memory.append(_memory_mb(process.pid))
        is_training = runs.read(run.id, root).state is State.RUNNING
        for each in (page, *watching):
            each.close()
    return {
        "training_all_the_while": is_training,
        "switch_user_ms_p50": _ms(switches),
        "switch_user_ms_p95": _ms(switches, 95),
        "app_memory_mb_before_and_after": [round(each) for each in memory],
    }


def _compare_page(browser: Browser, url: str, dataset: str, started: float) -> Page:
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    _seconds_to(page, f"{url}/?dataset={dataset}", started, lists_ready)
    return page


def _watching(browser: Browser, url: str, query: str, kind: str) -> Page | Session:
    """Somebody who follows a run on the Train page."""
    if kind == "sessions":
        session = Session(url, "train", query)
        session.wait_until_drawn()
        return session
    page = browser.new_page()
    page.goto(f"{url}/train?{query}")
    page.get_by_role("button", name="Cancel").wait_for(timeout=60_000)
    return page


@contextmanager
def _served(
    script: Path, root: Path = ROOT, **environment: str
) -> Iterator[tuple[str, float, subprocess.Popen[bytes]]]:
    """A Streamlit server on a free port: its URL, the moment of its start, its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false", "--server.address", "127.0.0.1"]
    # As for anybody who starts it a second time: Python keeps what it has compiled.
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    unheard = subprocess.DEVNULL
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=root, env=usual | environment, stdout=unheard, stderr=unheard)
    try:
        yield f"http://127.0.0.1:{port}", started, process
    finally:
        process.terminate()
        process.wait(timeout=20)


def _seconds_to(page: Page, url: str, started: float, ready: Callable[[Page], None]) -> float:
    """Seconds from the server's start until the page shows what `ready` waits for."""
    while True:
        try:
            page.goto(url)
            break
        except Exception:  # the server does not listen yet
            if time.perf_counter() - started > 60:
                raise
            time.sleep(0.05)
    ready(page)
    return time.perf_counter() - started


def lists_ready(page: Page) -> None:
    """Wait until six lists are drawn, each with its ten films."""
    page.locator("section[data-model]").nth(5).locator("li").nth(9).wait_for(timeout=60_000)


def _switch_user(page: Page) -> float:
    """Seconds from the click on "Another user", once called "Surprise me", until the lists are those of another."""
    another = page.get_by_role("button", name=re.compile("Another user|Surprise me"))
    seconds = _seconds_after_click(page, another)
    page.wait_for_timeout(300)
    return seconds


def _seconds_after_click(page: Page, button: Locator) -> float:
    """Seconds until the board shows the lists of another user, or of one more rated film."""
    before = page.locator(".root[data-user]").get_attribute("data-user")
    start = time.perf_counter()
    button.click()
    page.locator(f'.root[data-user]:not([data-user="{before}"])').wait_for()
    return time.perf_counter() - start


def _rate_films(page: Page, address: str) -> list[float]:
    """Seconds from the click on a star until the lists take that film into account, film by film."""
    page.goto(address)
    page.locator(".results li").nth(N_RATED).wait_for(timeout=60_000)
    seconds = []
    for place in range(N_RATED):
        star = page.locator(".results li").nth(place).get_by_role("radio").nth(4 - place % 2)
        seconds.append(_seconds_after_click(page, star))
        page.wait_for_timeout(500)
    return seconds[1:]  # the first also loads what a new user's vector is solved with


def _ask_why(page: Page, address: str) -> list[float]:
    """Seconds from entering another user until the page shows them and every card."""
    page.goto(address)
    page.locator(".st-key-who button").click()
    seconds = []
    for user in range(2, 2 + N_SWITCHES):
        page.locator(".card").nth(5).wait_for(timeout=60_000)
        field = page.get_by_label("User, 1 to", exact=False)
        field.fill(str(user))
        start = time.perf_counter()
        field.press("Enter")
        page.get_by_text(f"User {user}", exact=True).first.wait_for()
        page.wait_for_function(_DRAWN)
        seconds.append(time.perf_counter() - start)
        page.wait_for_timeout(500)
    return seconds[1:]


def _memory_mb(pid: int) -> float:
    return psutil.Process(pid).memory_info().rss / 2**20


def _frameworks_mapped(pid: int) -> list[str]:
    """Training frameworks whose libraries the process has loaded."""
    paths = [Path(region.path).parts for region in psutil.Process(pid).memory_maps()]
    return [name for name in FRAMEWORKS if any(name in parts for parts in paths)]


def _ms(seconds: list[float], percentile: float = 50) -> float:
    return round(float(np.percentile(seconds, percentile)) * 1000, 2)
