"""Errors whose message is for a person."""

from __future__ import annotations


class TranslatableError(ValueError):
    """A message with what fills it, kept apart, so that it can be said in another language than English.

    Args:
        template: the message in English, with the names of the facts in braces. It is a text of the catalogue.
        facts: what fills it. An error among them is said in the same language.
    """

    def __init__(self, template: str, **facts: object) -> None:
        """Fill the message in English, for whoever asks for `str` of it."""
        super().__init__(template.format(**facts) if facts else template)
        self.template, self.facts = template, facts
