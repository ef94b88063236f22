"""Why each model gives a film its score."""
