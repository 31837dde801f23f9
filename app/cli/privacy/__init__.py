"""`calmline doctor --privacy`: the whole demo, watched, and what was seen of it, line by line."""
