"""What a person meets: the command line and the terminal screens. Nothing is decided here."""
