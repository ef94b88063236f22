"""Rate a few films yourself: every model answers at once."""

from __future__ import annotations

from recsys.ui import films_page, sidebar, url

dataset = sidebar.dataset()
url.settle(dataset)

films_page.show(dataset)
