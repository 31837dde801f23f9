"""What a person says aloud in the wizard: two texts as a counsellor would say them, and free speech."""

from __future__ import annotations

from app.words.language import N_, _

_PASSAGES = {
    "calm_text": (
        N_("Calm and factual"),
        N_(
            "Your order was sent on Tuesday and will arrive on Thursday between nine and twelve. You do not need to be at "
            "home: the parcel can be left with a neighbour. If anything changes, you will get a message with the new time."
        ),
    ),
    "kind_text": (
        N_("Kind"),
        N_(
            "Thank you so much for waiting, and for telling us about this. I am sorry that it was so much trouble. I am "
            "happy to help you: we will put it right together, and I will stay on the line until it is done."
        ),
    ),
    "free_speech": (
        N_("In your own words"),
        N_(
            "What did you have for breakfast, and what will you do at the weekend? Just tell it, as you would a colleague."
        ),
    ),
}


def passage_name(passage_id: str) -> str:
    """How a passage is to be spoken."""
    return _(_PASSAGES[passage_id][0])


def passage_text(passage_id: str) -> str:
    """What is to be said."""
    return _(_PASSAGES[passage_id][1])
