"""A file or a small folder per model: its configuration, its network, and `fit`, which leaves a scorer behind.

Frameworks are imported inside `fit`, never at the top, and models never import each other.
"""
