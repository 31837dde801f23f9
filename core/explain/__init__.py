"""What the network looked at: saliency maps on LiteRT, shares of face regions, advice."""
