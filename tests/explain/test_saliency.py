from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.cli.context import Setup
from app.cli.explain import explain
from core.candidates.network import LiteRTNetwork, Network
from core.candidates.registry import Candidate, read_registry
from core.candidates.runner import at_temperature
from core.explain.advice import AdviceCode, advise
from core.explain.file_graph import FileGraph
from core.explain.head import Dense, Head, HeadError, read_head
from core.explain.overlay import draw_explanation, lay_over
from core.explain.regions import BOXES, Region, region_densities, region_shares
from core.explain.saliency import Explainer, SaliencyMethod, normalise_saliency, occlusion_saliency
from core.face.crop import crop_face
from core.face.haar import HaarFaceFinder
from core.method.emotion import EXPRESSIONS, Emotion, Probabilities, expression_by_id
from core.sources.source import Pixels
from core.system.resources import ASSETS_FOLDER, MODELS_FOLDER
from tests.evidence.crops import read_validation_crops
from tests.evidence.faithfulness import delete, measure_fidelity
from tests.tiny_network import card_for, tiny_network

SHARED = Path(os.environ.get("CALMLINE_SHARED", Path(__file__).parents[3] / "shared"))
CANDIDATES = read_registry(MODELS_FOLDER).candidates
each_candidate = pytest.mark.parametrize("candidate", CANDIDATES, ids=[one.card.id for one in CANDIDATES])


@cache
def actor_crops() -> list[Pixels]:
    """Every face of the two actors with most frames."""
    finder, crops = HaarFaceFinder(), []
    for place in sorted(ASSETS_FOLDER.glob("actor/?_multi/*_100.jpg")):
        picture = np.asarray(cv2.imread(str(place)), dtype=np.uint8)
        box = finder.find(picture)
        assert box is not None
        crops.append(crop_face(picture, box))
    return crops


def logits(head: Head, pooled: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logits (4,) of pooled features (channels,)."""
    values = pooled
    for layer in head.layers:
        values = layer.kernel @ values + layer.bias
        values = np.maximum(values, 0) if layer.relu else values
    return values


@each_candidate
def test_the_head_read_from_the_file_gives_the_files_own_probabilities(candidate: Candidate) -> None:
    network = candidate.load()
    head = read_head(network.content)
    reading = network.read_features(actor_crops()[:6])
    for pooled, probabilities in zip(reading.pooled, reading.probabilities, strict=True):
        powers = np.exp(logits(head, pooled.astype(np.float64)))
        expected = at_temperature((powers / powers.sum())[None], candidate.card.temperature)
        assert np.allclose(expected[0], probabilities, atol=0.01)


@pytest.mark.thorough
@pytest.mark.shared
@pytest.mark.skipif(not (SHARED / "data" / "rafdb.csv").is_file(), reason="the shared data sets are not here")
@each_candidate
def test_covering_the_hottest_part_costs_more_than_covering_a_random_part(candidate: Candidate) -> None:
    """On people: a drawn actor's face tells a network its expression in every part of it."""
    network = candidate.load()
    each = 4 if candidate.card.network == "InceptionV3" else 20  # whose heat needs 82 runs a crop
    crops = [crop for name in ("rafdb", "korean") for crop in read_validation_crops(SHARED / "data", name, each)]
    measured = measure_fidelity(Explainer(network), network, crops)
    assert measured.hottest > measured.random


@given(seed=st.integers(0, 100))
def test_the_slope_of_a_head_is_what_small_steps_find(seed: int) -> None:
    random = np.random.default_rng(seed)
    head = Head(
        (
            Dense(random.normal(size=(6, 5)), random.normal(size=6), relu=True),
            Dense(random.normal(size=(4, 6)), random.normal(size=4), relu=False),
        )
    )
    pooled = random.normal(size=5)
    steps = [
        (logits(head, pooled + 1e-6 * unit)[2] - logits(head, pooled - 1e-6 * unit)[2]) / 2e-6 for unit in np.eye(5)
    ]
    assert np.allclose(head.gradient(pooled, 2), steps, atol=1e-4)


def test_without_a_map_the_saliency_is_found_by_covering_places() -> None:
    content = tiny_network(
        weights=((8.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)), bias=(0.0,) * 4
    )
    network = LiteRTNetwork(card_for(content), content)
    crop = np.full((100, 100, 3), 128, np.uint8)
    crop[0:30, 0:30, 2] = 255  # red, which this network takes for happy, only here
    explanation = Explainer(network).explain(crop, Emotion.HAPPY)
    assert explanation.method is SaliencyMethod.OCCLUSION
    top, left = np.unravel_index(explanation.saliency.argmax(), explanation.saliency.shape)
    assert top < 40
    assert left < 40


@pytest.mark.parametrize("stride", [10, 20])
@pytest.mark.parametrize("place", [(0, 0), (20, 60), (80, 80)])
def test_saliency_by_covering_is_hottest_in_the_middle_of_the_square_that_costs_most(
    stride: int, place: tuple[int, int]
) -> None:
    class Looking:
        """Reads happy as far as what it looks at is not covered."""

        def read(self, crops: Sequence[Pixels]) -> list[Probabilities]:
            seen = [float((crop[rows, columns] == 255).mean()) for crop in crops]
            return [Probabilities(share, 1 - share, 0, 0) for share in seen]

    rows, columns = (slice(begin, begin + 20) for begin in place)
    crop = np.full((100, 100, 3), 255, np.uint8)
    saliency = occlusion_saliency(cast("Network", Looking()), crop, Emotion.HAPPY, stride)
    weights = saliency / saliency.sum()
    centre = [float((weights.sum(axis=1 - axis) * np.arange(100)).sum()) for axis in (0, 1)]
    if place == (20, 60):  # beside an edge what lies beyond is cut off
        assert centre == pytest.approx([29.5, 69.5], abs=0.6)
    assert saliency[tuple(round(begin + 9.5) for begin in place)] > 0.9


def test_a_file_that_is_no_network_with_a_head_is_refused() -> None:
    with pytest.raises(HeadError):
        read_head(tiny_network(ending="int8"))


def test_saliency_without_anything_positive_is_all_zero() -> None:
    assert not normalise_saliency(np.full((4, 4), -1, np.float32)).any()
    assert sum(region_shares(np.zeros((100, 100), np.float32)).values()) == 0


@given(seed=st.integers(0, 50))
def test_region_shares_sum_to_one(seed: int) -> None:
    saliency = np.random.default_rng(seed).random((100, 100), dtype=np.float32)
    shares = region_shares(saliency)
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    assert min(shares.values()) >= 0


@pytest.mark.parametrize("region", BOXES)
def test_saliency_on_one_region_is_all_of_its_share(region: Region) -> None:
    left, top, right, bottom = BOXES[region]
    saliency = np.zeros((100, 100), np.float32)
    saliency[top:bottom, left:right] = 1
    assert region_shares(saliency)[region] == pytest.approx(1)
    assert max(region_densities(saliency), key=lambda one: region_densities(saliency)[one]) is region


def test_an_overlooked_brow_is_advised_to_be_shown() -> None:
    densities = {Region.BROWS: 0.5, Region.EYES: 0.9, Region.MOUTH: 1.7}
    advice = advise(expression_by_id("frown"), Emotion.NEUTRAL, densities)
    assert (advice.code, advice.saw, advice.taken_for) == (AdviceCode.SHOW_BROWS, Region.MOUTH, Emotion.NEUTRAL)
    assert advise(expression_by_id("smile"), Emotion.NEUTRAL, densities).code is AdviceCode.STRONGER


def test_nobody_is_told_that_it_saw_what_it_hardly_looked_at() -> None:
    densities = {Region.BROWS: 0.86, Region.EYES: 1.26, Region.MOUTH: 0.9}
    assert advise(expression_by_id("frown"), Emotion.NEUTRAL, densities).code is AdviceCode.SHOW_BROWS


def test_what_it_did_look_at_is_a_place_where_the_expression_shows_even_if_it_looked_more_at_another() -> None:
    densities = {Region.BROWS: 0.3, Region.EYES: 1.9, Region.MOUTH: 1.0}
    advice = advise(expression_by_id("smile"), Emotion.NEUTRAL, densities)
    assert (advice.code, advice.saw) == (AdviceCode.STRONGER, Region.MOUTH)


def test_saliency_beside_the_face_is_said_for_every_expression() -> None:
    for expression in EXPRESSIONS:
        advice = advise(expression, Emotion.HAPPY, dict.fromkeys(BOXES, 0.3))
        assert advice.code is AdviceCode.LOOKED_BESIDE_FACE


@given(share=st.floats(0, 1), seed=st.integers(0, 20))
def test_deleting_a_share_changes_no_more_pixels_than_that(share: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    crop = random.integers(0, 100, (100, 100, 3), dtype=np.uint8)
    changed = delete(crop, random.random((100, 100), dtype=np.float32), share)
    assert (changed != crop).any(axis=2).sum() == round(share * 10_000)


def test_the_drawing_has_crop_overlay_and_probabilities() -> None:
    network = CANDIDATES[0].load()
    crop = actor_crops()[0]
    explanation = Explainer(network).explain(crop)
    assert lay_over(crop, explanation.saliency).shape == crop.shape
    assert draw_explanation(crop, explanation).shape == (582, 848, 3)


def test_explain_writes_a_drawing_for_a_picture_and_says_where_it_looked(tmp_path: Path) -> None:
    picture = ASSETS_FOLDER / "actor" / "f_multi" / "laugh_100.jpg"
    done = CliRunner().invoke(
        explain, [str(picture), "--out", str(tmp_path / "out")], obj=Setup(database=tmp_path / "r.db")
    )
    assert done.exit_code == 0, done.output
    assert "happy" in done.stdout
    assert "mouth" in done.stdout
    [drawing] = (tmp_path / "out").iterdir()
    assert cv2.imread(str(drawing)) is not None


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
def test_drawings_are_for_their_owner_alone(tmp_path: Path) -> None:
    picture = ASSETS_FOLDER / "actor" / "f_multi" / "laugh_100.jpg"
    arguments = [str(picture), "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(explain, arguments, obj=Setup(database=tmp_path / "r.db")).exit_code == 0
    [drawing] = (tmp_path / "out").iterdir()
    assert stat.S_IMODE(drawing.stat().st_mode) == 0o600
    assert stat.S_IMODE(drawing.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["vgg16-densenet", pytest.param("xception-1", marks=pytest.mark.all_networks)])
def test_the_first_block_which_moves_the_saliency_is_computed_in_floating_point(name: str) -> None:
    """Its 8-bit kernels are widened before they are used; those of the last block are not (core.shipping.conversion)."""
    [candidate] = [one for one in CANDIDATES if one.card.id == name]
    graph = FileGraph(candidate.path.read_bytes())
    place = next(tensor for tensor in graph.outputs if graph.rank(tensor) == 4)
    kinds: list[str | None] = []
    while (made := graph.maker(place)) is not None:
        if made.kind == "CONV_2D":
            widened = graph.maker(made.inputs[1])
            kinds.insert(0, None if widened is None else widened.kind)
        place = made.inputs[0]
    assert kinds[1] == "DEQUANTIZE"
    assert kinds[-1] is None
