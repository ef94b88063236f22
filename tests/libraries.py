"""The libraries that train: tests of a model are for systems that can load its own, and the app loads none of them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from recsys.models import registry
from recsys.models.base import FitOptions, LibraryError, Model
from tests.toys import checkerboard

FRAMEWORKS = ("torch", "tensorflow", "keras", "surprise", "sklearn", "scipy", "onnx", "plotly.express")
MODELS = tuple({entry.path.rsplit(".", 1)[0] for entry in registry.ENTRIES})


def not_for_the_app(modules: Iterable[str]) -> list[str]:
    """Those of the modules that the app should never have loaded: they take seconds and hundreds of megabytes."""
    heavy = (*FRAMEWORKS, *MODELS)
    return sorted(name for name in modules if any(name == f or name.startswith(f"{f}.") for f in heavy))


def skip_unless_it_loads(model: type[Model]) -> None:
    """Skip the test where a model's library cannot be loaded, for the reason that people are given."""
    try:
        model().fit(checkerboard().known, FitOptions())
    except LibraryError as error:
        pytest.skip(str(error))
