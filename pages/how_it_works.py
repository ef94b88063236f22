"""Each model on one card, and the metrics worked out."""

from recsys.ui import loaders, notices, picker, sidebar, url
from recsys.ui.how_it_works import page as lesson_page
from recsys.ui.view import user_of

dataset = sidebar.dataset()
people = loaders.people(dataset)
view = url.settle(dataset)
user = user_of(view, dataset, people.example)

notices.title("How it works", dataset.name)
lesson_page.show(dataset, user)
picker.show(dataset, people, user)
