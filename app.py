"""The app: `streamlit run app.py`. Imported once, it is the server; run for every look and click, it is the script."""

import streamlit as st
from starlette.middleware import Middleware

from recsys.ui import frame, navigation, threads, widget_values
from recsys.ui.errors import calm, tell
from recsys.ui.gate import Gate
from recsys.ui.headers import SecurityHeaders
from recsys.ui.index import Index
from recsys.ui.train import resume


def draw() -> None:
    """Page config, navigation and what all pages share."""
    st.set_page_config(
        page_title=frame.NAME,
        page_icon=navigation.ICON,
        layout="wide",
        initial_sidebar_state="collapsed",  # it has the menu on a phone, and nothing on wider screens
    )
    page = navigation.current()
    with calm():
        frame.begin(page.url_path)
        page.run()
    with calm():
        frame.end()
    with calm():
        threads.limit()
        resume.resume()


MIDDLEWARE = [Middleware(SecurityHeaders), Middleware(Gate), Middleware(Index, name=frame.NAME)]
widget_values.install()
if __name__ == "__main__":
    draw()
else:
    app = st.App(__file__, middleware=MIDDLEWARE, on_script_error=tell)
