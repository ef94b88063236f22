"""The leaderboard's table and chart."""
