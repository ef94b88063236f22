"""Why a film is in a list, what would change it, and which films lie close together."""
