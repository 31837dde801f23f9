"""`calmline coach`: practise for an interview on a video of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.setup import SentenceError, Setup
from app.language import N_, _

if TYPE_CHECKING:
    from core.candidates.network import LiteRTNetwork
    from core.coach.session import QuestionSummary, Session
    from core.coach.tone import Moment
    from core.sources.source import FrameSource

PAPER_NETWORK = "vgg16-densenet"
"""The second paper's network, where it is shipped (method.md 4)."""

HELP = N_(
    "Practise for an interview with a video of yourself: how you came across, question by question. For the person who "
    "practises, never for an employer. Nothing is kept but the report that you ask for.\n\n"
    "Example: calmline coach --source answers.mp4 --report practice.html"
)


@click.command(help=HELP)
@click.option("--source", help=N_("A video of yourself, or actor. With 0 (the camera) give --seconds, too."))
@click.option("--candidate", help=N_("The network to ask."))
@click.option("--questions", type=click.Path(path_type=Path), help=N_("A text file with one question a line."))
@click.option("--mark", multiple=True, type=click.FloatRange(0), help=N_("Second at which the next question begins."))
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help=N_("Stop after so many seconds."))
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help=N_("Write a report of your video here.")
)
@click.option("--json", "as_json", is_flag=True, help=N_("Print one line of JSON for each reading and question."))
@click.pass_obj
def coach(
    setup: Setup,
    source: str | None,
    candidate: str | None,
    questions: Path | None,
    mark: tuple[float, ...],
    seconds: float | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Read a practice video."""
    from core.coach.practice import practise_video
    from core.coach.session import QuestionListError, read_questions
    from core.resources import ASSETS_FOLDER
    from core.sources.opening import open_source

    if not source:
        raise SentenceError(_("Say what to look at: --source VIDEO."))
    opened = open_source(source, ASSETS_FOLDER)
    is_file = Path(source).expanduser().is_file()
    if opened.is_camera:
        raise SentenceError(
            _("Practising with the camera is not there yet. Record a video of yourself and give it here.")
        )
    if not is_file and seconds is None:
        raise SentenceError(_("This source has no end of its own: give --seconds."))
    if report is not None and not is_file:
        raise SentenceError(_("A report shows pictures, so it is made of a video file of your own only."))
    try:
        asked = read_questions(questions) if questions else ()
    except QuestionListError as error:
        raise SentenceError(_("The question list cannot be used: {reason}.").format(reason=error)) from error
    network = _network(setup, candidate)
    session = practise_video(opened, network, asked, mark, seconds=seconds, tell=_tell_json if as_json else None)
    for summary in session.summaries():
        click.echo(json.dumps(_record(summary), ensure_ascii=False) if as_json else _lines(summary))
    if report is not None:
        _write_report(report, Path(source).name, session.summaries(), opened, network)
        click.echo(_("The report is in {file}.").format(file=report), err=True)


def _network(setup: Setup, candidate: str | None) -> LiteRTNetwork:
    from core.candidates.network import LiteRTNetwork

    ids = setup.registry().ids
    wanted = candidate or (PAPER_NETWORK if PAPER_NETWORK in ids else ids[0])
    network = setup.networks((wanted,))[0]
    assert isinstance(network, LiteRTNetwork)
    return network


def _tell_json(moment: Moment, session: Session) -> None:
    run = session.current_run
    record = {
        "at": round(moment.at, 2),
        "question": session.question_number,
        "outcome": moment.outcome.value,
        "shares": {tone.value: round(share, 4) for tone, share in session.shares.items()},
        "run": None if run is None else {"tone": run.tone.value, "seconds": round(run.seconds, 2)},
    }
    click.echo(json.dumps(record))


def _record(summary: QuestionSummary) -> dict[str, object]:
    return {
        "summary": summary.number,
        "text": summary.text,
        "began": round(summary.began, 2),
        "ended": round(summary.ended, 2),
        "shares": {tone.value: round(share, 4) for tone, share in summary.shares.items()},
        "longest_tension": round(summary.longest_tension, 2),
        "most_negative": [round(moment.at, 2) for moment in summary.most_negative],
    }


def _lines(summary: QuestionSummary) -> str:
    from app.cli.coach_report import TONE_WORDS, advice_sentence, clock

    heading = summary.text or _("Question {number}").format(number=summary.number)
    shares = ", ".join(f"{_(TONE_WORDS[tone])} {share:.0%}" for tone, share in summary.shares.items())
    return f"{heading} ({clock(summary.began)}-{clock(summary.ended)}): {shares}\n  {advice_sentence(summary)}"


def _write_report(
    target: Path, name: str, summaries: list[QuestionSummary], source: FrameSource, network: LiteRTNetwork
) -> None:
    from app.cli.coach_report import render_report
    from core.coach.practice import crops_at
    from core.explain.heat import Explainer

    explainer = Explainer(network)
    crops = crops_at(source, [moment.at for summary in summaries for moment in summary.most_negative])
    keys = {at: (crop, explainer.explain(crop)) for at, crop in crops.items()}
    try:
        target.write_text(render_report(name, summaries, keys), encoding="utf-8")
    except OSError as error:
        raise SentenceError(
            _("{file} cannot be written: {reason}.").format(file=target, reason=error.strerror)
        ) from error
