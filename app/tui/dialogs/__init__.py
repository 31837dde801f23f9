"""Small windows over a screen, one a file."""
