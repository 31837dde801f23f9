"""A model of one's own: a small correction of a shipped network, fitted to one person's calibration features."""
