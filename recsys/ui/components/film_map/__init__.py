"""Films as points on a map."""
