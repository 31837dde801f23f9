"""A call from first to last frame: frames become readings, readings move the level, samples go to the database."""
