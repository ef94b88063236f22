"""What a lesson's blanks are filled with: the configuration and the sizes of the shipped model of a data set."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import RecsysError
from recsys.lessons.base import Config, Lesson, Sizes, Symbol
from recsys.lessons.source import settings_of, words_of
from recsys.models.settings import Setting
from recsys.serving.artifacts import Manifest
from recsys.ui import loaders
from recsys.ui.text import md


@dataclass(frozen=True, eq=False)
class Facts:
    """A lesson's numbers.

    Args:
        config: of the shipped model; the defaults where there is none.
        settings: name, default and help of each hyperparameter.
        sizes: length of each dimension.
        parameters: what is learnt, and how many numbers that is.
        manifest: of the shipped model, None without one.
        problem: why there is none.
        new_user, source: in the model's own words.
    """

    config: Config
    settings: tuple[Setting, ...]
    sizes: Sizes
    parameters: dict[str, int]
    manifest: Manifest | None
    problem: str
    new_user: str
    source: str

    @property
    def n_parameters(self) -> int:
        return sum(self.parameters.values())


def of(lesson: Lesson, dataset: Dataset) -> Facts:
    """The facts of a lesson on a data set. Raises RecsysError where the program has no such model any more."""
    manifest, problem = None, ""
    try:
        manifest = loaders.manifest(dataset.name, lesson.name)
    except RecsysError as error:
        problem = str(getattr(error, "problem", error))
    settings = settings_of(lesson.config)
    config = {each.name: each.default for each in settings} | (manifest.config if manifest else {})
    sizes = _sizes(lesson, dataset, manifest, config)
    return Facts(
        config=config,
        settings=settings,
        sizes=sizes,
        parameters=lesson.parameters(sizes, config),
        manifest=manifest,
        problem=problem,
        new_user=manifest.new_user if manifest else words_of(lesson.model, "new_user"),
        source=manifest.source if manifest else words_of(lesson.model, "source"),
    )


_KEYS = {**loaders.KEYS, Lesson: lambda lesson: lesson.name, Manifest: lambda manifest: manifest.sha256}


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=_KEYS)
def _sizes(lesson: Lesson, dataset: Dataset, manifest: Manifest | None, config: Config) -> Sizes:
    scorer = manifest.scorer["settings"] if manifest else {}
    return lesson.sizes_of(loaders.task(dataset).known, config, scorer)


def shape(symbol: Symbol, sizes: Sizes, config: Config) -> str:
    """A symbol's shape as Markdown: "$U \\times D$ = 943 × 100", or the value that a hyperparameter has."""
    if symbol.setting:
        return f"`{symbol.setting}` = {value(config[symbol.setting])}"
    if not symbol.shape:
        return ""
    letters = r" \times ".join(symbol.shape)
    numbers = "\u00a0×\u00a0".join(f"{sizes[letter]:,}" for letter in symbol.shape)  # on one line
    return f"${letters}$ = {numbers}"


def value(of: object) -> str:
    """The value of a hyperparameter as text."""
    if isinstance(of, bool):
        return "yes" if of else "no"
    if isinstance(of, list | tuple):
        return ", ".join(value(each) for each in of)
    return md(f"{of:,}" if isinstance(of, int) else f"{of:g}" if isinstance(of, float) else of)
