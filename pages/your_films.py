"""Rate a few films yourself: every model answers at once."""

from recsys.ui import data_sets, url
from recsys.ui.your_films import page as films_page

dataset = data_sets.dataset()
url.settle(dataset)

films_page.show(dataset)
