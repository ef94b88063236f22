"""What Streamlit has no element for, drawn in the browser from plain data.

A folder per component, without a build step: its .js and .css, and a module with its payload. What several draw with is
in shared/. Text reaches the page only through `textContent`, so that a title is data whatever it contains.
"""

from __future__ import annotations

from typing import Any

# The modules first: a folder that is imported later would take its component's name here.
from recsys.ui.components.board.board import board as board
from recsys.ui.components.checks.checks import checks as checks
from recsys.ui.components.choice.choice import choice as choice
from recsys.ui.components.facts.facts import facts as facts
from recsys.ui.components.films_editor.films_editor import films_editor as films_editor
from recsys.ui.components.flow.flow import flow as flow
from recsys.ui.components.grid.grid import grid as grid
from recsys.ui.components.job.job import job as job
from recsys.ui.components.mount import Component
from recsys.ui.components.moves.moves import moves as moves
from recsys.ui.components.open_tab.open_tab import open_tab as open_tab
from recsys.ui.components.overlap.overlap import overlap as overlap
from recsys.ui.components.profile.profile import profile as profile
from recsys.ui.components.runs.runs import run_table as run_table
from recsys.ui.components.scores.scores import scores as scores
from recsys.ui.components.slices.slices import slices as slices
from recsys.ui.components.topics.topics import topics as topics
from recsys.ui.components.worked.worked import worked as worked

tally: Component[Any] = Component("tally")
bands: Component[Any] = Component("bands")
strip: Component[Any] = Component("strip")
preferences: Component[Any] = Component("preferences")
reasons: Component[Any] = Component("reasons", "pills", "cards")
steps: Component[Any] = Component("steps")
attention: Component[Any] = Component("attention")
film_reach: Component[Any] = Component("film_reach")
film_near: Component[Any] = Component("film_near", "cards")
film_map: Component[Any] = Component("film_map", "pills")
