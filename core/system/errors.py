"""Errors whose message is for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class TranslatableError(ValueError):
    """A message with what fills it, kept apart, so that it can be said in another language than English.

    Args:
        template: the message in English, with the names of the facts in braces. It is a text of the catalogue.
        facts: what fills it. An error among them is said in the same language; the members of a list stand between commas.
    """

    def __init__(self, template: str, **facts: object) -> None:
        """Fill the message in English, for whoever asks for `str` of it."""
        self.template, self.facts = template, facts
        super().__init__(self.said(str))

    @classmethod
    @contextmanager
    def of(cls, *causes: type[TranslatableError]) -> Iterator[None]:
        """What is found wrong inside, as one of the `causes`, is an error of this kind, in the same words."""
        try:
            yield
        except causes as error:
            raise cls(error.template, **error.facts) from error

    def said(self, translate: Callable[[str], str]) -> str:
        """The message in the language of `translate`, with every error among the facts in the same."""
        facts = {name: _fact_said(fact, translate) for name, fact in self.facts.items()}
        return translate(self.template).format(**facts) if facts else translate(self.template)


def _fact_said(fact: object, translate: Callable[[str], str]) -> object:
    if isinstance(fact, list):
        return ", ".join(str(_fact_said(one, translate)) for one in fact)
    return fact.said(translate) if isinstance(fact, TranslatableError) else fact
