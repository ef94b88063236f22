"""A page on paper: one style sheet, and the light theme's colours whatever the theme on screen.

Colours are in four places: in Streamlit's own elements, in the variables that it gives to components, in the models'
colours that components take from them, and in what Plotly has drawn.
"""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from recsys.paths import ROOT

_PALETTE = "chartCategoricalColors"
_OPTIONS = (
    *("backgroundColor", "secondaryBackgroundColor", "textColor", "primaryColor", "borderColor", "linkColor"),
    "greenColor",
)
_BLUE = "#3b82f6"
"""Streamlit's own in its light theme; ours leaves it as it is."""


def sheet(theme: str, product: str) -> str:
    """The style sheet for a page that is "light" or "dark" on screen; it writes the product's name on top."""
    css = (ROOT / "recsys" / "ui" / "print.css").read_text(encoding="utf-8")
    for name, value in {
        "PRODUCT": product,
        "INK": _of("light", "textColor"),
        "LINE": _of("light", "borderColor"),
    }.items():
        css = css.replace(name, value)
    return css if theme == "light" else f"{css}@media print {{\n{in_light(theme)}\n}}\n"


def in_light(theme: str) -> str:
    """What gives components and charts the light theme's colours; from the light theme, only to the grid of charts."""
    lines = f".main-svg :is(.xgrid, .ygrid) {{ stroke: {_of('light', 'borderColor')} !important }}"
    return lines if theme == "light" else f"{_light_variables()}\n{_light_charts()}\n{lines}"


def _of(theme: str, option: str) -> Any:
    return st.get_option(f"theme.{theme}.{option}")


def _light_variables() -> str:
    """For the components: Streamlit's variables, and the models' colours, which `paint` in shared/dom.js prefers."""
    values = {f"--st-{_kebab(option)}": _of("light", option) for option in _OPTIONS}
    values["--st-blue-color"] = _BLUE
    values |= {f"--printed-{place}": color for place, color in enumerate(_of("light", _PALETTE))}
    says = "; ".join(f"{name}: {value} !important" for name, value in values.items())
    return f".stBidiComponent * {{ {says} }}"


def _light_charts() -> str:
    """For Plotly, which writes colours into what it draws, each as its light counterpart."""
    pairs = dict(zip(_of("dark", _PALETTE), _of("light", _PALETTE), strict=True))
    pairs |= {_of("dark", option): _of("light", option) for option in ("textColor", "backgroundColor", "primaryColor")}
    return "\n".join(
        f'.main-svg [style*="{name}: {_rgb(dark)}"] {{ {name}: {light} !important }}'
        for dark, light in pairs.items()
        for name in ("fill", "stroke")
    )


def _kebab(option: str) -> str:
    return re.sub("([A-Z])", r"-\1", option).lower()


def _rgb(color: str) -> str:
    """#3a8af7 as the browser writes it: rgb(58, 138, 247)."""
    return f"rgb({', '.join(str(int(color[at : at + 2], 16)) for at in (1, 3, 5))})"
