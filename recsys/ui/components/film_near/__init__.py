"""The films nearest to one, model by model."""
