"""The address of what is on screen, to copy or to scan."""
