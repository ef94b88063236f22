"""The sanity board."""
