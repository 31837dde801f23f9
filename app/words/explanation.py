"""The words for where a network looked: regions, shares, and one sentence of advice."""

from __future__ import annotations

from collections.abc import Mapping

from app.words.language import N_, _
from app.words.sentences import expression_name, outcome_name
from core.explain.advice import Advice, AdviceCode, advise
from core.explain.attribution import Attribution
from core.explain.regions import Region, densities_of
from core.explain.saliency import SaliencyMethod
from core.method.emotion import Emotion, Expression

_REGIONS: Mapping[Region, str] = {
    Region.BROWS: N_("brows"),
    Region.EYES: N_("eyes"),
    Region.MOUTH: N_("mouth"),
    Region.REST: N_("elsewhere"),
}

_ADVICE: Mapping[AdviceCode, str] = {
    AdviceCode.SHOW_BROWS: N_("It saw your {saw} but hardly your brows: hair or glasses may cover them."),
    AdviceCode.SHOW_EYES: N_("It saw your {saw} but hardly your eyes: light in your glasses may hide them."),
    AdviceCode.SHOW_MOUTH: N_("It saw your {saw} but hardly your mouth: a hand or a microphone may cover it."),
    AdviceCode.LOOKED_BESIDE_FACE: N_("It looked beside your face: even light from the front may help."),
    AdviceCode.STRONGER: N_("It saw your {saw}, where this shows: make it a little clearer, or take another network."),
}

_METHODS: Mapping[SaliencyMethod, str] = {
    SaliencyMethod.ACTIVATION: N_("from the network's own last map"),
    SaliencyMethod.OCCLUSION: N_("by covering the face piece by piece"),
}


def region_name(region: Region) -> str:
    """What a region of the face is called."""
    return _(_REGIONS[region])


def method_name(method: SaliencyMethod) -> str:
    """How it was found where a network looked."""
    return _(_METHODS[method])


def advice_sentence(advice: Advice) -> str:
    """One sentence: what it saw, what it may have missed, what may help."""
    return _(_ADVICE[advice.code]).format(saw=region_name(advice.saw))


def attribution_sentence(expression: Expression, attribution: Attribution) -> str:
    """The advice for an expression that was read as `attribution.emotion`."""
    return advice_sentence(advise(expression, attribution.emotion, densities_of(attribution.shares)))


def taken_for_sentence(expression: Expression, taken_for: Emotion) -> str:
    """What an expression was taken for."""
    if taken_for is expression.emotion:
        return _("Read as {emotion}, which is right, but not surely.").format(emotion=outcome_name(taken_for))
    return _("“{expression}” is {asked}; it was taken for {taken}.").format(
        expression=expression_name(expression.id),
        asked=outcome_name(expression.emotion),
        taken=outcome_name(taken_for),
    )
