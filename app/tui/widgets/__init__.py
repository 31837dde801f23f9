"""What the screens are made of. Colours only through theme variables."""
