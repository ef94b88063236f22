"""What Streamlit has no element for, drawn in the browser from plain data.

A folder per component, no build step: its .js and .css, and in a module what it is given. What several draw with stands
in shared/. Text reaches the page only through `textContent`, so that a title is data whatever it contains.
"""

from __future__ import annotations

from typing import Any

# The modules first: a folder that is imported later would take its component's name here.
from recsys.ui.components.board.board import board as board
from recsys.ui.components.checks.checks import checks as checks
from recsys.ui.components.choice.choice import choice as choice
from recsys.ui.components.grid.grid import grid as grid
from recsys.ui.components.job.job import job as job
from recsys.ui.components.mount import Component
from recsys.ui.components.overlap.overlap import overlap as overlap
from recsys.ui.components.profile.profile import profile as profile
from recsys.ui.components.runs.runs import run_table as run_table
from recsys.ui.components.scores.scores import scores as scores
from recsys.ui.components.slices.slices import slices as slices

films_editor: Component[Any] = Component("films_editor")
moves: Component[Any] = Component("moves", "cards")
facts: Component[Any] = Component("facts")
open_tab: Component[Any] = Component("open_tab")
tally: Component[Any] = Component("tally")
bands: Component[Any] = Component("bands")
strip: Component[Any] = Component("strip")
preferences: Component[Any] = Component("preferences")
topics: Component[Any] = Component("topics", "pills")
flow: Component[Any] = Component("flow")
worked: Component[Any] = Component("worked")
reasons: Component[Any] = Component("reasons", "pills", "cards")
steps: Component[Any] = Component("steps")
attention: Component[Any] = Component("attention")
film_reach: Component[Any] = Component("film_reach")
film_near: Component[Any] = Component("film_near", "cards")
film_map: Component[Any] = Component("film_map", "pills")
