"""Train a model while you watch, and see it beside the pretrained ones."""

from __future__ import annotations

from recsys.ui import notices, sidebar, train_page, url

dataset = sidebar.dataset()
url.settle(dataset)

notices.title("Train", dataset.name)
train_page.show(dataset)
