"""The ways in. A target gets a folder of its own and returns what tries one case: "taken", or "refused" on purpose.

Whatever else a case raises is a failure of the program, and so is what it leaves outside the folder that it was given.
"""

from __future__ import annotations

import atexit
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from recsys.errors import RecsysError
from recsys.paths import ARTIFACTS
from tests import faults
from tests.hostile import mutation

ROOT = Path(__file__).parents[2]
Try = Callable[[Random], str]


@dataclass(frozen=True)
class Target:
    """One way in.

    Args:
        few, many: cases in `make test` and in `make hostile`.
        prepare: (an empty folder) -> what tries one case.
        seconds: what one case may take.
    """

    few: int
    many: int
    prepare: Callable[[Path], Try]
    seconds: float = 5.0


def _outcome(action: Callable[[], object], *refusals: type[Exception]) -> str:
    try:
        action()
    except (RecsysError, *refusals) as error:
        said = str(error)
    else:
        return "taken"
    assert said.strip(), "an error without a word"
    assert "\n" not in said, f"an error of several lines: {said!r}"
    said.encode()  # else it cannot be shown
    return "refused"


def loaders(folder: Path) -> Try:
    """MovieLens files of every layout, as folders and as zips."""
    from recsys.data.movielens import reader

    def attempt(random: Random) -> str:
        layout = random.choice(list(faults.LAYOUTS))
        files = dict(faults.LAYOUTS[layout])
        for name in random.sample(list(files), k=random.choice((1, 1, 2))):
            files[name] = mutation.spoilt(files[name], random)
        if random.random() < 0.05:
            del files[random.choice(list(files))]
        place = folder / layout
        shutil.rmtree(place, ignore_errors=True)
        if random.random() < 0.5:
            faults.write_folder(place, files)
        else:
            place = faults.write_zip(folder / "data.zip", files)
            if random.random() < 0.3:
                place.write_bytes(mutation.spoilt(place.read_bytes(), random))
        return _outcome(lambda: reader.load(place))

    return attempt


def splits(folder: Path) -> Try:
    """A split of one's own: two text files."""
    from recsys.evaluation import own_split

    lines = [f"u{n % 7}\tfilm {n % 11}\t{1 + n % 5}\t{1_000_000_000 + 60 * n}" for n in range(60)]
    plain = "\n".join(lines).encode()
    kinds = (plain, b"user\titem\trating\ttimestamp\n" + plain, plain.replace(b"\t", b","))

    def attempt(random: Random) -> str:
        content = random.choice(kinds)
        train, test = folder / "train.tsv", folder / "test.tsv"
        train.write_bytes(mutation.spoilt(content, random))
        test.write_bytes(mutation.spoilt(content, random) if random.random() < 0.5 else content)
        return _outcome(lambda: own_split.read(train, test))

    return attempt


def addresses(_folder: Path) -> Try:
    """Parameters of an address; what is left of them survives being written into one again."""
    from recsys.data import demo
    from recsys.ui import view

    dataset, names = demo.build(), ["demo", "ml-100k"]

    def attempt(random: Random) -> str:
        keys = random.choices(list(view.FIELDS), k=random.randint(1, 6))
        sent = {key: mutation.text(random) for key in (*keys, mutation.text(random))}
        for key in random.sample(keys, k=1):
            sent[key] = random.choice(("5", "1,2", "bpr,als", "50:5,1:4", "none", "1990,1999", "user", "Drama", "0.5"))
        seen = view.bounded(view.parse(sent, names), dataset)
        written = view.encode(seen)
        assert view.bounded(view.parse(written, names), dataset) == seen, written
        assert sum(map(len, written.values())) < 2_000, written
        return "taken"

    return attempt


def profiles(_folder: Path) -> Try:
    """The films of a new user, as an address and `recommend --history` give them."""
    from recsys.cli import recommend
    from recsys.data import demo
    from recsys.serving import new_user

    dataset = demo.build()
    ids = dataset.catalog.ids.ids.tolist()

    def attempt(random: Random) -> str:
        good = [f"{random.choice(ids)}:{random.choice((1, 3, 5, 4.5))}" for _ in range(random.randint(1, 60))]
        odd = [mutation.text(random), f"{random.choice(ids)}:{mutation.text(random)}"]
        parts = good + random.choices(odd, k=random.randint(0, 2))
        random.shuffle(parts)
        given = ",".join(parts)
        kept = new_user.of_dataset(new_user.parse(given), dataset)
        assert len(kept) <= new_user.MAX_FILMS
        assert all(film in dataset.catalog.ids and new_user.is_on(dataset.scale, stars) for film, stars in kept)
        return _outcome(lambda: recommend.history_of(given, dataset))

    return attempt


def settings(_folder: Path) -> Try:
    """`--set KEY=VALUE`, and what the Train page and a run's file may hold."""
    from recsys.models import registry
    from recsys.models.settings import config_from, describe

    kinds = {entry.name: entry.load().config_class for entry in registry.ENTRIES}
    named = {name: [known.name for known in describe(kind)] for name, kind in kinds.items()}

    def attempt(random: Random) -> str:
        model = random.choice(list(kinds))
        keys = [*named[model], mutation.text(random)]
        odd = {random.choice(keys): random.choice((mutation.text, mutation.value))(random) for _ in range(2)}
        return _outcome(lambda: config_from(kinds[model], odd))

    return attempt


def manifests(folder: Path) -> Try:
    """A manifest with other contents, under a hash that is right."""
    return _of_artifacts(folder, _spoil_manifest)


def arrays(folder: Path) -> Try:
    """A model's arrays, under a hash that is right."""
    return _of_artifacts(folder, partial(_spoil_file, names=("arrays.npz", "evaluation.npz")))


def graphs(folder: Path) -> Try:
    """A network's graph, under a hash that is right."""
    return _of_artifacts(folder, partial(_spoil_file, names=("model.onnx",)))


def _of_artifacts(folder: Path, spoil: Callable[[Path, dict[str, Any], Random], bool]) -> Try:
    from recsys.data import demo
    from recsys.serving import artifacts

    dataset = demo.build()
    history = dataset.history(3)
    shipped = sorted(path.parent for path in ARTIFACTS.glob("demo/models/*/manifest.json"))

    def attempt(random: Random) -> str:
        source = random.choice(shipped)
        place = folder / "demo" / "models" / source.name
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(source, place)
        manifest = json.loads((place / "manifest.json").read_bytes())
        if not spoil(place, manifest, random):
            return "taken"

        def use() -> None:
            artifacts.verify(place)
            scorer = artifacts.load(place, dataset).scorer
            scores = scorer.score([history])
            assert scores.shape == (1, scorer.n_items), scores.shape

        return _outcome(use)

    return attempt


def _spoil_manifest(place: Path, manifest: dict[str, Any], random: Random) -> bool:
    _write_manifest(place, mutation.spoilt_json(manifest, random))
    return True


def _spoil_file(place: Path, manifest: dict[str, Any], random: Random, names: tuple[str, ...]) -> bool:
    here = [name for name in names if (place / name).exists()]
    if not here:
        return False
    name = random.choice(here)
    before = (place / name).read_bytes()
    if name.endswith(".npz") and random.random() < 0.7:
        content = _spoilt_arrays(place / name, random)
    else:
        content = mutation.spoilt(before, random)
    (place / name).write_bytes(content)
    manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    _write_manifest(place, manifest)
    return True


def _spoilt_arrays(path: Path, random: Random) -> bytes:
    with np.load(path) as stored:
        found: dict[str, np.ndarray] = {name: stored[name] for name in stored.files}
    name = random.choice(list(found))
    array = found[name]
    odd: list[Callable[[], np.ndarray]] = [
        lambda: array[:-1],
        lambda: array.astype("U8"),
        lambda: np.full_like(array, np.nan, dtype=np.float32),
        lambda: np.full_like(array, 3e38, dtype=np.float32),
        lambda: array[..., None],
        lambda: array.astype(np.complex64),
        lambda: np.zeros((0, *array.shape[1:])),
        lambda: array[::-1].astype(">f8"),
    ]
    found[name] = random.choice(odd)()
    if random.random() < 0.2:
        del found[random.choice(list(found))]
    target = path.with_name("spoilt.npz")
    np.savez(target, **found)  # type: ignore[arg-type]
    content = target.read_bytes()
    target.unlink()
    return content


def _write_manifest(place: Path, manifest: Any) -> None:
    if isinstance(manifest, dict):
        canonical = json.dumps({**manifest, "sha256": ""}, sort_keys=True, ensure_ascii=False)
        manifest["sha256"] = hashlib.sha256(canonical.encode(errors="surrogatepass")).hexdigest()
    (place / "manifest.json").write_bytes(mutation.json_bytes(manifest))


def records(folder: Path) -> Try:
    """What is on record, under a sum that is right."""
    from recsys.cli import verify

    kinds = sorted({path.parent for path in ARTIFACTS.glob("*/*/**/*.json") if "models" not in path.parts})
    shutil.copytree(ARTIFACTS / "demo" / "models", folder / "demo" / "models")

    def attempt(random: Random) -> str:
        source = random.choice(sorted(random.choice(kinds).glob("*.json")))
        place = folder / source.relative_to(ARTIFACTS)
        place.parent.mkdir(parents=True, exist_ok=True)
        facts = mutation.spoilt_json(json.loads(source.read_bytes()), random)
        content = mutation.json_bytes(facts)
        if random.random() < 0.2:
            content = mutation.spoilt(content, random)
        place.write_bytes(content)
        sums = {place.name: hashlib.sha256(content).hexdigest()}
        if (values := source.with_suffix(".npz")).exists():
            shutil.copy(values, place.with_suffix(".npz"))
            sums[values.name] = hashlib.sha256(values.read_bytes()).hexdigest()
        (place.parent / "SHA256SUMS").write_text("".join(f"{it}  {name}\n" for name, it in sums.items()))
        of_kind = f"{'/'.join(place.relative_to(folder).with_suffix('').parts)}"
        found = [check for name, check in verify.checks(folder) if name == of_kind]
        assert len(found) == 1, of_kind
        outcome = _outcome(found[0])
        for left in place.parent.iterdir():
            left.unlink()
        return outcome

    return attempt


def jobs(folder: Path) -> Try:
    """A run's folder; nothing beside it is touched, and the other run is always listed."""
    from recsys.training.jobs import runs
    from recsys.training.jobs.runs import Request
    from recsys.training.jobs.supervisor import end_orphans

    root, precious = folder / "runs", folder / "precious"
    precious.mkdir()
    (precious / "letters.txt").write_text("mine")
    good = runs.create([Request("als", "demo")], ["good"], root, 10)[0]
    template = runs.create([Request("svd", "demo")], ["spoilt"], root, 10)[0]
    files: dict[str, Any] = {path.name: path.read_bytes() for path in template.folder.iterdir() if path.is_file()}
    files |= {
        "process.json": b'{"pid": 999999, "started": 1.0, "host": "x"}',
        "end.json": b'{"state": "finished", "message": "", "seconds": 3.5}',
        "progress.jsonl": b'{"event": "epoch", "epoch": 1, "phase": "search", "seconds": 1.0}\n' * 3,
        "stop": b"cancel",
    }
    odd_names = ("../precious", "../../precious", str(precious), "", "..", "good", "/", "demo/../../precious")

    def attempt(random: Random) -> str:
        shutil.rmtree(template.folder, ignore_errors=True)
        template.folder.mkdir()
        for name, content in files.items():
            if name in ("job.json", "run.json") or random.random() < 0.5:
                (template.folder / name).write_bytes(content)
        name = random.choice(sorted(path.name for path in template.folder.iterdir()))
        content = (template.folder / name).read_bytes()
        if name.endswith(".json") and random.random() < 0.8:
            facts = mutation.spoilt_json(json.loads(content), random)
            if isinstance(facts, dict) and random.random() < 0.4:
                facts[random.choice(list(facts) or ["dataset"])] = random.choice(odd_names)
            (template.folder / name).write_bytes(mutation.json_bytes(facts))
        else:
            (template.folder / name).write_bytes(mutation.spoilt(content, random))
        if random.random() < 0.1:
            (template.folder / "artifact").symlink_to(precious)
        listed = {run.id: run for run in runs.all_runs(root)}
        assert good.id in listed, "a spoilt run took the good one with it"
        end_orphans(root)
        outcome = "refused"
        if template.id in listed:
            spoilt = listed[template.id]
            spoilt.records()
            outcome = _outcome(lambda: (runs.to_zip(spoilt), runs.delete(spoilt)))
        assert (precious / "letters.txt").read_text() == "mine"
        assert (good.folder / "job.json").exists()
        return outcome

    return attempt


def widgets(folder: Path) -> Try:
    """Values of widgets over the websocket of a server of its own; each case is a session that looks at one page."""
    from tests.hostile.widgets import PAGES, Tab, odd_state, server

    running = server(folder, RECSYS_ALLOW_TRAINING="1")
    address = running.__enter__()
    atexit.register(running.__exit__, None, None, None)

    def attempt(random: Random) -> str:
        page, tab = random.choice(PAGES), Tab(address)
        try:
            assert not (box := tab.ask(page)), f"{page} as it is: {box}"
            for _ in range(3):
                chosen = random.sample(sorted(tab.widgets), k=min(len(tab.widgets), random.randint(1, 4)))
                states = [odd_state(identity, random) for identity in chosen]
                box = tab.ask(page, states=states)
                kinds = [tab.widgets[identity] for identity in chosen]
                assert not box, f"{page}, {kinds}, {[str(state)[-80:] for state in states]}: {box}"
            before = set(tab.widgets)
            tab.widgets.clear()
            assert not (box := tab.ask(page)), f"{page} afterwards: {box}"
            assert tab.widgets.keys() & before, f"{page} is not drawn any more"
            assert "Traceback" not in (folder / "server.log").read_text(errors="replace"), "in the log"
        finally:
            tab.close()
        return "taken"

    return attempt


def commands(folder: Path) -> Try:
    """Any arguments of any command but those that serve or time, here, with models that train in a blink."""
    from recsys.__main__ import COMMANDS, main

    for model in ("popularity", "als"):
        shutil.copytree(ARTIFACTS / "demo" / "models" / model, folder / "artifacts" / "demo" / "models" / model)
    faults.write_folder(folder / "data" / "movielens", faults.LAYOUTS["movielens"])
    own = {"ARTIFACTS": "artifacts", "DATA": "data", "DOWNLOAD": "data", "RUNS": "runs"}
    os.environ.update({f"RECSYS_{name}_DIR": str(folder / place) for name, place in own.items()})
    os.environ["RECSYS_DATA_URL"] = "http://127.0.0.1:9"  # nobody listens
    os.chdir(folder)

    def attempt(random: Random) -> str:
        places = _places(folder / "places")

        def where() -> str:
            return str(random.choice(places))

        def word() -> str:
            return mutation.argument(random)

        def one_of(*usual: str) -> Callable[[], str]:
            return lambda: word() if random.random() < 0.2 else random.choice(usual)

        models = one_of("popularity", "als", "popularity,als", "no", ",")
        values: dict[str, Callable[[], str]] = {
            "--dataset": one_of("demo", "demo", "demo", "movielens"),
            "--models": models,
            "--set": one_of("reg_u=5", "n_epochs=1", "reg_u=nan", "=", f"reg_u={word()}"),
            "--history": one_of("1:5,2:4", "1:5,1:5", "1:9", f"1:{word()}"),
            "--user": one_of("1", "0", "-1", "99999"),
            "--users": one_of("1,2", "all", where(), where()),
            "-k": one_of("1", "10", "0", "-1", "99999"),
            "--grid": where,
            "--out": where,
            "--checkpoint-dir": where,
            "--checkpoint-every": one_of("1", "0", "-1"),
            "--train-file": where,
            "--test-file": where,
            "--relevance": one_of("4", "nan", "99"),
            "--protocol": one_of("holdout", "top", "rate", "next,top", ","),
            "--seeds": one_of("0", "0,0", "-1", "0,1"),
            "--seed": one_of("0", "-1", "4294967296"),
            "--device": one_of("cpu", "auto", "tpu"),
            "--engine": one_of("loky", "no"),
            "--jobs": one_of("1", "0", "-1", "999"),
            "--to": one_of("tensorboard", "mlflow"),
        }
        # What comes first, what is always there (else it is every model, or a folder elsewhere), and what may be.
        usual: dict[str, tuple[list[str], str, str]] = {
            "data": ([random.choice(("list", "check", "get", word())), random.choice((where(), word()))], "", ""),
            "recommend": ([], "--models", "--dataset --user --history -k --json"),
            "score": ([], "--models --out", "--dataset --users -k --json --engine --jobs"),
            "train": ([models()], "--out --checkpoint-dir", "--dataset --set --seed --device --checkpoint-every"),
            "sweep": ([one_of("als")()], "--grid --out", "--dataset --seed --protocol --jobs"),
            "evaluate": (
                [],
                "--models",
                "--dataset --protocol --seeds --record --json --train-file --test-file --relevance -k",
            ),
            "export": ([where()], "--to", ""),
            "verify": ([], "", ""),
            "record": ([one_of("tables", "films", "fold-in", "explain", "curve")()], "", "--dataset --json"),
            "job": ([where()], "", ""),
        }
        assert usual.keys() | {"app", "bench", "serve"} == COMMANDS.keys()
        name = random.choice(list(usual))
        arguments, always, perhaps = usual[name]
        chosen = [*always.split(), *(each for each in perhaps.split() if random.random() < 0.6)]
        if random.random() < 0.1:
            chosen.append(random.choice(list(values)))
        for option in chosen:
            arguments = [*arguments, option, *([values[option]()] if option in values else [])]
        if name == "export" and random.random() < 0.7:
            arguments.append(where())
        outcome = _of_command(main, [name, *arguments], random)
        assert (folder / "places" / "letters").read_text() == "mine", arguments
        assert (folder / "places" / "link").is_symlink(), arguments
        assert (folder / "places" / "pipe").is_fifo(), arguments
        return outcome

    return attempt


def _places(folder: Path) -> list[Path]:
    """Made anew: things of every kind to read from and to write to, and some that are not there."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "folder").mkdir(parents=True)
    os.mkfifo(folder / "pipe")
    (folder / "letters").write_text("mine")  # reached by its link alone
    for link, to in {"link": "letters", "lost": "nowhere", "circle": "circle"}.items():
        (folder / link).symlink_to(to)
    (folder / "empty").touch()
    (folder / "binary").write_bytes(bytes(range(256)) * 9)
    (folder / "deep.json").write_text("[" * 100_000)
    (folder / "grid.json").write_text('{"reg_u": [5]}')
    (folder / "list.csv").write_text("1\n2\n3\n")
    (folder / "split.tsv").write_text("".join(f"{n % 7}\t{n % 11}\t{1 + n % 5}\t{n}\n" for n in range(60)))
    there = [path for path in folder.iterdir() if path.name != "letters"]
    return [*there, *(folder / name for name in ("new", "list.csv/below", "circle/below", "n" * 300, "é 🎬"))]


def _of_command(main: Callable[[list[str]], int], arguments: list[str], random: Random) -> str:
    """Exit 0, or 2 with one line that begins with "recsys:"; on a terminal that takes any character, or few."""
    encoding = random.choice(("utf-8", "cp949", "ascii"))
    out, said = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(said):
        status = main(arguments)
    said.flush()
    lines = said.buffer.getvalue().decode(encoding).splitlines()  # type: ignore[attr-defined]
    what = f"{[argument[:60] for argument in arguments]}: {status}, {lines[-3:]}"
    assert status in (0, 2), what
    ours = [line for line in lines if line.startswith("recsys:")]
    assert len(ours) == (status == 2), what
    assert status == 0 or lines[-1] == ours[0], what
    assert not any(line.startswith("Traceback") for line in lines), what
    return "refused" if status else "taken"


def kills(folder: Path) -> Try:
    """Commands that write, killed at any moment: what was there is there, or what is new, and all of it whole."""
    from recsys.cli import verify
    from recsys.data.movielens import reader
    from tests.hostile.liar import Liar, slow

    root, data = folder / "artifacts", folder / "data"
    upload = faults.write_zip(folder / "upload.zip", faults.LAYOUTS["movielens"])
    server = Liar(faults.zipped(faults.LAYOUTS["movielens"] | {"README": Random(0).randbytes(300_000)}))
    adopt = f"from recsys.data import download; download.adopt(open({str(upload)!r}, 'rb'))"
    recsys = [sys.executable, "-m", "recsys"]
    grid, searches = folder / "grid.json", root / "demo" / "searches" / "holdout"
    grid.write_text(json.dumps({"reg_u": [5, 10]}))
    commands = {
        "train": [*recsys, "train", "popularity", "--dataset", "demo", "--out", str(root)],
        "record": [*recsys, "evaluate", "--dataset", "demo", "--protocol", "top", "--models", "popularity", "--record"],
        "sweep": [*recsys, *["sweep", "als", "--dataset", "demo", "--grid"], str(grid), "--out", str(searches)],
        "adopt": [sys.executable, "-c", adopt],
        "get": [*recsys, "data", "get", "ml-latest-small"],
    }
    arrives = {"adopt": data / "movielens.zip", "get": data / "ml-latest-small.zip"}
    places = {"RECSYS_ARTIFACTS_DIR": root, "RECSYS_DATA_DIR": data, "RECSYS_DOWNLOAD_DIR": data}
    environment = os.environ | {name: str(place) for name, place in places.items()}
    environment |= {"RECSYS_DATA_URL": server.url, "NO_PROXY": "127.0.0.1"}

    def start(name: str) -> subprocess.Popen[bytes]:
        if name == "get":  # all of it in a third of a second, or in no time
            server.lies = [(slow, Random(0))]
        return subprocess.Popen(
            commands[name], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    usual = {}
    for name in commands:
        begun, process = time.monotonic(), start(name)
        said = process.communicate()[1].decode()
        usual[name] = time.monotonic() - begun
        assert process.returncode == 0, f"{name}: {said[-500:]}"

    def attempt(random: Random) -> str:
        name = random.choice(list(commands))
        if name in arrives and random.random() < 0.5:
            arrives[name].unlink(missing_ok=True)
        before = set(data.glob("*.zip"))
        process = start(name)
        time.sleep(usual[name] * random.uniform(0.5, 1.05))  # before that it only imports
        process.kill()
        process.communicate()
        for what, check in verify.checks(root):
            try:
                check()
            except RecsysError as error:
                raise AssertionError(f"after a killed {name}, {what}: {error}") from None
        assert (root / "demo" / "models" / "popularity" / "manifest.json").exists()
        here = set(data.glob("*.zip"))
        assert before <= here <= set(arrives.values()), here
        assert all(len(reader.load(path)) == 6 for path in here), here
        return "taken"

    return attempt


def downloads(folder: Path) -> Try:
    """A download server that lies: what arrives is whole, or nothing does, and an honest one mends it."""
    from dataclasses import replace

    from recsys.data import download, transfer
    from recsys.data.movielens import reader
    from tests.hostile.liar import Liar, drawn

    transfer.PAUSE_SECONDS, transfer.SLOWEST = 0.005, 1e9
    ballast = Random(0).randbytes(200_000)  # more than three pieces of what is written at a time
    body = faults.zipped(faults.LAYOUTS["movielens"] | {"README": ballast})
    known = download.SOURCES["ml-100k"]
    server, place = Liar(body), folder / "data"
    os.environ.update({f"RECSYS_{name}_DIR": str(place) for name in ("DATA", "DOWNLOAD")})
    os.environ.update({"RECSYS_DATA_URL": server.url, "NO_PROXY": "127.0.0.1"})

    def get(seconds: float) -> Path:
        transfer.LEAST_SECONDS = download.TIMEOUT_SECONDS = seconds
        return download.get(known.name, progress=False)

    def attempt(random: Random) -> str:
        md5 = hashlib.md5(body).hexdigest() if random.random() < 0.7 else None
        source = download.SOURCES[known.name] = replace(known, md5=md5, n_bytes=len(body))
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        target, part = place / f"{known.name}.zip", place / f".{known.name}.zip.part"
        if random.random() < 0.5:
            part.write_bytes(random.choice((body[:99_999], body, body + b"more", b"x" * 50_000, b"")))
        if random.random() < 0.1:
            target.write_bytes(body[:5_000])
        server.lies = [drawn(random) for _ in range(random.choice((1, 2, 4, 40)))]
        outcome, server.lies = _outcome(lambda: get(0.3)), []
        assert {path.name for path in place.iterdir()} <= {target.name, part.name}
        if part.exists():
            assert outcome == "refused"
            assert part.stat().st_size <= 2 * source.n_bytes
        if outcome == "taken":
            assert md5 is None or target.read_bytes() == body
            reader.load(target)
        get(5.0)  # from an honest server
        assert md5 is None or target.read_bytes() == body
        reader.load(target)
        assert [path.name for path in place.iterdir()] == [target.name]
        return outcome

    return attempt


def servers(folder: Path) -> Try:
    """Two servers on one folder of runs; they are killed, their folder is deleted: every run begins once and ends."""
    from recsys.training.jobs.runs import State
    from tests.hostile.two_servers import TwoServers

    def attempt(random: Random) -> str:
        two = TwoServers(folder, random)
        try:
            two.submit()
            for _ in range(random.randint(1, 4)):
                time.sleep(random.uniform(0, 0.1))
                random.choice((two.submit, two.replace, two.replace, two.cancel, two.delete_everything))()
            states = two.ended()
        finally:
            two.stop()
        begun = two.begun()
        assert len(set(begun)) == len(begun), f"begun twice: {begun}"
        assert "together" not in begun, begun
        usual = {State.FINISHED, State.CANCELLED} | ({State.INTERRUPTED} if two.is_disturbed else set())
        assert set(states.values()) <= usual, states
        return "taken"

    return attempt


TARGETS: Mapping[str, Target] = {
    "loaders": Target(300, 10_000, loaders),
    "splits": Target(200, 10_000, splits),
    "addresses": Target(1_000, 10_000, addresses),
    "profiles": Target(200, 10_000, profiles),
    "settings": Target(1_000, 10_000, settings),
    "manifests": Target(100, 1_000, manifests),
    "arrays": Target(50, 1_000, arrays),
    "graphs": Target(50, 1_000, graphs),
    "records": Target(200, 1_000, records),
    "jobs": Target(100, 1_000, jobs),
    "commands": Target(60, 1_000, commands),
    "widgets": Target(10, 400, widgets),
    "downloads": Target(40, 1_000, downloads),
    "servers": Target(10, 1_000, servers, seconds=30),
    "kills": Target(6, 200, kills, seconds=60),
}
