"""Faults and hostile files, injected for real, as the person at the command line meets them."""
