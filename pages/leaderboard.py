"""Every model measured the same way."""

from recsys.ui import data_sets, frame, loaders, notices, url
from recsys.ui.leaderboard import page as board_page

dataset = data_sets.dataset()
url.settle(dataset)

frame.title("Leaderboard", dataset.name)
if loaders.nothing_trained(dataset.name):
    notices.untrained(dataset)
else:
    board_page.show(dataset)
