"""Why each model suggests a film."""

from recsys.ui import loaders, notices, sidebar, url
from recsys.ui.why import page as why_page

dataset = sidebar.dataset()
people = loaders.people(dataset)
url.settle(dataset)

notices.title("Why", dataset.name)
why_page.show(dataset, people)
why_page.at_side(dataset, people)
