from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.candidates.network import LiteRTNetwork, NetworkError
from core.candidates.runner import at_temperature
from core.method.emotion import EMOTIONS, Emotion
from core.sources.source import Pixels
from tests.tiny_network import WEIGHTS, card_for, tiny_network

NAN = float("nan")
RED, GREEN, BLUE, BLACK = (0, 0, 255), (0, 255, 0), (255, 0, 0), (0, 0, 0)
"""In BGR, as frames and crops are."""

RGB_READS = {RED: Emotion.HAPPY, GREEN: Emotion.NEUTRAL, BLUE: Emotion.STRESS, BLACK: Emotion.SURPRISE}


def _crop(bgr: tuple[int, int, int], size: int = 100) -> Pixels:
    return np.tile(np.array(bgr, np.uint8), (size, size, 1))


def _network(content: bytes | None = None, **card: Any) -> LiteRTNetwork:
    content = tiny_network() if content is None else content
    return LiteRTNetwork(card_for(content, **card), content)


def _best(network: LiteRTNetwork) -> list[Emotion]:
    return [read.best for read in network.read([_crop(colour) for colour in RGB_READS])]


def test_bgr_crops_reach_a_network_in_the_colour_order_of_its_card() -> None:
    assert _best(_network(colour_order="RGB")) == list(RGB_READS.values())
    swapped = [RGB_READS[BLUE], RGB_READS[GREEN], RGB_READS[RED], RGB_READS[BLACK]]
    assert _best(_network(colour_order="BGR")) == swapped


@pytest.mark.parametrize(
    "labels", [("surprise", "stress", "neutral", "happy"), ("stress", "happy", "surprise", "neutral")]
)
def test_an_answer_in_another_order_of_labels_is_put_into_ours(labels: tuple[str, ...]) -> None:
    order = [[emotion.value for emotion in EMOTIONS].index(label) for label in labels]
    content = tiny_network(
        weights=[WEIGHTS[number] for number in order], bias=[(0.0, 0.0, 0.0, 4.0)[number] for number in order]
    )
    assert _best(_network(content, labels=labels)) == list(RGB_READS.values())


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
def test_pixels_reach_a_network_in_the_range_of_its_card(low: float, high: float) -> None:
    content = tiny_network(weights=((1.0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)), bias=(0, 0, 0, 0))
    [read] = _network(content, pixel_range=(low, high)).read([_crop((0, 0, 51))])
    logit = low + (high - low) * 51 / 255
    assert read.happy == pytest.approx(1 / (1 + 3 * np.exp(-logit)), rel=1e-4)


def test_probabilities_sum_to_one_and_do_not_depend_on_who_else_is_in_the_batch() -> None:
    crops = [np.random.default_rng(seed).integers(0, 255, (100, 100, 3), np.uint8) for seed in range(7)]
    network = _network()
    together = network.read(crops)
    alone = [network.read([crop])[0] for crop in crops]
    np.testing.assert_allclose([p.as_tuple() for p in together], [p.as_tuple() for p in alone], atol=1e-6)
    assert [sum(read.as_tuple()) for read in together] == pytest.approx([1.0] * 7)


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 70])
def test_any_number_of_crops_is_read_in_their_order(count: int) -> None:
    colours = [list(RGB_READS)[number % 4] for number in range(count)]
    reads = _network().read([_crop(colour) for colour in colours])
    assert [read.best for read in reads] == [RGB_READS[colour] for colour in colours]


@pytest.mark.parametrize(("batch", "asked"), [(1, [1, 1, 1, 1]), (-1, [4])])
def test_a_network_that_takes_one_face_at_a_time_is_asked_one_at_a_time(
    batch: int, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    network, sizes = _network(tiny_network(batch=batch)), []
    invoke = network._runner.run

    def count(faces: NDArray[np.float32]) -> NDArray[np.float64]:
        sizes.append(len(faces))
        answer: NDArray[np.float64] = invoke(faces)
        return answer

    monkeypatch.setattr(network._runner, "run", count)
    assert _best(network) == list(RGB_READS.values())
    assert sizes == asked


def test_crops_of_another_size_than_the_network_s_are_resized() -> None:
    assert _best(_network(tiny_network(size=64), input_size=64)) == list(RGB_READS.values())
    reads = _network().read([_crop(RED, 37), _crop(BLUE, 250)])
    assert [read.best for read in reads] == [Emotion.HAPPY, Emotion.STRESS]


def test_a_feature_map_beside_the_probabilities_is_no_hindrance() -> None:
    assert _best(_network(tiny_network(outputs=2), outputs=("probabilities", "feature_map"))) == list(
        RGB_READS.values()
    )


@pytest.mark.parametrize(
    ("content", "card", "complaint"),
    [
        (b"", {}, "LiteRT cannot run it"),
        (b"{}", {}, "LiteRT cannot run it"),
        (b"\0" * 5000, {}, "LiteRT cannot run it"),
        (tiny_network(size=64), {}, r"its input is not \(n, 100, 100, 3\) float32"),
        (tiny_network(), {"input_size": 96}, r"its input is not \(n, 96, 96, 3\) float32"),
        (tiny_network(classes=3), {}, "it has no single output of 4 probabilities"),
        (tiny_network(outputs=2), {}, "it has 2 outputs; its card names 1"),
        (tiny_network(), {"outputs": ("probabilities", "feature_map")}, "it has 1 outputs; its card names 2"),
        (tiny_network(outputs=3), {"outputs": ("probabilities", "a", "b")}, "it has no single output"),
        (tiny_network(ending="int8"), {}, "as floating-point numbers"),
        (tiny_network(batch=4), {}, "it takes 4 faces at once"),
    ],
    ids=[
        "empty",
        "text",
        "zeros",
        "smaller than its card says",
        "larger than its card says",
        "three classes",
        "an output too many",
        "an output too few",
        "two outputs of four",
        "whole numbers",
        "always four faces",
    ],
)
def test_a_network_that_is_not_as_its_card_says_is_refused(
    content: bytes, card: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(NetworkError, match=complaint):
        _network(content, **card)


@pytest.mark.parametrize("cut", [1, 4, 8, 20, 100, 400, 800])
def test_a_truncated_network_is_refused(cut: int) -> None:
    content = tiny_network()
    with pytest.raises(NetworkError, match="LiteRT cannot run it"):
        _network(content[:-cut])
    with pytest.raises(NetworkError, match="LiteRT cannot run it"):
        _network(content[:cut])


@pytest.mark.parametrize(
    "content",
    [tiny_network(ending="logits"), tiny_network(bias=(NAN, NAN, NAN, NAN)), tiny_network(bias=(NAN, 0, 0, 0))],
    ids=["logits", "all NaN", "one NaN"],
)
def test_an_answer_that_is_no_probabilities_is_a_network_error(content: bytes) -> None:
    with pytest.raises(NetworkError, match="which are no probabilities"):
        _network(content).read([_crop(RED)])


class FakeInterpreter:
    """Stands in for LiteRT's interpreter once the network is loaded: answers with a given row, or fails."""

    def __init__(self, row: Any, failure: Exception | None = None) -> None:
        self.row, self.failure = row, failure

    def set_tensor(self, index: int, batch: Any) -> None:
        """Ignored."""

    def resize_tensor_input(self, index: int, shape: Any) -> None:
        """Ignored."""

    def allocate_tensors(self) -> None:
        if self.failure is not None:
            raise self.failure

    def invoke(self) -> None:
        if self.failure is not None:
            raise self.failure

    def get_tensor(self, index: int) -> Any:
        return self.row


def _answering(row: Any, failure: Exception | None = None) -> LiteRTNetwork:
    network = _network()
    runner: Any = network._runner
    runner._interpreter = FakeInterpreter(row, failure)
    return network


ONE = [_crop(RED)]


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_the_rounding_of_small_floats_is_set_right(kind: type[np.floating[Any]]) -> None:
    [read] = _answering(np.array([[0.7, 0.2, 0.06, 0.039]], kind)).read(ONE)
    assert sum(read.as_tuple()) == pytest.approx(1.0, abs=1e-9)
    assert read.happy == pytest.approx(0.7 / 0.999, abs=1e-3)


def test_the_rounding_of_int8_weights_is_set_right() -> None:
    row = np.array([[180, 50, 20, 4]], np.float32) / 256
    [read] = _answering(row).read(ONE)
    assert sum(read.as_tuple()) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(
    "row",
    [
        [[NAN, 0.5, 0.5, 0.0]],
        [[np.inf, 0.0, 0.0, 0.0]],
        [[np.inf, -np.inf, 1.0, 0.0]],
        [[-0.5, 1.0, 0.5, 0.0]],
        [[0.0, 0.0, 0.0, 0.0]],
        [[0.25, 0.25, 0.25, 0.3]],
        [[0.25, 0.25, 0.25, 0.2]],
        [[5.0, 1.0, 2.0, 0.5]],
    ],
)
def test_a_row_that_is_no_probabilities_is_a_network_error(row: list[list[float]]) -> None:
    with pytest.raises(NetworkError, match="which are no probabilities"):
        _answering(np.array(row, np.float32)).read(ONE)


@given(st.lists(st.floats(width=32), min_size=4, max_size=4))
def test_any_row_is_either_probabilities_or_a_network_error(row: list[float]) -> None:
    with np.errstate(all="ignore"):
        try:
            [read] = _answering(np.array([row], np.float32)).read(ONE)
        except NetworkError:
            assert not (all(value >= 0 for value in row) and abs(sum(row) - 1) <= 0.019)
        else:
            assert sum(read.as_tuple()) == pytest.approx(1.0)


@pytest.mark.parametrize("shape", [(2, 4), (4,), (1, 1, 4), (1, 5)])
def test_an_answer_of_another_shape_is_a_network_error(shape: tuple[int, ...]) -> None:
    with pytest.raises(NetworkError, match="with an array of the shape"):
        _answering(np.full(shape, 0.25, np.float32)).read(ONE)


@pytest.mark.parametrize("failure", [RuntimeError("tensor 7"), ValueError("shape")])
@pytest.mark.parametrize("count", [1, 3])
def test_what_litert_raises_while_reading_is_a_network_error(failure: Exception, count: int) -> None:
    with pytest.raises(NetworkError, match="LiteRT cannot run it"):
        _answering(np.full((1, 4), 0.25, np.float32), failure).read(ONE * count)


@given(
    st.lists(st.lists(st.floats(0.001, 1), min_size=4, max_size=4), min_size=1, max_size=5),
    st.floats(1 / 8, 8),
)
def test_a_temperature_keeps_the_order_of_the_classes_and_above_one_lowers_the_confidence(
    shares: list[list[float]], temperature: float
) -> None:
    before = np.array(shares) / np.array(shares).sum(axis=1, keepdims=True)
    after = at_temperature(before, temperature)
    np.testing.assert_allclose(after.sum(axis=1), 1)
    ranked = np.argsort(before, axis=1, kind="stable")
    assert (np.diff(np.take_along_axis(after, ranked, axis=1), axis=1) >= -1e-12).all()
    lower = after.max(axis=1) <= before.max(axis=1) + 1e-9
    assert lower.all() if temperature >= 1 else (after.max(axis=1) >= before.max(axis=1) - 1e-9).all()
    np.testing.assert_allclose(at_temperature(before, 1.0), before)
