"""The app: page config, navigation and what all pages share. Start it with `streamlit run app.py`."""

import streamlit as st

from recsys.ui import navigation, sidebar, threads
from recsys.ui.errors import calm
from recsys.ui.train import resume

st.set_page_config(
    page_title="Six recommenders, side by side",
    page_icon=navigation.ICON,
    layout="wide",
    initial_sidebar_state="collapsed",
)

page = navigation.current()
with calm():
    sidebar.begin(page.url_path)
    page.run()
with calm():
    sidebar.show()
with calm():
    threads.limit()
    resume.resume()
