"""Screens, driven by keys on a clock that only the test moves."""
