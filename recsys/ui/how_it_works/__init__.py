"""The How it works page. `page.py` is what the file in pages/ calls."""
