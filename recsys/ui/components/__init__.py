"""What Streamlit has no element for, drawn in the browser from plain data.

A folder per component, without a build step: its .js and .css, and a module with its payload. What several draw with is
in shared/. Text reaches the page only through `textContent`, so that a title is data whatever it contains.
"""

from __future__ import annotations

# The modules first: a folder that is imported later would take its component's name here.
from recsys.ui.components.attention.attention import attention as attention
from recsys.ui.components.bands.bands import bands as bands
from recsys.ui.components.board.board import board as board
from recsys.ui.components.checks.checks import checks as checks
from recsys.ui.components.choice.choice import choice as choice
from recsys.ui.components.cover.cover import cover as cover
from recsys.ui.components.facts.facts import facts as facts
from recsys.ui.components.film_map.film_map import film_map as film_map
from recsys.ui.components.film_near.film_near import film_near as film_near
from recsys.ui.components.film_reach.film_reach import film_reach as film_reach
from recsys.ui.components.films_editor.films_editor import films_editor as films_editor
from recsys.ui.components.flow.flow import flow as flow
from recsys.ui.components.grid.grid import grid as grid
from recsys.ui.components.job.job import job as job
from recsys.ui.components.moves.moves import moves as moves
from recsys.ui.components.open_tab.open_tab import open_tab as open_tab
from recsys.ui.components.overlap.overlap import overlap as overlap
from recsys.ui.components.preferences.preferences import preferences as preferences
from recsys.ui.components.profile.profile import profile as profile
from recsys.ui.components.reasons.reasons import reasons as reasons
from recsys.ui.components.runs.runs import run_table as run_table
from recsys.ui.components.scores.scores import scores as scores
from recsys.ui.components.slices.slices import slices as slices
from recsys.ui.components.steps.steps import steps as steps
from recsys.ui.components.strip.strip import strip as strip
from recsys.ui.components.tally.tally import tally as tally
from recsys.ui.components.topics.topics import topics as topics
from recsys.ui.components.worked.worked import worked as worked
