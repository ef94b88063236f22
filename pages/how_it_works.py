"""Each model on one card."""

from __future__ import annotations

from recsys.ui import notices, sidebar, url

dataset = sidebar.dataset()
url.settle(dataset)

notices.title("How it works", dataset.name)
