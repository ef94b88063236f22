"""Train a model while you watch, and see it beside the shipped ones."""

from recsys.ui import notices, sidebar, url
from recsys.ui.train import page as train_page

dataset = sidebar.dataset()
url.settle(dataset)

notices.title("Train", dataset.name)
train_page.show(dataset)
