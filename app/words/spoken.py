"""Errors whose text is a sentence for the person."""

from __future__ import annotations


class SentenceError(Exception):
    """Something that the person can mend; the text is a sentence for them."""
