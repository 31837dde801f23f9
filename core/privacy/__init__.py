"""Proof of privacy: what a run of the program really touched, seen by Python's audit hook and by strace, and judged."""
