"""The face box and the crop: exactly method.md 2."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.face.box import FaceBox, choose_face
from core.face.crop import CROP_SIZE, crop_face, resize_crop

BOXES = st.builds(FaceBox, st.integers(-40, 200), st.integers(-40, 140), st.integers(1, 160), st.integers(1, 160))


def frame(width: int = 160, height: int = 120) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8)


def inside(box: FaceBox) -> bool:
    return box.x < 160 and box.y < 120 and box.x + box.width > 0 and box.y + box.height > 0


class TestCrop:
    @given(BOXES.filter(inside))
    def test_a_crop_is_the_cut_box_resized_bit_for_bit(self, box: FaceBox) -> None:
        pixels = frame()
        cut = pixels[max(0, box.y) : box.y + box.height, max(0, box.x) : box.x + box.width]
        assert np.array_equal(crop_face(pixels, box), cv2.resize(cut, (CROP_SIZE, CROP_SIZE)))

    @given(BOXES.filter(lambda box: not inside(box)))
    def test_a_box_outside_the_frame_is_refused(self, box: FaceBox) -> None:
        with pytest.raises(ValueError, match="outside"):
            crop_face(frame(), box)

    def test_a_crop_shares_no_memory_with_its_frame(self) -> None:
        pixels = frame(200, 200)
        crop = crop_face(pixels, FaceBox(10, 10, 150, 150))
        before = crop.copy()
        pixels[:] = 0
        assert np.array_equal(crop, before)

    def test_a_picture_of_the_right_size_is_taken_as_it_is(self) -> None:
        picture = frame(100, 100)
        assert np.array_equal(resize_crop(picture), picture)


class TestChoice:
    def test_two_concentric_boxes_are_one_face_and_the_one_nearest_the_last_is_kept(self) -> None:
        small, large = FaceBox(50, 50, 60, 60), FaceBox(40, 40, 80, 80)
        assert choose_face([small, large], None) == large
        assert choose_face([small, large], FaceBox(49, 51, 62, 62)) == small

    def test_of_several_faces_the_largest_near_the_last_one_is_followed(self) -> None:
        followed, stranger = FaceBox(20, 20, 50, 50), FaceBox(300, 20, 120, 120)
        assert choose_face([followed, stranger], None) == stranger
        assert choose_face([followed, stranger], FaceBox(25, 18, 52, 52)) == followed

    def test_a_face_that_is_gone_gives_way_to_the_largest_of_the_others(self) -> None:
        stranger = FaceBox(400, 20, 120, 120)
        assert choose_face([stranger], FaceBox(0, 0, 50, 50)) == stranger

    def test_no_box_is_no_face(self) -> None:
        assert choose_face([], FaceBox(0, 0, 50, 50)) is None

    @given(st.lists(BOXES, max_size=6), st.one_of(st.none(), BOXES))
    def test_the_choice_is_one_of_the_boxes_whatever_their_order(
        self, boxes: list[FaceBox], last: FaceBox | None
    ) -> None:
        chosen = choose_face(boxes, last)
        assert (chosen is None) == (not boxes)
        assert chosen is None or chosen in boxes
