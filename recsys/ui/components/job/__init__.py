"""A run: its name, what it says of itself, and how far it is."""
