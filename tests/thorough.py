"""What the quick tests try on one or two of many things, and the thorough ones on all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def mostly_thorough(values: Iterable[Any], quick: Collection[Any], *, each_several: bool = False) -> list[Any]:
    """`values` as parameters of a test, of which only those in `quick` are for the quick tests.

    With `each_several` each value is a tuple, for as many parameters.

    Raises:
        ValueError: one of `quick` is not among them, so that it would never be tried.
    """
    every = list(values)
    if missing := [one for one in quick if one not in every]:
        raise ValueError(f"not among the values: {missing}")
    return [
        one if one in quick else pytest.param(*(one if each_several else (one,)), marks=pytest.mark.thorough)
        for one in every
    ]
