"""Where this program lies, and where it keeps what is made with it."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent
"""The checkout; of an installed package, the folder that packages are installed into."""
_IN_WHEEL = PACKAGE / "shipped"
IS_INSTALLED = _IN_WHEEL.is_dir()
SHIPPED = _IN_WHEEL if IS_INSTALLED else ROOT
"""Where app.py, pages/ and artifacts/ lie: beside the package, in a wheel inside it (pyproject.toml)."""
ARTIFACTS = SHIPPED / "artifacts"
"""The models and records that come with the program."""
HOME = ROOT
"""Where data/ and runs/ are made: nothing is written into an installed package."""
if IS_INSTALLED:
    from platformdirs import user_data_path

    HOME = user_data_path("recsys-compare", appauthor=False)


def install(extra: str) -> str:
    """What to type to install what an extra of pyproject.toml needs."""
    what = f"'recsys-compare[{extra}]'" if IS_INSTALLED else f"-r requirements-{extra}.txt"
    return f"python -m pip install {what}"
