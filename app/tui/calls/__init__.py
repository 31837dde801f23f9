"""A running call apart from its screen: the thread that reads it, control from outside and practice."""
