"""A small table of text."""
