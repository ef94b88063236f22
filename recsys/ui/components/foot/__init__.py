"""The foot of a page."""
