"""The commands of `python -m recsys`, a file each: `add_arguments` says what it takes, `run` does it."""

import logging

logging.getLogger("recsys").addHandler(logging.NullHandler())  # a command says in one line what went wrong
