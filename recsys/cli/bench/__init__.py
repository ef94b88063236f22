"""`python -m recsys bench`: the speed and memory of the app, its visitors and training."""
