"""What the program promises, proved."""
