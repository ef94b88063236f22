"""The ratings themselves."""

from recsys.ui import data_sets, frame, url
from recsys.ui.data import page as data_page

dataset = data_sets.dataset()
url.settle(dataset)

frame.title("Data", dataset.name)
data_page.show(dataset)
