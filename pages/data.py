"""The ratings themselves."""

from __future__ import annotations

from recsys.ui import data_page, notices, sidebar, url

dataset = sidebar.dataset()
url.settle(dataset)

notices.title("Data", dataset.name)
data_page.show(dataset)
