"""`calmline doctor --privacy`, and confining the program to what it needs: what holds here, and who sees to it."""
