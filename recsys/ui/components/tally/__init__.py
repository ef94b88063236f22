"""Counts by genre and decade."""
