"""The Data page. `page.py` is what the file in pages/ calls."""
