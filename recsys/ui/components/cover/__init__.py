"""One film's cover."""
