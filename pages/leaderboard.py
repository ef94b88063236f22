"""Every model measured the same way."""

from __future__ import annotations

import streamlit as st

from recsys.protocols import HOLDOUT
from recsys.ui import components, sidebar, standings, url
from recsys.ui.export import to_csv
from recsys.ui.text import count, md

dataset = sidebar.dataset()
url.settle(dataset)
given = standings.standings(dataset)
counted = [s.n_users for s in given if s.n_users is not None]

st.title("Leaderboard", anchor=False)
st.markdown(md(standings.finding(given)))
components.scores(key="scores", data=standings.payload(given))
if counted:
    st.caption(
        f"Protocol **{md(HOLDOUT.name)}**, {md(dataset.name)}: {md(HOLDOUT.summary)} "
        f"Means over the {md(count(max(counted), 'user'))} who liked something of what was hidden."
    )
st.download_button(
    "Table as CSV",
    lambda: to_csv(*standings.table(given)),
    file_name=f"{dataset.name}-leaderboard.csv",
    mime="text/csv",
    icon=":material/download:",
    on_click="ignore",
    key="csv_leaderboard",
)
