"""Readers and screens under what nobody would do on purpose, and what somebody might."""
