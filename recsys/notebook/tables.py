"""Tables of films that a notebook shows side by side: a column per model, a line per rank."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import pandas as pd


class Lists(pd.DataFrame):
    """Films by model and rank: an ordinary DataFrame with a line per film of a list, shown by rank in a notebook.

    Columns: model (name), rank (from 1), film (id), title, score (or likeness), and of a user's lists liked (bool: one
    of the hidden films that this user went on to like).
    """

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame  # whatever is selected from it is shown as it stands

    def _repr_html_(self) -> str:
        cells = {(row.model, row.rank): _cell(row) for row in self.itertuples(index=False)}
        models = list(dict.fromkeys(self["model"]))
        head = "".join(f"<th>{escape(str(model))}</th>" for model in models)
        ranks = sorted(set(self["rank"]))
        lines = (
            f"<tr><th>{rank}</th>{''.join(f'<td>{cells.get((model, rank), str())}</td>' for model in models)}</tr>"
            for rank in ranks
        )
        ticks = "<p>&#10003; a hidden film that this user went on to like</p>" if "liked" in self else ""
        style = "<style scoped>td, th { text-align: left !important; }</style>"
        return f"{style}<table><thead><tr><th></th>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>{ticks}"


def _cell(row: object) -> str:
    """A film of a list, as HTML; a title is data, whatever it contains."""
    title = escape(str(getattr(row, "title")))  # noqa: B009
    return f"<b>{title} &#10003;</b>" if getattr(row, "liked", False) else title
