"""Real and predicted ratings, cell by cell."""
