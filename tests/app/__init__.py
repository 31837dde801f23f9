"""What belongs to the app as a whole: language, texts, setting up, the terminal."""
