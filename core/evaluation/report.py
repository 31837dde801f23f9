"""The report: the thesis's tables 7, 8 and 11 for our data, and what the product must hold, as tables and plots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from core.candidates.registry import Candidate
from core.evaluation.errors import EvaluationError
from core.evaluation.evaluate import ACTORS, AS_IT_IS, CandidateEvaluation, Evaluation, evaluate
from core.evaluation.metrics import chance_calibration_error, confidence_of
from core.evaluation.neutral_faces import NeutralFaces
from core.evaluation.results import find_sets, read_result
from core.evaluation.robustness import CHANGES
from core.face.haar import HaarFaceFinder
from core.method.emotion import EMOTIONS
from core.method.experiments import EXPERIMENTS, PAPER_TEST, NetworkName
from core.method.grading import CandidateResult, rank_candidates
from core.system.files import write_file
from core.system.tables import Table, joined, percent

REPORT_FILE = "report.md"
PREDICTIONS_FOLDER = "predictions"
TOP = 3
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
        results = [_finished(run) for run in runs]
        tables[:0] = [table_7(results), table_8_of_runs(results), *seeds_table(results)]
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
    """Every table of an evaluation."""
    tables = [table_2(found), table_8(found), accuracy_table(found, "balanced_accuracy")]
    tables += [accuracy_table(found, "macro_f1"), calibration_table(found), neutral_faces_table(found)]
    return [*tables, robustness_table(found), *(table_11(found, name) for name in found.scores)]


def table_2(found: Evaluation) -> Table:
    """What the sets hold: pictures by class, by split, and people (thesis tables 2 and 3)."""
    every = [*found.contents.items()]
    labels = [emotion.value for emotion in EMOTIONS]
    labels += sorted({label for _name, one in every for label, _split in one.counts} - set(labels))
    rows = []
    for _name, one in every:
        counts = [one.labelled(label) for label in labels] + [one.in_split(split) for split in ("train", "val", "test")]
        rows.append([sum(one.counts.values()), one.people, *counts])
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    names = [*(name for name, _one in every), "total"]
    return Table(
        "table-02",
        "Pictures of each set (thesis tables 2 and 3)",
        ("set", "pictures", "people", *labels, "train", "val", "test"),
        tuple((name, *(f"{count:,}" for count in row)) for name, row in zip(names, rows, strict=True)),
        "People are counted where they are told; several sets may show the same.",
    )


def table_7(results: Sequence[Mapping[str, Any]]) -> Table:
    """Accuracy % (loss) of every run: tests down, networks across; "-" where the grid has none or it was not run.

    The paper's comparison, which is not of the grid, has a column where it was run. Of several runs of one experiment the
    first stands there; see `seeds_table`.
    """
    known = {(int(one["test"]), str(one["network"])): one["scores"] for one in reversed(results)}
    compared = [NetworkName.VGG16] if any(network == NetworkName.VGG16 for _test, network in known) else []
    networks = (*_THESIS_NETWORKS, NetworkName.VGG16_DENSENET, *compared)
    tests = [test for test in sorted({e.test for e in EXPERIMENTS}) if any((test, n.value) in known for n in networks)]
    rows = [
        ("paper" if test == PAPER_TEST else str(test), *(_mean_cell(known.get((test, n.value))) for n in networks))
        for test in tests
    ]
    return Table(
        "table-07",
        "Runs, accuracy % (loss) over their own validation pictures (thesis table 7)",
        ("test", *(network.value for network in networks)),
        tuple(rows),
        _measured_on(results),
    )


def table_8_of_runs(results: Sequence[Mapping[str, Any]]) -> Table:
    """The three best runs of each network, with accuracy and loss (thesis table 8)."""
    by_network: dict[str, list[tuple[float, float, Mapping[str, Any]]]] = defaultdict(list)
    for one in results:
        accuracy, loss = _over_pictures(one["scores"])
        by_network[str(one["network"])].append((-accuracy, loss, one))
    rows = []
    for network, runs in by_network.items():
        for rank, (accuracy, loss, one) in enumerate(sorted(runs, key=lambda run: run[:2])[:TOP], start=1):
            test = "paper" if one["test"] == PAPER_TEST else str(one["test"])
            rows.append((network, str(rank), test, percent(-accuracy), f"{loss:.3f}"))
    return Table(
        "table-08-runs",
        "The three best runs of each network (thesis table 8)",
        ("network", "rank", "test", "accuracy", "loss"),
        tuple(rows),
        _measured_on(results),
    )


def seeds_table(results: Sequence[Mapping[str, Any]]) -> list[Table]:
    """Mean accuracy and its 95 % interval of each experiment that was run several times; [] where none was."""
    by_experiment: dict[str, list[float]] = defaultdict(list)
    for one in results:
        by_experiment[str(one["id"])].append(_over_pictures(one["scores"])[0])
    several = {name: accuracies for name, accuracies in by_experiment.items() if len(accuracies) > 1}
    if not several:
        return []
    from scipy.stats import t

    rows = []
    for name, accuracies in several.items():
        mean, count = float(np.mean(accuracies)), len(accuracies)
        half = float(t.ppf(0.975, count - 1) * np.std(accuracies, ddof=1) / np.sqrt(count))
        rows.append((name, str(count), percent(mean), f"{percent(mean - half)} to {percent(mean + half)}"))
    head = ("experiment", "runs", "accuracy", "95 % interval")
    return [Table("seeds", "Experiments run several times", head, tuple(rows), _measured_on(results))]


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
        "Candidates, accuracy on the network file (float32 in brackets where the card tells it; thesis table 8)",
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
    rows = [(AS_IT_IS, *(percent(one.changes[AS_IT_IS]) for one in found.candidates))]
    rows += [(name, *(_change_cell(one, name) for one in found.candidates)) for name in CHANGES]
    head = (found.changed_set, *(one.card.id for one in found.candidates))
    return Table("robustness", "Accuracy under changes (points lost), on the largest set", head, tuple(rows))


def table_11(found: Evaluation, name: str) -> Table:
    """Scores of method.md 6 by person of a set (thesis table 11)."""
    whose = "the ten actors" if name == ACTORS else f"the validation people of {name}"
    return people_table(f"table-11-{name}", f"Scores by person, {whose} (thesis table 11)", found.scores[name])


def people_table(name: str, title: str, scores: Mapping[str, Sequence[CandidateResult]]) -> Table:
    """The scores of every network for each person, with the best and the worst network of each."""
    rows = []
    for subject, results in scores.items():
        ranked = rank_candidates(results)
        cells = [f"**{one.score}**" if one is ranked[0] else str(one.score) for one in results]
        rows.append((subject, *cells, ranked[0].candidate_id, ranked[-1].candidate_id, str(results[0].best_possible)))
    networks = [one.candidate_id for one in next(iter(scores.values()), ())]
    return Table(name, title, ("person", *networks, "best", "worst", "of"), tuple(rows))


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
        raise EvaluationError("{run} holds no finished run", run=run)
    return result


def _over_pictures(scores: Mapping[str, Mapping[str, float]]) -> tuple[float, float]:
    """Accuracy and loss over the pictures of all sets."""
    counts = [one["pictures"] for one in scores.values()]
    accuracy, loss = (
        float(np.average([one[figure] for one in scores.values()], weights=counts)) for figure in ("accuracy", "loss")
    )
    return accuracy, loss


def _mean_cell(scores: Mapping[str, Mapping[str, float]] | None) -> str:
    if not scores:
        return "-"
    accuracy, loss = _over_pictures(scores)
    return f"{accuracy * 100:.1f} ({loss:.3f})"


def _measured_on(results: Sequence[Mapping[str, Any]]) -> str:
    """On which pictures runs were measured when they ended."""
    told = {
        ", ".join(f"{name} ({figures['pictures']:.0f})" for name, figures in one["scores"].items()) for one in results
    }
    return f"Measured at the end of each run, on: {'; or '.join(sorted(told))}." if told else ""


def _change_cell(one: CandidateEvaluation, name: str) -> str:
    before, after = one.changes[AS_IT_IS], one.changes[name]
    return f"{percent(after)} ({(before - after) * 100:+.1f})"


def _group_name(group: NeutralFaces) -> str:
    lost = f", {group.without_face} without a face" if group.without_face else ""
    return f"{group.group} ({len(group.pictures)}{lost})"
