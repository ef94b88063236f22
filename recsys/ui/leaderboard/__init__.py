"""The Leaderboard page. `page.py` is what the file in pages/ calls."""
