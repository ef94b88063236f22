"""What there is to learn from, and how it gets here: data sets, their readers, downloads and portraits."""
