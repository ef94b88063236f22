"""What a change does to each list: how far every film moves, what is new, and what is gone."""
