"""Each model on one card, and the metrics worked out."""

from recsys.ui import data_sets, frame, loaders, picker, url
from recsys.ui.how_it_works import page as lesson_page
from recsys.ui.view import user_of

dataset = data_sets.dataset()
people = loaders.people(dataset)
view = url.settle(dataset)
user = user_of(view, dataset, people.example)

frame.title("How it works", dataset.name)
lesson_page.show(dataset, user)
picker.show(dataset, people, user)
