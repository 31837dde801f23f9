"""What the screens cost, measured on the real program in a real pseudo-terminal."""
