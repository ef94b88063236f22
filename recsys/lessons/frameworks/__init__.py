"""The same step in two frameworks, to be read side by side. The app shows these files and never imports them."""
