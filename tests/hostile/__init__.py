"""What strangers may hand in, spoilt at random: files, records, models, addresses, settings.

A target is one way in. It is tried with thousands of cases drawn from a seed; what comes back must be an answer, or an
error that this program raises on purpose. `make hostile` tries them all and prints a table; `make test` tries some of
each. One case again: `python -m tests.hostile loaders --seed 0 --case 137`.
"""
