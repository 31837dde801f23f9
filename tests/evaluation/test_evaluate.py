from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from app.cli.context import Setup
from app.cli.main import cli
from core.candidates.registry import read_registry
from core.datasets.labelled import LabelledSet, read_set
from core.evaluation import evaluate as judging
from core.evaluation.detector_crops import actor_faces
from core.evaluation.metrics import chance_calibration_error
from core.evaluation.neutral_faces import LONDON_GROUPS, neutral_groups, without_strong_expression
from core.evaluation.people import score_person
from core.evaluation.report import seeds_table, table_7, table_8_of_runs, write_report
from core.evaluation.robustness import CHANGES, changed, moved, with_gamma
from core.explain.file_graph import FileGraph, GraphError
from core.face.haar import HaarFaceFinder
from core.method.emotion import EMOTIONS
from core.system.tables import Table
from tests.tiny_network import card_for, tiny_network, write_candidate
from tests.training.made_up import drawn_face, drawn_set, write_drawn_data, write_png

ROOT = Path(__file__).parents[2]


def test_a_persons_score_is_the_methods_sum_over_their_expressions() -> None:
    confidence = np.array(
        [[0.95, 0.03, 0.01, 0.01], [0.6, 0.4, 0.0, 0.0], [0.0, 0.97, 0.03, 0.0], [0.1, 0.2, 0.3, 0.4]]
    )
    single = np.array([0, 1, 2, -1])
    result = score_person("x", confidence, single, ["joy", "calm", "anger", "hurt"], 1.0)
    assert {name: str(grade.grade) for name, grade in result.grades.items()} == {"joy": "S", "calm": "C", "anger": "D"}
    assert (result.score, result.best_possible) == (10 - 10 - 20, 30)


def test_few_pictures_show_a_calibration_error_by_chance_and_many_hardly_any() -> None:
    random = np.random.default_rng(1)
    few, many = (chance_calibration_error(random.uniform(0.5, 1.0, count)) for count in (60, 6000))
    assert few > 0.05
    assert 0 < many < 0.02


def test_each_change_keeps_size_and_kind_and_changes_the_picture() -> None:
    pictures = drawn_set(4).pictures
    for name in CHANGES:
        after = changed(pictures, name)
        assert after.shape == pictures.shape
        assert after.dtype == np.uint8
        assert 0.3 < np.abs(after.astype(int) - pictures).mean() < 80, name


def test_a_shift_is_eight_pixels_of_a_hundred_and_gamma_keeps_black_and_white() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[50, 50] = 255
    assert moved(picture, shift=(0.08, 0.0))[50, 58].tolist() == [255] * 3
    assert moved(picture, shift=(0.0, -0.08))[42, 50].tolist() == [255] * 3
    assert moved(drawn_face("happy", 1)).tolist() == drawn_face("happy", 1).tolist()
    levels = np.array([[[0, 128, 255]]], np.uint8)
    assert with_gamma(levels, 1.6).ravel()[[0, 2]].tolist() == [0, 255]
    assert with_gamma(levels, 1.6)[0, 0, 1] < 128 < with_gamma(levels, 0.6)[0, 0, 1]


def test_a_litert_files_graph_is_walked_back_to_its_weights() -> None:
    graph = FileGraph(tiny_network())
    softmax = graph.maker(graph.outputs[0])
    assert softmax is not None
    assert softmax.kind == "SOFTMAX"
    dense = graph.maker(softmax.inputs[0])
    assert dense is not None
    kernel = graph.constant(dense.inputs[1])
    assert kernel is not None
    assert kernel.shape == (4, 3)
    assert graph.constant(dense.inputs[0]) is None
    with pytest.raises(GraphError, match="no LiteRT file"):
        FileGraph(b"something else entirely")


@pytest.mark.thorough
def test_the_actors_calm_frames_are_grouped_and_lost_frames_are_named(actors: LabelledSet) -> None:
    assert set(actors.subjects) <= {
        f"{sex}_{group}" for sex in "fm" for group in ("multi", "easian", "wasian", "african", "white")
    }
    assert (actors.single >= 0).all()
    groups = neutral_groups(None, actors)
    assert [one.group for one in groups] == [
        "actors, black",
        "actors, east Asian",
        "actors, mixed",
        "actors, west Asian",
        "actors, white",
    ]
    assert sum(len(one.pictures) + one.without_face for one in groups) == 20


def test_londons_neutral_faces_are_grouped_by_what_people_said_of_themselves(actors: LabelledSet) -> None:
    drawn = drawn_set(8)
    london = replace(drawn, name="london", subjects=tuple(list(LONDON_GROUPS)[n // 2] for n in range(8)))
    groups = neutral_groups(london, actors)
    # Of every four drawn faces the second is neutral: people 006 and 031 of the first four.
    assert [(one.group, len(one.pictures)) for one in groups[:2]] == [("london, west Asian", 1), ("london, white", 1)]
    korean = replace(drawn, name="korean", source_labels=("hurt", "joy") * 4)
    hurt = without_strong_expression([drawn, korean])
    assert hurt is not None
    assert len(hurt.pictures) == 4
    assert without_strong_expression([drawn]) is None
    assert without_strong_expression([replace(korean, source_labels=("joy",) * 8)]) is None


def test_table_7_has_tests_down_networks_across_and_a_dash_where_nothing_was_run() -> None:
    many, few = {"accuracy": 0.9, "loss": 0.3, "pictures": 90}, {"accuracy": 0.4, "loss": 0.8, "pictures": 10}
    results = [
        {"test": 5, "network": "xception", "scores": {"a": many, "b": few}},
        {"test": 13, "network": "vgg16-densenet", "scores": {"a": many}},
    ]
    table = table_7(results)
    assert table.head == ("test", "inceptionv3", "mobilenetv2", "xception", "vgg16-densenet")
    assert table.rows == (("5", "-", "-", "85.0 (0.350)", "-"), ("paper", "-", "-", "-", "90.0 (0.300)"))
    assert table.note == "Measured at the end of each run, on: a (90); or a (90), b (10)."


def test_the_three_best_runs_of_each_network_are_ranked_by_accuracy_and_then_by_loss() -> None:
    def result(test: int, network: str, accuracy: float, loss: float) -> dict[str, object]:
        scores = {"a": {"accuracy": accuracy, "loss": loss, "pictures": 50}}
        return {"test": test, "network": network, "scores": scores}

    runs = [(1, 0.9, 0.3), (2, 0.5, 0.9), (3, 0.9, 0.2), (5, 0.95, 0.4)]
    results = [*(result(test, "xception", *figures) for test, *figures in runs), result(9, "mobilenetv2", 0.8, 0.1)]
    assert table_8_of_runs(results).rows == (
        ("xception", "1", "5", "95.0%", "0.400"),
        ("xception", "2", "3", "90.0%", "0.200"),
        ("xception", "3", "1", "90.0%", "0.300"),
        ("mobilenetv2", "1", "9", "80.0%", "0.100"),
    )


def test_several_runs_of_one_experiment_have_a_mean_and_an_interval() -> None:
    pytest.importorskip("scipy", reason="needs the extra `train`")
    accuracies = {"vgg16": (0.80, 0.82, 0.84, 0.81, 0.83), "vgg16-densenet": (0.9,)}
    results = [
        {"id": name, "test": 13, "network": name, "scores": {"a": {"accuracy": one, "loss": 0.5, "pictures": 9}}}
        for name, several in accuracies.items()
        for one in several
    ]
    [table] = seeds_table(results)
    # Student's t of 4 degrees of freedom: 2.776 x 0.0158 / sqrt(5) = 0.0196
    assert table.rows == (("vgg16", "5", "82.0%", "80.0% to 84.0%"),)
    assert seeds_table(results[-1:]) == []


@given(st.lists(st.lists(st.text(alphabet='abc,"\n ', max_size=6), min_size=2, max_size=2), max_size=5))
def test_a_tables_csv_gives_back_its_cells(rows: list[list[str]]) -> None:
    import tempfile

    table = Table("t", "T", ("a", "b"), tuple(tuple(row) for row in rows))
    with (
        tempfile.TemporaryDirectory() as folder,
        table.write_csv(Path(folder)).open(encoding="utf-8", newline="") as file,
    ):
        assert [tuple(row) for row in csv.reader(file)] == [table.head, *table.rows]


@pytest.fixture(scope="module")
def actors() -> LabelledSet:
    return actor_faces(HaarFaceFinder())


@pytest.fixture
def candidates(tmp_path: Path, actors: LabelledSet, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(judging, "actor_faces", lambda finder: actors)  # found once for all tests: it takes seconds
    models = tmp_path / "models"
    for number, bias in enumerate(((0.0, 0.0, 0.0, 4.0), (3.0, 0.0, 0.0, 0.0))):
        content = tiny_network(bias=bias)
        write_candidate(models, card_for(content, f"tiny-{number}"), content)
    return models


def test_the_report_has_every_table_and_is_the_same_from_what_was_kept(candidates: Path, tmp_path: Path) -> None:
    write_drawn_data(tmp_path / "data", "rafdb", people=0)
    write_drawn_data(tmp_path / "data", "lfw", val=16, people=2)
    found = read_registry(candidates).candidates
    report = write_report(found, tmp_path / "data", tmp_path / "out")
    text = report.read_text(encoding="utf-8")
    for title in ("table 8", "tables 2 and 3", "calibration", "Calm faces", "under changes", "Macro f1"):
        assert title in text
    names = {path.name for path in (tmp_path / "out").glob("*.csv")}
    assert {"table-02.csv", "table-08.csv", "table-11-lfw.csv", "table-11-actors.csv"} <= names
    assert {"robustness.csv", "calm.csv", "calibration.csv"} <= names
    kept = sorted((tmp_path / "out" / "predictions").glob("*.npy"))
    again = write_report(found, tmp_path / "data", tmp_path / "out").read_text(encoding="utf-8")
    assert sorted((tmp_path / "out" / "predictions").glob("*.npy")) == kept

    def without_times(report: str) -> list[str]:
        return [line for line in report.splitlines() if not line.startswith("| tiny-")]

    assert without_times(again) == without_times(text)


def rows_of(table: Path) -> list[list[str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_sets_of_the_thesis_give_all_tables_with_their_own_people(candidates: Path, tmp_path: Path) -> None:
    from app.cli.main import run

    kdef = [
        f"KDEF/{person}/{person}{word}S.JPG"
        for person in ("AF01", "AM02", "AF03", "AM04", "AF05")
        for word in ("HA", "NE", "AN", "SU")
    ]
    keti = [
        f"keti/배우{who:02d}/{word}/{take}.jpg"
        for who in range(1, 6)
        for word in ("기쁨", "중립", "분노", "놀람")
        for take in (1, 2)
    ]
    aihub = [
        f"aihub/{who}_여_20_{word}_거실_20200101120000_{take}.jpg"
        for who in ("a", "b", "c", "d", "e")
        for word in ("기쁨", "중립", "분노", "당황")
        for take in (1, 2)
    ]
    cfd = [f"CFD/AF-20{who}/CFD-AF-20{who}-070-{word}.jpg" for who in range(5) for word in ("HO", "N", "A", "F")]
    for name, files in {"kdef": kdef, "keti": keti, "aihub": aihub, "cfd": cfd}.items():
        for number, file in enumerate(files):
            write_png(tmp_path / name / file, drawn_face(EMOTIONS[number % 4], number))
        prepared = ["train", "data", "prepare", str(tmp_path / name), "--layout", name, "--cropped"]
        assert run([*prepared, "--labels", "aihub", "--out", str(tmp_path / "data")]) == 0
    evaluating = ["train", "evaluate", "--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]
    assert run(["--only-models", str(candidates), *evaluating]) == 0
    sets = rows_of(tmp_path / "out" / "table-02.csv")
    assert [row[0] for row in sets] == ["set", "aihub", "cfd", "kdef", "keti", "total"]
    assert {row[0]: row[2] for row in sets[1:5]} == {"aihub": "5", "cfd": "5", "kdef": "5", "keti": "5"}
    assert int(sets[5][1]) == sum(int(row[1]) for row in sets[1:5])
    for name in ("aihub", "cfd", "kdef", "keti"):
        head, *people = rows_of(tmp_path / "out" / f"table-11-{name}.csv")
        assert head == ["person", "tiny-0", "tiny-1", "best", "worst", "of"]
        validation = set(read_set(tmp_path / "data", name, "val").subjects)
        assert {row[0] for row in people} == validation != set()
        for row in people:
            scores = {"tiny-0": int(row[1].strip("*")), "tiny-1": int(row[2].strip("*"))}
            assert scores[row[3]] == max(scores.values())
            assert scores[row[4]] == min(scores.values())
    assert rows_of(tmp_path / "out" / "robustness.csv")[0][0] in {"aihub", "keti"}  # the largest


def test_table_11_grades_the_eleven_expressions_where_a_list_tells_them(candidates: Path, tmp_path: Path) -> None:
    write_drawn_data(tmp_path / "data", "own", val=8, people=1)
    path = tmp_path / "data" / "own.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    eleven = ["laugh", "blank_stare", "rage", "full_surprise", "smile", "expressionless", "frown", "eyes_surprise"]
    told = [f"{row},{eleven[number % 8]}" for number, row in enumerate(rows)]
    path.write_text("\n".join([f"{head},expression", *told]) + "\n", encoding="utf-8")
    write_report(read_registry(candidates).candidates, tmp_path / "data", tmp_path / "out")
    [_head, person] = rows_of(tmp_path / "out" / "table-11-own.csv")
    assert person[-1] == "80"  # eight expressions, ten points each


def test_evaluate_on_the_command_line_prints_the_tables_and_says_where_they_are(
    candidates: Path, tmp_path: Path
) -> None:
    write_drawn_data(tmp_path / "data", "rafdb", people=0)
    arguments = ["train", "evaluate", "--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(cli, ["--only-models", str(candidates), *arguments], obj=Setup())
    assert done.exit_code == 0, done.output
    assert "| tiny-0 |" in done.output
    assert (tmp_path / "out" / "report.md").is_file()


def test_what_is_wrong_is_one_sentence(candidates: Path, tmp_path: Path) -> None:
    from app.cli.main import run

    (tmp_path / "empty").mkdir()
    code = run(
        [
            "--only-models",
            str(candidates),
            "train",
            "evaluate",
            "--data",
            str(tmp_path / "empty"),
            "--out",
            str(tmp_path),
        ]
    )
    assert code == 1


def test_everything_that_needs_no_keras_is_imported_without_it() -> None:
    without_keras = ("augmentation", "distillation", "errors", "sampling", "weights")
    modules = [f"core.training.{name}" for name in without_keras]
    modules += [
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for package in ("datasets", "evaluation")
        for file in (ROOT / "core" / package).glob("*.py")
    ]
    code = (
        "import sys\nsys.modules['keras'] = sys.modules['tensorflow'] = None\n"
        + "\n".join(f"import {name}" for name in modules)
        + "\nimport app.cli.train, app.cli.data"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("checkout", [True, False])
def test_without_the_extra_training_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], checkout: bool
) -> None:
    from app.cli import train
    from app.cli.main import run

    monkeypatch.setattr(train, "find_spec", lambda name: None)
    monkeypatch.setattr(train, "CHECKOUT", ROOT if checkout else tmp_path)
    assert run(["train", "run", "--test", "5", "--network", "xception", "--out", str(tmp_path / "r")]) == 1
    wanted = f'-r "{ROOT / "requirements" / "train.lock"}"' if checkout else '"calmline[train]"'
    assert f"{sys.executable} -m pip install {wanted}" in capsys.readouterr().err
    assert not (tmp_path / "r").exists()


def test_data_prepare_on_the_command_line_writes_and_prints_the_manifest(tmp_path: Path) -> None:
    write_drawn_data(tmp_path / "in")
    arguments = [
        "data",
        "prepare",
        str(tmp_path / "in" / "drawn.csv"),
        "--cropped",
        "--out",
        str(tmp_path / "out"),
        "--name",
        "mine",
    ]
    done = CliRunner().invoke(cli, arguments, obj=Setup())
    assert done.exit_code == 0, done.output
    assert "| mine | 24 |" in done.output
    assert (tmp_path / "out" / "mine.manifest.json").is_file()
    assert [emotion.value for emotion in EMOTIONS] == ["happy", "neutral", "stress", "surprise"]
