"""Every model measured the same way."""

from __future__ import annotations

import streamlit as st

from recsys.ui import components, loaders, notices, sidebar, standings, url
from recsys.ui.export import to_csv
from recsys.ui.text import md

dataset = sidebar.dataset()
url.settle(dataset)

notices.title("Leaderboard", dataset.name)
if loaders.nothing_trained(dataset.name):
    notices.untrained(dataset)
else:
    given = standings.standings(dataset)
    st.markdown(md(standings.finding(given)))
    components.scores(key="scores", data=standings.payload(given))
    if caption := standings.caption(given, dataset.name):
        st.caption(md(caption))
    st.download_button(
        "Table as CSV",
        lambda: to_csv(*standings.table(given)),
        file_name=f"{dataset.name}-leaderboard.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="csv_leaderboard",
    )
