"""A diagram of boxes in rows, with arrows between them."""
