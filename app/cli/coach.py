"""`calmline coach`: practise for an interview, on the screen or on a video of one's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.context import Setup, only_landmarks_sentence
from app.cli.form import format_option, note
from app.cli.options import FILE, PATH
from app.cli.targets import refuse_replacing, replace_option
from app.words.figures import clock_text
from app.words.language import N_, _
from app.words.printable import printable
from app.words.spoken import SentenceError
from core.system.files import is_file, own_path
from core.system.resources import ASSETS_FOLDER

if TYPE_CHECKING:
    from core.adapt.chosen import ChosenNetwork
    from core.coach.session import QuestionSummary, Session
    from core.coach.valence import Moment
    from core.sources.source import FrameSource


@click.command()
@click.option("--source", help=N_("0 for a camera, a video of yourself, or actor; without it, your camera."))
@click.option("--candidate", help=N_("The network to ask (else the paper's, or the one chosen for you)."))
@click.option("--questions", type=PATH, help=N_("A text file with one question a line (-: standard input)."))
@click.option(
    "--mark", multiple=True, type=click.FloatRange(0), help=N_("Second of a file at which the next question begins.")
)
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help=N_("Stop after so many seconds of a file."))
@click.option("--report", type=FILE, help=N_("Write a report of your video here."))
@replace_option
@format_option("text", "json", text=N_("How to print; json is a line for each reading and question."))
@click.pass_obj
def coach(
    setup: Setup,
    source: str | None,
    candidate: str | None,
    questions: Path | None,
    mark: tuple[float, ...],
    seconds: float | None,
    report: Path | None,
    overwrite: bool,
    form: str,
) -> None:
    """Practise for an interview: how you come across while you answer, question by question. It is for the person who
    practises, never for an employer. Without --json and --report the practice screen opens, and the camera is on only
    while you practise. Nothing is kept but the report that you ask for.

    Example: calmline coach --questions mine.txt

    Example: calmline coach --source answers.mp4 --report practice.html
    """
    named, as_json = source or setup.source, form == "json"
    setup = replace(setup, source=named)
    folder = [] if report is None else [report.absolute().parent]
    setup.confine(
        *folder,
        reading=[] if questions is None or str(questions) == "-" else [questions],
        screens=not as_json and report is None,
    )
    from app.words.practice import question_list_sentence
    from core.coach.questions import QuestionListError, read_questions

    try:
        asked = read_questions(questions) if questions else ()
    except QuestionListError as error:
        raise SentenceError(question_list_sentence(error)) from error
    if report is not None:
        refuse_replacing([own_path(report)], [own_path(Path(named or ""))], overwrite=overwrite)
    if as_json or report is not None:
        _practise_file(setup, named, candidate, asked, mark, seconds, report, as_json)
        return
    if mark or seconds is not None:
        raise SentenceError(_("--mark and --seconds belong to a file: give --json or --report, too."))
    if candidate:
        setup.networks((candidate,))  # a wrong name is said before the screens open
    from app.tui.services import PracticeOptions

    code = setup.open_practice(PracticeOptions(asked, candidate))
    click.get_current_context().exit(code)


def _practise_file(
    setup: Setup,
    source: str | None,
    candidate: str | None,
    questions: Sequence[str],
    marks: Sequence[float],
    seconds: float | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Read a video or the actor without screens."""
    from core.coach.practice import practise_video
    from core.sources.opening import open_source
    from core.sources.source import Performer

    if not source:
        raise SentenceError(_("Say what to look at: --source VIDEO."))
    opened = open_source(source, ASSETS_FOLDER)
    from_file = is_file(own_path(Path(source)))
    if opened.is_camera:
        raise SentenceError(_("With the camera you practise on the screen: leave out --json and --report."))
    if report is not None and not from_file:
        raise SentenceError(_("A report shows pictures, so it is made of a video file of your own only."))
    if isinstance(opened, Performer) and seconds is None:
        raise SentenceError(_("This source has no end of its own: give --seconds."))
    chosen = _network(setup, candidate)
    tell = _tell_json if as_json else None
    session = practise_video(opened, chosen.network, questions, marks, seconds=seconds, tell=tell)
    for summary in session.summaries():
        click.echo(json.dumps(_record(summary), ensure_ascii=False) if as_json else _lines(summary))
    _say_unreached(session, questions, marks)
    if report is not None:
        _write_report(setup, report, Path(source).name, session.summaries(), opened, chosen)
        note(_("The report is in {file}.").format(file=report))


def _say_unreached(session: Session, questions: Sequence[str], marks: Sequence[float]) -> None:
    """Name the marks and questions that lie past the end of what was read, on standard error."""
    end = clock_text(session.summaries()[-1].ended)
    late = ", ".join(f"{mark:g}" for mark in sorted(marks)[session.question_number - 1 :])
    if late:
        click.echo(
            _("The video ended at {end}, before these marks (in seconds): {marks}.").format(end=end, marks=late),
            err=True,
        )
    for text in questions[session.question_number :]:
        click.echo(
            _("Not reached: {question} (say with --mark at which second it begins).").format(question=text), err=True
        )


def _network(setup: Setup, candidate: str | None) -> ChosenNetwork:
    from core.coach.network import load_practice_network

    if candidate:
        setup.networks((candidate,))  # says which there are where this one is not
    chosen = load_practice_network(setup.registry(), setup.last_calibration(), candidate)
    if chosen is None:
        raise SentenceError(only_landmarks_sentence())
    return chosen


def _tell_json(moment: Moment, session: Session) -> None:
    run = session.current_run
    record = {
        "at": round(moment.at, 2),
        "question": session.question_number,
        "outcome": moment.outcome.value,
        "shares": {valence.value: round(share, 4) for valence, share in session.shares.items()},
        "run": None if run is None else {"tone": run.valence.value, "seconds": round(run.seconds, 2)},
    }
    click.echo(json.dumps(record))


def _record(summary: QuestionSummary) -> dict[str, object]:
    return {
        "summary": summary.number,
        "text": summary.text,
        "began": round(summary.began, 2),
        "ended": round(summary.ended, 2),
        "shares": {valence.value: round(share, 4) for valence, share in summary.shares.items()},
        "longest_tension": round(summary.longest_tension, 2),
        "most_negative": [round(moment.at, 2) for moment in summary.most_negative],
        "looked": {direction.value: round(share, 4) for direction, share in summary.looked.items()},
    }


def _lines(summary: QuestionSummary) -> str:
    from app.words.practice import advice_sentence, looked_sentence, question_title, valence_name

    heading = question_title(summary.number, summary.text)
    shares = ", ".join(f"{valence_name(valence)} {share:.0%}" for valence, share in summary.shares.items())
    said = "\n  ".join(filter(None, (advice_sentence(summary), looked_sentence(summary))))
    return f"{heading} ({clock_text(summary.began)}-{clock_text(summary.ended)}): {shares}\n  {said}"


def _write_report(
    setup: Setup, target: Path, name: str, summaries: list[QuestionSummary], source: FrameSource, chosen: ChosenNetwork
) -> None:
    from app.cli.coach_report import render_report
    from core.coach.practice import crops_at
    from core.explain.saliency import Explainer
    from core.store.tables import replaced_file

    explainer = Explainer(chosen.explained)
    shown = [one.at for summary in summaries for one in (*summary.most_negative, *summary.clearest.values())]
    crops = crops_at(source, shown)
    keys = {at: (crop, explainer.explain(crop)) for at, crop in crops.items()}
    with replaced_file(own_path(target), forbidden=setup.locations.database, replace=True) as fresh:
        fresh.write_text(render_report(printable(name), summaries, keys), encoding="utf-8", newline="")
