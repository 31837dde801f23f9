"""`calmline networks evaluate people`: what choosing and tuning bring to people whose pictures are labelled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.context import Setup
from app.cli.form import format_option
from app.cli.options import KNOWN_FOLDER, candidates_option
from app.words.errors import error_text
from app.words.language import N_, _
from app.words.spoken import SentenceError

if TYPE_CHECKING:
    from core.evaluation.people import PeopleReport

NAMES = {
    "single": N_("the best network for all"),
    "chosen": N_("chosen for each person"),
    "own_head": N_("chosen, with a head of their own"),
    "blend": N_("read together"),
    "tuned": N_("read together, tuned to each person"),
    "landmarks": N_("landmarks, fitted to each person alone"),
}


@click.command()
@click.argument("data", type=KNOWN_FOLDER)
@click.option("--set", "name", required=True, help=N_("Which data set."))
@click.option("--take-column", help=N_("The column that numbers takes (else: the order of the list)."))
@click.option("--every-take", is_flag=True, help=N_("Test each take in turn, learnt from all the others."))
@candidates_option
@format_option("table", "json")
@click.pass_obj
def people(
    setup: Setup,
    data: Path,
    name: str,
    take_column: str | None,
    every_take: bool,
    candidate: tuple[str, ...],
    form: str,
) -> None:
    """What choosing a network for a person, and tuning it to them, brings. DATA holds NAME.csv (file, label, subject,
    split) and NAME.zip. Of everybody with several takes of an expression all but the last are learnt from, and the last
    is tested. Only people that no network was trained on count: the split val, or test where there is none.

    Example: calmline networks evaluate people data --set korean
    """
    from core.datasets.labelled import DataSetError, NoPictureError, read_numbers, read_set
    from core.evaluation.people import evaluate_people, numbered_takes, read_people

    networks = setup.networks(candidate)
    try:
        try:
            labelled = read_set(data, name, "val")
        except NoPictureError:
            labelled = read_set(data, name, "test")
        takes = read_numbers(data, labelled, take_column) if take_column else numbered_takes(labelled)
    except DataSetError as error:
        raise SentenceError(error_text(error)) from error
    without = [network.card.id for network in networks if not network.tells_map]
    networks = [network for network in networks if network.tells_map]
    if without and (candidate or not networks):
        raise SentenceError(_("{name} tells no features, so nothing can be tuned.").format(name=", ".join(without)))
    networks += [one.load() for one in setup.registry().personal]
    examples, costs = {}, {}
    for network in networks:
        examples[network.card.id], costs[network.card.id] = read_people(network, labelled)
    cards = {network.card.id: network.card for network in networks}
    try:
        report = evaluate_people(cards, examples, costs, labelled.subjects, takes, every_take=every_take)
    except ValueError as error:
        raise SentenceError(_("Nobody in {name} has several takes of an expression.").format(name=name)) from error
    click.echo(json.dumps(_record(name, report), indent=2) if form == "json" else "\n".join(_table(report)))


def _record(name: str, report: PeopleReport) -> dict[str, Any]:
    return {
        "set": name,
        "people": len(report.people),
        "pictures": sum(person.tested for person in report.people),
        "single": report.single,
        "blend": list(report.blended),
        "readers": [
            {
                "reader": one.reader,
                "accuracy": round(one.accuracy, 4),
                "gain": one.gain,
                "lose": one.lose,
                "worst": round(one.worst, 4),
                "errors_removed": round(one.errors_removed, 4),
                "errors_removed_interval": [round(value, 4) for value in one.interval],
                "milliseconds_per_face": round(one.milliseconds_per_face, 2),
            }
            for one in report.readers
        ],
        "each": [{"subject": one.subject, "pictures": one.tested, "right": dict(one.right)} for one in report.people],
    }


def _table(report: PeopleReport) -> list[str]:
    pictures = sum(person.tested for person in report.people)
    lines = [
        _(
            "{people} people, {pictures} pictures tested; the best network for all is {single}, read together are {blend}."
        ).format(people=len(report.people), pictures=pictures, single=report.single, blend=" + ".join(report.blended)),
        "",
    ]
    for one in report.readers:
        low, high = one.interval
        figures = _(
            "{removed:+.0%} of its errors gone ({low:+.0%} to {high:+.0%}), {gain} gain, {lose} lose, worst {worst:+.1%}"
        )
        text = figures.format(
            removed=one.errors_removed, low=low, high=high, gain=one.gain, lose=one.lose, worst=one.worst
        )
        lines.append(
            f"{_(NAMES[one.reader])}: {one.accuracy:.1%}, {one.milliseconds_per_face:.1f} ms"
            + ("" if one.reader == "single" else f"; {text}")
        )
    return lines
