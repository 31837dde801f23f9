"""Tests of the local control channel."""
