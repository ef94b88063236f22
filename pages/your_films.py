"""Rate a few films yourself: every model answers at once."""

from __future__ import annotations

from recsys.ui import notices, sidebar, url

dataset = sidebar.dataset()
url.settle(dataset)

notices.title("Your films", dataset.name)
