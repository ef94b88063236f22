"""The commands of `python -m recsys`, a file each: `add_arguments` says what it takes, `run` does it."""
