from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.training.curves import course_table, read_runs, terminal_curves
from core.training.errors import SessionError
from core.training.history import append_history
from tests.cli.shell import Shell
from tests.training.made_up import run_description


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    """Two runs of one network and one of another; validated after every second epoch."""
    folders = []
    for test, network in ((1, "mobilenetv2"), (2, "mobilenetv2"), (1, "xception")):
        folder = tmp_path / f"{network}-{test}"
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps(run_description(experiment={"test": test, "network": network})))
        for epoch in range(1, 5):
            validated = (0.5 + epoch / 10, 1.2 - epoch / 10) if epoch % 2 == 0 else (None, None)
            row = {"epoch": epoch, "accuracy": 0.4 + epoch / 10, "loss": 1.5 - epoch / 5}
            append_history(folder / "history.csv", {**row, "val_accuracy": validated[0], "val_loss": validated[1]})
        folders.append(folder)
    return folders


def test_a_curve_has_the_epochs_in_which_its_figure_is_known(runs: list[Path]) -> None:
    [first, *_] = read_runs(runs)
    for figure, epochs, values in (
        ("accuracy", [1, 2, 3, 4], [0.5, 0.6, 0.7, 0.8]),
        ("val_accuracy", [2, 4], [0.7, 0.9]),
    ):
        assert first.curve(figure)[0] == epochs
        assert first.curve(figure)[1] == pytest.approx(values)


def test_the_terminal_shows_accuracy_and_loss_of_training_and_validation_without_colours(runs: list[Path]) -> None:
    shown = terminal_curves(read_runs(runs)[0])
    assert "mobilenetv2-1: accuracy" in shown
    assert "mobilenetv2-1: loss" in shown
    assert shown.count("validation") == shown.count("training") == 2
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_the_table_tells_the_last_epoch_and_the_one_whose_validation_was_best(runs: list[Path]) -> None:
    row = {"epoch": 5, "seconds": 120.0, "accuracy": 0.95, "loss": 0.1, "val_accuracy": 0.75, "val_loss": 1.5}
    append_history(runs[0] / "history.csv", row)
    told = course_table(read_runs(runs)).rows
    assert told[0] == (
        "mobilenetv2-1",
        "adam 0.0001, head 1, all",
        "5",
        "0",
        "95.0% (0.100)",
        "75.0% (1.500)",
        "90.0% (0.800) after 4",
    )
    assert told[1][-2:] == ("90.0% (0.800)", "90.0% (0.800) after 4")


def test_each_network_has_a_figure_with_its_runs_and_the_finished_ones_are_in_tables_7_and_8(
    runs: list[Path], tmp_path: Path, shell: Shell
) -> None:
    pytest.importorskip("matplotlib", reason="needs the extra `train`")
    figures = {"accuracy": 0.9, "loss": 0.3, "pictures": 20.0}
    result = {"id": "xception-1", "test": 1, "network": "xception", "scores": {"rafdb": figures}}
    (runs[2] / "result.json").write_text(json.dumps(result))
    (runs[1] / "result.json").write_text(json.dumps({"scores": {}}))
    code, out, err = shell("train", "plot", *runs, "--out", tmp_path / "drawn")
    assert code == 0, err
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == [
        "curves-mobilenetv2.png",
        "curves-xception.png",
        "runs.csv",
        "table-07.csv",
        "table-08-runs.csv",
    ]
    assert "| 1 | - | - | 90.0 (0.300) | - |" in out
    assert (tmp_path / "drawn" / "runs.csv").read_text().count("\n") == 1 + len(runs)
    assert all(path.stat().st_size > 10_000 for path in (tmp_path / "drawn").glob("*.png"))
    assert "xception-1: loss" in out


def test_a_run_without_an_epoch_or_with_a_damaged_history_is_named(runs: list[Path]) -> None:
    (runs[0] / "history.csv").unlink()
    with pytest.raises(SessionError, match="mobilenetv2-1 has no epoch behind it yet"):
        read_runs(runs)
    (runs[1] / "history.csv").write_text("epoch,loss\n1,much\n")
    with pytest.raises(SessionError, match=r"history of .*mobilenetv2-2 is damaged"):
        read_runs(runs[1:])


def test_a_history_goes_on_in_the_columns_that_it_began_with(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text("epoch,seconds,loss,val_a\n1,2.0,0.5,0.25\n")
    append_history(path, {"epoch": 2, "seconds": 1.0, "rate": 0.1, "loss": 0.4, "val_a": 0.5})
    assert path.read_text().splitlines()[1:] == ["1,2.0,0.5,0.25", "2,1.0,0.4,0.5"]
