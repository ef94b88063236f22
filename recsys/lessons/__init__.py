"""What the page "How it works" teaches: a lesson per model, the metrics, and words. Data and pure functions only."""
