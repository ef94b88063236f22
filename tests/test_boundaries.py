"""Who may import whom, and what may not be in the tree at all."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys.models import registry
from recsys.models.settings import describe
from recsys.paths import ROOT

SOURCES = sorted([*ROOT.glob("*.py"), *(ROOT / "recsys").rglob("*.py"), *(ROOT / "pages").rglob("*.py")])
ROOMS = sorted((ROOT / "recsys" / "models").rglob("*.py"))
OF_ALL_MODELS = {"", "__init__", "base", "registry", "settings", "size"}
"""Modules of recsys/models that speak of every model and are none."""
CORE = sorted((ROOT / "recsys").rglob("*.py"))
FRAMEWORKS = {"torch", "tensorflow", "keras", "surprise", "implicit", "onnx", "tf2onnx"}
HEAVY = FRAMEWORKS | {"sklearn", "scipy", "streamlit", "onnxruntime"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> Iterator[str]:
    """Full names of the modules, and of what is taken from them, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: imports are absolute"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def loaded_by(modules: list[str], heavy: set[str]) -> dict[str, list[str]]:
    """Module -> which of `heavy` its import brought into a fresh process."""
    code = (
        "import importlib, json, sys\n"
        f"heavy, found = {sorted(heavy)!r}, {{}}\n"
        f"for name in {modules!r}:\n"
        "    before = set(sys.modules)\n"
        "    importlib.import_module(name)\n"
        "    found[name] = [h for h in heavy if h in sys.modules and h not in before]\n"
        "print(json.dumps({name: new for name, new in found.items() if new}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    return json.loads(done.stdout)


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 200
    assert {"app.py", "recsys/models/als.py"} <= {name_of(path) for path in SOURCES}


def test_the_core_loads_no_framework() -> None:
    """The app imports these; each of them is a second or a hundred megabytes."""
    outside = ("recsys.ui", "recsys.models", "recsys.lessons.frameworks", "recsys.lessons.frameworks")
    core = [name for path in CORE if not (name := module_of(path)).startswith(outside)]
    assert len(core) > 80
    assert loaded_by(core, HEAVY) == {}


def test_a_room_loads_its_framework_only_when_it_trains() -> None:
    assert loaded_by([module_of(path) for path in ROOMS], HEAVY) == {}


def test_only_the_user_interface_knows_streamlit() -> None:
    knows = {name_of(p) for p in SOURCES if any(i.split(".")[0] == "streamlit" for i in imports_of(p))}
    speaks_its_protocol = {
        "recsys/cli/bench/sessions.py",
    }  # a new user of the running server
    knows -= speaks_its_protocol
    assert all(name == "app.py" or name.startswith(("recsys/ui/", "pages/")) for name in knows)


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if name_of(p).startswith(("app", "pages/", "recsys/ui/"))], ids=name_of
)
def test_the_user_interface_knows_no_model_and_no_framework(path: Path) -> None:
    found = set(imports_of(path))
    assert not {name for name in found if name.split(".")[0] in FRAMEWORKS | {"sklearn"}}
    assert not {name for name in found if is_of_a_room(name)}


def test_rooms_do_not_know_each_other() -> None:
    """A model module is what the registry names; a file that two share, or a part of one, knows one of them at most."""
    modules = {entry.path.rsplit(".", 1)[0] for entry in registry.ENTRIES}
    for path in ROOMS:
        known = modules & set(imports_of(path)) - {module_of(path)}
        assert len(known) <= (module_of(path) not in modules), name_of(path)


def test_the_core_knows_no_room() -> None:
    """Only the registry names them, as text."""
    for path in CORE:
        if path not in ROOMS:
            assert not {name for name in imports_of(path) if is_of_a_room(name)}, name_of(path)


def is_of_a_room(name: str) -> bool:
    return name.startswith("recsys.models.") and name.split(".")[2] not in OF_ALL_MODELS


def names_in_texts(path: Path) -> Iterator[str]:
    """Dotted names of recsys in strings: programs for other processes, docstrings, what a test replaces."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"\brecsys(?:\.[a-z_]\w*)+", node.value)
            for package, names in re.findall(r"from (recsys[\w.]*) import (\w+(?:, \w+)*)", node.value):
                yield from (f"{package}.{name}" for name in names.split(", "))


def is_there(name: str) -> bool:
    """Whether this is a module of recsys, or something that a module of it names."""
    parts = name.removesuffix(".py").split(".")
    for n in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:n])
        for file in (base.with_suffix(".py"), base / "__init__.py"):
            if file.is_file():
                return n == len(parts) or (n == len(parts) - 1 and parts[n] in file.read_text(encoding="utf-8"))
    return False


def test_what_a_text_names_is_there() -> None:
    """No linter sees a program in a string; moving a module breaks it where nobody looks."""
    others = {"recsys.run"}  # a tag in MLflow
    paths = [path for path in [*SOURCES, *(ROOT / "tests").rglob("*.py")] if path != Path(__file__)]
    gone = {f"{name_of(path)}: {name}" for path in paths for name in names_in_texts(path) if not is_there(name)}
    assert {each for each in gone if each.split(": ")[1] not in others} == set()


@pytest.mark.parametrize("name", ["recsys.bench", "recsys.bench._rank_all", "recsys.data.library.nothing_of_it"])
def test_what_is_gone_is_found(name: str) -> None:
    assert not is_there(name)
    assert is_there("recsys.data.library.open_dataset")


FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve"}
FORBIDDEN_CALLS = {"eval", "exec", "joblib.load", "pickle.load", "pickle.loads", "pd.read_pickle", "pandas.read_pickle"}
FORBIDDEN_KEYWORDS = {"allow_pickle": True, "weights_only": False, "unsafe_allow_html": True, "shell": True}


def dangers_in(source: str) -> list[str]:
    """What could run somebody else's code, by line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [f"{node.lineno}: {a.name}" for a in node.names if a.name.split(".")[0] in FORBIDDEN_MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module in FORBIDDEN_MODULES:
            found.append(f"{node.lineno}: {node.module}")
        elif isinstance(node, ast.Call):
            if ast.unparse(node.func) in FORBIDDEN_CALLS:
                found.append(f"{node.lineno}: {ast.unparse(node.func)}()")
            for keyword in node.keywords:
                if keyword.arg in FORBIDDEN_KEYWORDS and (
                    not isinstance(keyword.value, ast.Constant)
                    or keyword.value.value == FORBIDDEN_KEYWORDS[keyword.arg]
                ):
                    found.append(f"{node.lineno}: {keyword.arg}")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_runs_foreign_code(path: Path) -> None:
    assert dangers_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from marshal import loads",
        "eval(text)",
        "joblib.load(path)",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=wanted)",
        "torch.load(path, weights_only=False)",
        "st.markdown(text, unsafe_allow_html=True)",
    ],
)
def test_the_search_for_foreign_code_finds_it(line: str) -> None:
    assert len(dangers_in(line)) == 1
    assert dangers_in("np.load(path, allow_pickle=False); model.eval()") == []


@pytest.mark.parametrize("entry", registry.ENTRIES, ids=lambda entry: entry.name)
def test_the_registry_and_the_rooms_agree(entry: registry.Entry) -> None:
    model_class = entry.load()
    assert model_class.name == entry.name
    assert model_class.config_class() == model_class.config_class()
    for text in (model_class.looks_at, model_class.new_user, model_class.source):
        assert text.strip()


@pytest.mark.parametrize("entry", registry.ENTRIES, ids=lambda entry: entry.name)
def test_every_hyperparameter_has_a_note(entry: registry.Entry) -> None:
    assert [known.name for known in describe(entry.load().config_class) if not known.help.strip()] == []
