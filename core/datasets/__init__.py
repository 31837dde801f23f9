"""Labelled face crops on disk: layouts of the makers, labels, preparing, splitting and reading. No Keras."""
