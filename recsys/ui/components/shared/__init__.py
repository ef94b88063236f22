"""What several components draw with, and are given."""
