"""What a trained model is, how it is stored and asked, and how its scores become lists."""
