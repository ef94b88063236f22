"""The keys of the stage."""
