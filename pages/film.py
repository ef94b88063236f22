"""One film, seen by every model."""

from recsys.ui import data_sets, loaders, picker, url
from recsys.ui.film import page as film_page
from recsys.ui.view import user_of

dataset = data_sets.dataset()
people = loaders.people(dataset)
view = url.settle(dataset)

film_page.show(dataset, people.example)
if view.who == "user":
    picker.show(dataset, people, user_of(view, dataset, people.example))
