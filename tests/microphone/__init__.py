"""Calls that begin and end by who uses the microphone."""
