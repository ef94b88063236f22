"""Who gets a film from which model."""
