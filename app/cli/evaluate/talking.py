"""`calmline networks evaluate talking`: what is read in the faces of people who talk."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.context import Setup
from app.cli.form import format_option
from app.cli.options import PATH, candidates_option
from app.words.language import N_, _

if TYPE_CHECKING:
    from core.adapt.examples import Examples
    from core.candidates.network import LiteRTNetwork
    from core.evaluation.talking import TalkingResult


@click.command()
@click.argument("utterances", metavar="LIST", type=PATH)
@click.option("--fit-first-half", is_flag=True, help=N_("Learn from the first half of each row, judge the second."))
@click.option(
    "--actor", default="m_multi", show_default=True, help=N_("Whose expressions stand beside what is learnt.")
)
@candidates_option
@format_option("table", "json")
@click.pass_obj
def talking(
    setup: Setup, utterances: Path, fit_first_half: bool, actor: str, candidate: tuple[str, ...], form: str
) -> None:
    """What each network, and the networks read together, read in people who talk. LIST is a CSV with the columns file,
    start_s, end_s and label (several joined by |; files beside it), or a folder of videos that are named as those of
    RAVDESS or CREMA-D are. With --fit-first-half the blend also learns from the first half of each row, beside an
    actor's eleven expressions, and only the second half is judged. The level is that after ten minutes of such
    readings.

    Example: calmline networks evaluate talking clips/LIST.csv --fit-first-half
    """
    from core.evaluation.talking import evaluate_utterance
    from core.evaluation.utterances import read_utterances

    rows = read_utterances(utterances)
    networks = setup.networks(candidate)
    expressions = _expressions(networks, actor) if fit_first_half else None
    results = [result for row in rows for result in evaluate_utterance(row, networks, expressions)]
    click.echo(json.dumps([_record(one) for one in results], indent=2) if form == "json" else _table(results))


def _expressions(networks: Sequence[LiteRTNetwork], actor: str) -> Mapping[str, Examples]:
    """The actor's eleven expressions, as each network of the blend reads them.

    Raises:
        SourceError: there is no such actor.
    """
    from core.adapt.blend import blended_ids
    from core.adapt.examples import read_examples
    from core.calibration.actor import capture_expression
    from core.calibration.machine import Timing
    from core.face.haar import HaarFaceFinder
    from core.method.emotion import EXPRESSIONS
    from core.sources.actor import DemoActor
    from core.system.resources import ASSETS_FOLDER

    source, finder = DemoActor(ASSETS_FOLDER / "actor" / actor), HaarFaceFinder()
    crops = {one.id: capture_expression(source, one, finder, Timing(hold=1.0)) for one in EXPRESSIONS}
    by_id = {network.card.id: network for network in networks}
    return {name: read_examples(by_id[name], crops) for name in blended_ids(sorted(by_id))}


def _record(result: TalkingResult) -> dict[str, Any]:
    told = asdict(result)
    shares, level = told.pop("shares"), told.pop("level_10_min")
    return told | {outcome.value: round(share, 4) for outcome, share in shares.items()} | {"level_10_min": level}


def _table(results: Sequence[TalkingResult]) -> str:
    heads = ("happy", "neutral", "stress", "surprise", "unsure", "gap")
    width = max([len(_("reader")), *(len(one.reader) for one in results)])
    lines = []
    file = None
    for one in results:
        if one.file != file:
            file = one.file
            heading = f"{_('reader'):<{width}}  {_('memory'):>6}" + "".join(f"{head:>10}" for head in heads)
            lines += ["", file, f"{heading}  {_('level after 10 min')}"]
        cells = "".join(f"{share:>10.0%}" for share in one.shares.values())
        lines.append(f"{one.reader:<{width}}  {one.memory_s:>5g}s{cells}  {one.level_10_min:+.2f}")
    return "\n".join(lines[1:])
