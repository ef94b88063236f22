"""From a name to an artifact: training, search over settings, learning curves, and what they run on."""
