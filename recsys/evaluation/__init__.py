"""Protocols, splits, metrics, intervals and what is on record; knows no model."""
