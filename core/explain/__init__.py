"""What the network looked at: heat maps on LiteRT, shares of face regions, advice."""
