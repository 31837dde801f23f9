"""`calmline demo`: the whole way with the demo actor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.context import Setup
from app.cli.options import FOLDER
from app.words.language import N_, _
from app.words.spoken import SentenceError
from core.system.resources import ASSETS_FOLDER

if TYPE_CHECKING:
    from core.method.grading import CandidateResult
    from core.sources.actor import DemoActor


@click.command()
@click.option("--auto", is_flag=True, help=N_("Press the keys by itself."))
@click.option("--fast", is_flag=True, help=N_("Do not wait: time passes as fast as the computer can."))
@click.option(
    "--source",
    default="actor:m_multi",
    show_default=True,
    help=N_("Which actor plays, and in what light or place: actor:f_multi, actor:f_multi:dim."),
)
@click.option("--clean", is_flag=True, help=N_("Without the networks that only research may use."))
@click.option("--actor", hidden=True)
@click.option("--report", is_flag=True, help=N_("Only print how every network reads the actor's expressions."))
@click.option("--keep", type=FOLDER, hidden=True)
@click.pass_obj
def demo(
    setup: Setup,
    auto: bool,
    fast: bool,
    source: str,
    clean: bool,
    actor: str | None,
    report: bool,
    keep: Path | None,
) -> None:
    """The whole way, from the first screen to two calls, with an actor in place of your camera. Nothing of it is kept.

    Example: calmline demo --auto
    """
    setup = replace(setup, clean=setup.clean or clean)
    kept = () if keep is None else _own_folders(keep)
    named = source if actor is None else f"actor:{actor}"
    setup.confine(*kept, reading=[Path(named.split(":")[1])] if ":" in named else [], screens=not report)
    from app.tui.services import DemoOptions
    from core.sources.actor import DemoActor, list_actors
    from core.sources.flaws import Flaw
    from core.sources.opening import open_source
    from core.sources.source import SourceError

    try:
        player = open_source(named, ASSETS_FOLDER)
    except SourceError:
        player = None
    if not isinstance(player, DemoActor):
        raise SentenceError(
            _("No actor is called {name}. There are: {known}, each also with one of: {flaws}.").format(
                name=named,
                known=", ".join(f"actor:{name}" for name in list_actors(ASSETS_FOLDER)),
                flaws=", ".join(f":{flaw.value}" for flaw in Flaw),
            )
        )
    if report:
        click.echo(_report(setup, player))
        return
    code = setup.open_screens(DemoOptions(auto=auto, fast=fast, source=named, keep=keep))
    click.get_current_context().exit(code)


def _own_folders(folder: Path) -> tuple[Path, ...]:
    """The folders of a demo whose record is left in `folder`, made."""
    from core.store.locations import Locations

    locations = Locations.below(folder)
    locations.prepare()
    return locations.own_folders


def _report(setup: Setup, source: DemoActor) -> str:
    """A Markdown table: expressions by networks, each with its grade, and what it was taken for where not rightly."""
    from core.calibration.actor import grade_actor
    from core.face.checked import CheckedFaceFinder
    from core.method.emotion import EXPRESSIONS
    from core.method.grading import rank_candidates
    from core.system.tables import markdown

    results = rank_candidates(grade_actor(source, setup.networks(), CheckedFaceFinder()))
    rows = [
        (expression.id, expression.emotion.value, *(_cell(result, expression.id) for result in results))
        for expression in EXPRESSIONS
    ]
    rows.append(("score", "", *(f"{result.score} of {result.best_possible}" for result in results)))
    return "\n".join(markdown((source.name, "asked for", *(result.candidate_id for result in results)), rows))


def _cell(result: CandidateResult, expression_id: str) -> str:
    graded = result.grades.get(expression_id)
    if graded is None or graded.grade is None:
        return "-"
    right = graded.taken_for is graded.expression.emotion
    return graded.grade.value if right else f"{graded.grade.value} ({graded.taken_for.value})"
