"""The runs of a data set."""
