"""One film, seen by every model."""

from __future__ import annotations

from recsys.ui import notices, sidebar, url

dataset = sidebar.dataset()
url.settle(dataset)

notices.title("Film", dataset.name)
