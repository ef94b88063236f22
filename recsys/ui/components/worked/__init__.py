"""A number worked out: a row per term, then the lines that lead to the result."""
