"""Recommender models of MovieLens: trained, measured and asked, by the same code as in the app.

    >>> import recsys
    >>> data = recsys.open("demo")
    >>> data.recommend(user=7, models=["als", "bpr"], k=3).shape
    (6, 6)

What is public stands here and nowhere else. Importing it loads no framework: each name is fetched when it is asked for.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recsys.errors import RecsysError as RecsysError
    from recsys.notebook.data import Data as Data
    from recsys.notebook.data import open as open
    from recsys.notebook.model import Model as Model
    from recsys.notebook.training import load as load
    from recsys.notebook.training import train as train

from recsys.version import __version__ as __version__

# Nothing leaves the computer: by itself onnxruntime reports to its makers, with an identifier that it keeps at home.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
_HOMES = {
    "Data": "recsys.notebook.data",
    "Model": "recsys.notebook.model",
    "RecsysError": "recsys.errors",
    "load": "recsys.notebook.training",
    "open": "recsys.notebook.data",
    "train": "recsys.notebook.training",
}
"""Public name -> where it is made."""
__all__ = ["Data", "Model", "RecsysError", "load", "open", "train"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *_HOMES]
