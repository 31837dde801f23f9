"""Questions to practise with, of five kinds; each set in the person's own language."""

from __future__ import annotations

from collections.abc import Mapping

from app.words.language import N_, _

QUESTION_SETS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "introduction": (
        N_("introducing yourself"),
        (
            N_("Tell me about yourself."),
            N_("Why do you want this job?"),
            N_("What are you good at?"),
            N_("What would you like to get better at?"),
            N_("Where do you want to be in three years?"),
        ),
    ),
    "experience": (
        N_("what you have done"),
        (
            N_("Tell me about something you are proud of."),
            N_("Tell me about a mistake, and what you did next."),
            N_("When did you have to learn something quickly?"),
            N_("Tell me about a disagreement with a colleague."),
            N_("What did you do when there was too much to do?"),
        ),
    ),
    "customers": (
        N_("talking with customers"),
        (
            N_("A customer has waited for half an hour. How do you begin?"),
            N_("Explain a bill that is higher than last month."),
            N_("Tell a customer that what they want is not possible."),
            N_("A customer does not understand you. Explain it in other words."),
            N_("Say goodbye to a customer whose problem is solved."),
        ),
    ),
    "hard": (
        N_("hard calls"),
        (
            N_("A customer shouts at you. What do you say first?"),
            N_("A customer asks for your manager at once."),
            N_("A customer blames you for somebody else's mistake."),
            N_("A customer cries. What do you say?"),
            N_("A customer insults you. How do you end the call?"),
        ),
    ),
    "pressure": (
        N_("questions under pressure"),
        (
            N_("Why should we take you and nobody else?"),
            N_("Why did you leave your last job?"),
            N_("What would your last boss criticise?"),
            N_("There is a gap in your CV. What happened?"),
            N_("What if we say no?"),
        ),
    ),
}
"""By key: what a set is called, and its questions."""


def question_set_names() -> dict[str, str]:
    """What each set is called, by its key."""
    return {key: _(name) for key, (name, _questions) in QUESTION_SETS.items()}


def question_set(key: str) -> tuple[str, ...]:
    """The questions of a set.

    Raises:
        KeyError: there is no such set.
    """
    return tuple(_(question) for question in QUESTION_SETS[key][1])
