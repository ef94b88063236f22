"""How a film's chance moves while a sequence is read."""
