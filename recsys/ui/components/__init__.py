"""What Streamlit has no element for, drawn in the browser from plain data.

A folder per component, no build step: its .js and .css, and in a module what it is given. What several draw with stands
in shared/. Text reaches the page only through `textContent`, so that a title is data whatever it contains.
"""

from __future__ import annotations

from typing import Any

# The modules first: a folder that is imported later would take its component's name here.
from recsys.ui.components.attention.attention import attention as attention
from recsys.ui.components.bands.bands import bands as bands
from recsys.ui.components.board.board import board as board
from recsys.ui.components.film_map.film_map import film_map as film_map
from recsys.ui.components.film_near.film_near import film_near as film_near
from recsys.ui.components.film_reach.film_reach import film_reach as film_reach
from recsys.ui.components.mount import Component
from recsys.ui.components.overlap.overlap import overlap as overlap
from recsys.ui.components.preferences.preferences import preferences as preferences
from recsys.ui.components.profile.profile import profile as profile
from recsys.ui.components.reasons.reasons import reasons as reasons
from recsys.ui.components.steps.steps import steps as steps
from recsys.ui.components.strip.strip import strip as strip
from recsys.ui.components.tally.tally import tally as tally

scores: Component[Any] = Component("scores", "pills")
grid: Component[Any] = Component("grid", "table")
slices: Component[Any] = Component("slices")
checks: Component[Any] = Component("checks")
choice: Component[Any] = Component("choice", "pills")
job: Component[Any] = Component("job")
run_table: Component[Any] = Component("runs", "table")
films_editor: Component[Any] = Component("films_editor")
moves: Component[Any] = Component("moves", "cards")
facts: Component[Any] = Component("facts")
open_tab: Component[Any] = Component("open_tab")
topics: Component[Any] = Component("topics", "pills")
flow: Component[Any] = Component("flow")
worked: Component[Any] = Component("worked")
