"""`python -m recsys serve`: the models over HTTP, for other programs."""
