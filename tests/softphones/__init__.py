"""Calls that begin and end by themselves: by a softphone's command, and by the microphone."""
