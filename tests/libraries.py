"""Tests of a model are for systems that can load its library."""

from __future__ import annotations

import pytest

from recsys.models.base import FitOptions, LibraryError, Model
from tests.toys import checkerboard


def skip_unless_it_loads(model: type[Model]) -> None:
    """Skip the test where a model's library cannot be loaded, for the reason that people are given."""
    try:
        model().fit(checkerboard().known, FitOptions())
    except LibraryError as error:
        pytest.skip(str(error))
