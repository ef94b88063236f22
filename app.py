"""The app: `streamlit run app.py`. Imported once, it is the server; run for every look and click, it is the script.

What only the script needs is imported in it: the server listens before numpy is there, which comes while a browser
fetches Streamlit's own files.
"""

import streamlit as st
from starlette.middleware import Middleware

from recsys.ui import navigation, warm_up, widget_values
from recsys.ui.errors import calm, tell
from recsys.ui.gate import Gate
from recsys.ui.headers import SecurityHeaders
from recsys.ui.index import Index


def draw() -> None:
    """Page config, navigation and what all pages share."""
    st.set_page_config(
        page_title=navigation.NAME,
        page_icon=navigation.ICON,
        layout="wide",
        initial_sidebar_state="collapsed",  # it has the menu on a phone, and nothing on wider screens
    )
    page = navigation.current()

    from recsys.ui import frame, threads
    from recsys.ui.train import resume

    with calm():
        frame.begin(page.url_path)
        page.run()
    with calm():
        frame.end()
    with calm():
        threads.limit()
        resume.resume()


MIDDLEWARE = [Middleware(SecurityHeaders), Middleware(Gate), Middleware(Index, name=navigation.NAME)]
widget_values.install()
if __name__ == "__main__":
    draw()
else:
    app = st.App(__file__, middleware=MIDDLEWARE, on_script_error=tell, lifespan=warm_up.lifespan)
