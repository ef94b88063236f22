"""The films of a new user: found by title, rated with stars, in the order in which they were watched."""
