"""One user, several models: their lists side by side."""

from __future__ import annotations

from recsys.ui import loaders, picker, sidebar, url
from recsys.ui.compare import page as comparison

dataset = sidebar.dataset()
people = loaders.people(dataset)
view = url.settle(dataset)
user = people.example if view.user is None else dataset.viewers.ids.index(view.user)

comparison.header(dataset, people, user)
comparison.show(dataset, user)
picker.filters(dataset, people)
