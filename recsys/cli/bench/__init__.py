"""What the app, its visitors and training take: measured by `python -m recsys bench`."""
