"""What screens are made of. Colours only through theme variables."""
