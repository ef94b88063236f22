"""Every model measured the same way."""

from recsys.ui import loaders, notices, sidebar, url
from recsys.ui.leaderboard import page as board_page

dataset = sidebar.dataset()
url.settle(dataset)

notices.title("Leaderboard", dataset.name)
if loaders.nothing_trained(dataset.name):
    notices.untrained(dataset)
else:
    board_page.show(dataset)
