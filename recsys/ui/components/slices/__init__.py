"""The models by groups of users."""
