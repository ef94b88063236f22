"""Train a model while you watch, and see it beside the shipped ones."""

from recsys.ui import data_sets, frame, url
from recsys.ui.train import page as train_page

dataset = data_sets.dataset()
url.settle(dataset)

frame.title("Train", dataset.name)
train_page.show(dataset)
