"""A few counts, each with its name and a plain comparison."""
