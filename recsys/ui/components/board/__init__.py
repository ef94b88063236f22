"""Which models, their lists, and one chosen film in all of them."""
