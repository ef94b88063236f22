"""Where this checkout lies; everything else that has a place of its own is found from here."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent
