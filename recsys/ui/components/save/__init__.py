"""Buttons that save a chart or a table."""
