"""Each model on one card, and the metrics worked out."""

from __future__ import annotations

from recsys.ui import loaders, notices, picker, sidebar, url
from recsys.ui.how_it_works import page as lesson_page

dataset = sidebar.dataset()
people = loaders.people(dataset)
view = url.settle(dataset)
user = people.example if view.user is None else dataset.viewers.ids.index(view.user)

notices.title("How it works", dataset.name)
lesson_page.show(dataset, user)
picker.show(dataset, people, user)
