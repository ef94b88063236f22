"""How alike the lists are, and what they share."""
