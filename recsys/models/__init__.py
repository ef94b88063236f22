"""A room per model: its configuration, its network, and `fit`, which leaves a scorer behind.

Frameworks are imported inside `fit`, never at the top, and rooms never import each other.
"""
