"""What `python -m recsys NAME` does where that is more than a few lines; `__main__.py` does the rest."""
