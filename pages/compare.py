"""One user, several models: their lists side by side."""

from recsys.ui import loaders, picker, sidebar, url
from recsys.ui.compare import page as comparison
from recsys.ui.view import user_of

dataset = sidebar.dataset()
people = loaders.people(dataset)
view = url.settle(dataset)
user = user_of(view, dataset, people.example)

comparison.header(dataset, people, user)
comparison.show(dataset, user)
picker.filters(dataset, people)
