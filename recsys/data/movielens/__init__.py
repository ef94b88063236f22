"""MovieLens as GroupLens publishes it, in each of its layouts, zipped or not; `reader` is the door."""
