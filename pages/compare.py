"""One user, several models: their lists side by side."""

from recsys.ui import data_sets, loaders, url
from recsys.ui.compare import page as comparison
from recsys.ui.view import user_of

dataset = data_sets.dataset()
people = loaders.people(dataset)
view = url.settle(dataset)
user = user_of(view, dataset, people.example)

comparison.header(dataset, people, user)
comparison.show(dataset, people, user)
