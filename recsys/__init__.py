"""A recommender core: six trained models, one contract, one way to rank and to measure."""

__version__ = "0.1.0"
