"""The report: the thesis's tables 7, 8 and 11 for our data, and what the product must hold, as tables and plots."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from core.candidates.registry import Candidate
from core.evaluation.errors import EvaluationError
from core.evaluation.evaluate import ROBUSTNESS_SET, CandidateEvaluation, Evaluation, evaluate
from core.evaluation.metrics import chance_calibration_error, confidence_of
from core.evaluation.neutral_faces import NeutralFaces
from core.evaluation.results import find_sets, read_result
from core.evaluation.robustness import CHANGES
from core.evaluation.selection import MIN_PICTURES, PRIOR_PICTURES, ROUNDS, Choice
from core.evaluation.tables import Table, joined, percent
from core.face.haar import HaarFaceFinder
from core.method.experiments import EXPERIMENTS, PAPER_TEST, NetworkName
from core.method.grading import rank_candidates
from core.system.files import write_file

REPORT_FILE = "report.md"
PREDICTIONS_FOLDER = "predictions"
CHOICE_NOTE = (
    f"People with {MIN_PICTURES} pictures and more: chosen, and adapted where that is certain to help, on one half of "
    f"a person's pictures and tested on the other, {ROUNDS} times over. What a candidate makes of everybody else weighs "
    f"as much as {PRIOR_PICTURES:.0f} pictures of the person. With hindsight: everybody has the candidate that is best "
    "on all of their pictures, the most that choosing could bring."
)
_THESIS_NETWORKS = (NetworkName.INCEPTION_V3, NetworkName.MOBILENET_V2, NetworkName.XCEPTION)


def write_report(
    candidates: Sequence[Candidate],
    data: Path,
    out: Path,
    *,
    runs: Sequence[Path] = (),
    clips: Path | None = None,
    limit: int | None = None,
    progress: Callable[[str], None] = lambda _text: None,
) -> Path:
    """Write `out`/report.md, a CSV for each table and, where matplotlib is there, the plots; returns the report.

    What the candidates said is kept in `out`/predictions. `runs`: folders of runs for table 7.

    Raises:
        DataSetError: `data` holds no validation picture.
        EvaluationError: a run is not finished.
    """
    finder = HaarFaceFinder()
    out.mkdir(parents=True, exist_ok=True)
    names = find_sets(data)
    found = evaluate(
        candidates, data, names, finder, out / PREDICTIONS_FOLDER, clips=clips, limit=limit, progress=progress
    )
    tables = all_tables(found)
    if runs:
        tables.insert(0, table_7([_finished(run) for run in runs]))
    for table in tables:
        table.write_csv(out)
    plots: list[Path] = []
    if find_spec("matplotlib") is not None:
        from core.evaluation.plots import draw_plots

        progress("plots")
        plots = draw_plots(found, out)
    pictures = "\n".join(f"![{path.stem}]({path.name})\n" for path in plots)
    write_file(out / REPORT_FILE, f"# Candidates, judged\n\n{joined(tables)}\n{pictures}")
    return out / REPORT_FILE


def all_tables(found: Evaluation) -> list[Table]:
    """Every table of a judgement."""
    tables = [table_8(found), accuracy_table(found, "balanced_accuracy"), accuracy_table(found, "macro_f1")]
    tables += [calibration_table(found), neutral_faces_table(found)]
    if any(one.changes for one in found.candidates):
        tables.append(robustness_table(found))
    if found.choices:
        tables += [choice_table(found), best_for_table(found)]
    return [*tables, table_11(found)]


def table_7(results: Sequence[Mapping[str, Any]]) -> Table:
    """Accuracy % (loss) of every run: tests down, networks across; "-" where the grid has none or it was not run.

    The paper's comparison, which is not of the grid, has a column where it was run.
    """
    known = {(int(one["test"]), str(one["network"])): one["scores"] for one in results}
    compared = [NetworkName.VGG16] if any(network == NetworkName.VGG16 for _test, network in known) else []
    networks = (*_THESIS_NETWORKS, NetworkName.VGG16_DENSENET, *compared)
    tests = [test for test in sorted({e.test for e in EXPERIMENTS}) if any((test, n.value) in known for n in networks)]
    rows = [
        ("paper" if test == PAPER_TEST else str(test), *(_mean_cell(known.get((test, n.value))) for n in networks))
        for test in tests
    ]
    return Table(
        "table-07",
        "Runs, accuracy % (loss), mean over the validation sets (thesis table 7)",
        ("test", *(network.value for network in networks)),
        tuple(rows),
    )


def table_8(found: Evaluation) -> Table:
    """The candidates: accuracy on each set before and after the conversion, size and time (thesis table 8)."""
    names = [labelled.name for labelled in found.sets]
    rows = []
    for one in found.candidates:
        cells = []
        for name in names:
            before = one.card.scores.get(name, {}).get("float32_accuracy")
            shown = percent(one.figures[name]["accuracy"])
            cells.append(shown if before is None else f"{shown} ({percent(before)})")
        rows.append((one.card.id, *cells, f"{one.card.size_bytes / 1e6:.1f}", f"{one.milliseconds:.1f}"))
    faces = "; ".join(f"{s.name} {len(s)}" for s in found.sets)
    lost = "; ".join(f"{s.name} {len(s.left_out)}" for s in found.sets if s.left_out)
    return Table(
        "table-08",
        "Candidates, accuracy on the shipped file (float32 in brackets where the card tells it; thesis table 8)",
        ("candidate", *names, "MB", "ms"),
        tuple(rows),
        f"Pictures: {faces}." + (f" Without a face: {lost}." if lost else ""),
    )


def accuracy_table(found: Evaluation, figure: str) -> Table:
    """One figure of every candidate on every set."""
    names = [labelled.name for labelled in found.sets]
    rows = [(one.card.id, *(percent(one.figures[name][figure]) for name in names)) for one in found.candidates]
    return Table(figure.replace("_", "-"), figure.replace("_", " ").capitalize(), ("candidate", *names), tuple(rows))


def calibration_table(found: Evaluation) -> Table:
    """How far confidence and accuracy lie apart (must hold 4)."""
    names = [labelled.name for labelled in found.sets]
    rows = [(one.card.id, *(f"{one.figures[name]['ece']:.3f}" for name in names)) for one in found.candidates]
    first = found.candidates[0]
    by_chance = [chance_calibration_error(confidence_of(first.probabilities[s.name], s)) for s in found.sets]
    rows.append(("by chance", *(f"{error:.3f}" for error in by_chance)))
    note = (
        f"Fifteen bins. By chance: what so many pictures would show if every probability of {first.card.id} were meant "
        "exactly; no calibration goes below it but by luck."
    )
    return Table("calibration", "Expected calibration error", ("candidate", *names), tuple(rows), note)


def neutral_faces_table(found: Evaluation) -> Table:
    """What calm faces are called, by group (must hold 3)."""
    rows = []
    for group in found.neutral_faces:
        cells = [
            f"{percent(one.neutral_faces[group.group]['neutral'])} / {percent(one.neutral_faces[group.group]['stress'])}"
            for one in found.candidates
        ]
        rows.append((_group_name(group), *cells))
    head = ("calm faces", *(one.card.id for one in found.candidates))
    return Table("calm", "Calm faces called neutral / stress", head, tuple(rows))


def robustness_table(found: Evaluation) -> Table:
    """Accuracy under each change, and what it costs in points (must hold 5)."""
    rows = [("as it is", *(percent(one.figures[ROBUSTNESS_SET]["accuracy"]) for one in found.candidates))]
    rows += [(name, *(_change_cell(one, name) for one in found.candidates)) for name in CHANGES]
    head = (ROBUSTNESS_SET, *(one.card.id for one in found.candidates))
    return Table("robustness", "Accuracy under changes (points lost)", head, tuple(rows))


def choice_table(found: Evaluation) -> Table:
    """Choosing per person on half of the pictures, tested on the other half (must hold 2)."""
    head = ("people of", "people", "pictures", "best single", "its accuracy", "chosen", "errors removed")
    own_and_most = ("with one's own model", "errors removed with it", "with hindsight", "errors removed at the most")
    rows = tuple((name, *choice_cells(choice)) for name, choice in found.choices.items())
    return Table("choice", "Choosing a candidate per person", (*head, *own_and_most), rows, CHOICE_NOTE)


def choice_cells(choice: Choice) -> tuple[str, ...]:
    """How many people and pictures, the best single candidate and its accuracy, and what each way of choosing brings."""
    cells = [str(choice.people), str(choice.pictures), choice.single, percent(choice.single_accuracy)]
    for accuracy in (choice.chosen_accuracy, choice.own_accuracy, choice.oracle_accuracy):
        cells += ["-", "-"] if accuracy is None else [percent(accuracy), percent(choice.removed_at(accuracy))]
    return tuple(cells)


def best_for_table(found: Evaluation) -> Table:
    """For how many people each candidate is the best one."""
    rows = [
        (one.card.id, *(f"{choice.best_for[one.card.id]:.1f}" for choice in found.choices.values()))
        for one in found.candidates
    ]
    note = "Where several are equally good for a person, each has its share of them."
    return Table("best-for", "For how many people it is the best one", ("candidate", *found.choices), tuple(rows), note)


def table_11(found: Evaluation) -> Table:
    """Scores of method.md 6 by person (thesis table 11); the best of each person is marked."""
    rows = []
    for subject, results in found.scores.items():
        best = rank_candidates(results)[0].candidate_id
        cells = [f"**{one.score}**" if one.candidate_id == best else str(one.score) for one in results]
        rows.append((subject, *cells, str(results[0].best_possible)))
    head = ("person", *(one.card.id for one in found.candidates), "of")
    return Table("table-11", "Scores by person, the ten actors (thesis table 11)", head, tuple(rows))


def scores_table(results: Sequence[Mapping[str, Any]]) -> Table:
    """What a run or a card says of itself, set by set."""
    figures = ("accuracy", "balanced_accuracy", "macro_f1", "ece", "pictures")
    rows = [
        (str(one["id"]), name, *(f"{scores[f]:.0f}" if f == "pictures" else f"{scores[f]:.3f}" for f in figures))
        for one in results
        for name, scores in one["scores"].items()
    ]
    return Table("scores", "", ("network", "set", *(f.replace("_", " ") for f in figures)), tuple(rows))


def _finished(run: Path) -> Mapping[str, Any]:
    result = read_result(run)
    if result is None:
        raise EvaluationError(f"{run} holds no finished run")
    return result


def _mean_cell(scores: Mapping[str, Mapping[str, float]] | None) -> str:
    if not scores:
        return "-"
    accuracy = float(np.mean([one["accuracy"] for one in scores.values()]))
    loss = float(np.mean([one["loss"] for one in scores.values()]))
    return f"{accuracy * 100:.1f} ({loss:.3f})"


def _change_cell(one: CandidateEvaluation, name: str) -> str:
    before, after = one.figures[ROBUSTNESS_SET]["accuracy"], one.changes[name]
    return f"{percent(after)} ({(before - after) * 100:+.1f})"


def _group_name(group: NeutralFaces) -> str:
    lost = f", {group.without_face} without a face" if group.without_face else ""
    return f"{group.group} ({len(group.pictures)}{lost})"
