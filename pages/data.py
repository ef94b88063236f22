"""The ratings themselves."""

from recsys.ui import notices, sidebar, url
from recsys.ui.data import page as data_page

dataset = sidebar.dataset()
url.settle(dataset)

notices.title("Data", dataset.name)
data_page.show(dataset)
