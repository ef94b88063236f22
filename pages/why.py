"""Why each model suggests a film."""

from recsys.ui import data_sets, frame, loaders, url
from recsys.ui.why import page as why_page

dataset = data_sets.dataset()
people = loaders.people(dataset)
url.settle(dataset)

frame.title("Why", dataset.name)
why_page.show(dataset, people)
why_page.in_head(dataset, people)
