"""Why each model suggests a film."""

from __future__ import annotations

from recsys.ui import notices, sidebar, url

dataset = sidebar.dataset()
url.settle(dataset)

notices.title("Why", dataset.name)
