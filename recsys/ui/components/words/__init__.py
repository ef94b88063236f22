"""What the technical words of a page mean, said where they stand."""
