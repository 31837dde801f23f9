"""Calmline's core: from a frame to a reading, a level and a record. No screen, no printing, no argument parsing."""
