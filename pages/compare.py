"""One user, several models: their lists side by side."""

from recsys.ui import data_sets, loaders, url
from recsys.ui.compare import page as comparison
from recsys.ui.view import beside_of, user_of

dataset = data_sets.dataset()
people = loaders.people(dataset)
view = url.settle(dataset)
user = user_of(view, dataset, people.example)
other = beside_of(view, dataset, user)

comparison.header(dataset, people, user, other)
comparison.show(dataset, people, user, other)
