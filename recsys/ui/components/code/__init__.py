"""The parts of a page as pills, and a card per model."""
