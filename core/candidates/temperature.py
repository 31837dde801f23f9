"""How sure a network may be of a picture: temperature scaling whose temperature depends on what the picture looks like.

One temperature for all pictures (Guo et al. 2017) cannot mend a network that is too sure of one kind of picture and not
sure enough of another. Here the temperature follows the network's own pooled features, by way of a few *likenesses*:
how much the picture looks like those of data sets of one kind. Which class is likeliest never changes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LARGEST_LOG = 2.0
"""No temperature lies outside exp(-2) to exp(2): more would be a fault or a forgery."""

MAX_CHANNELS = 8192
_SMALLEST_PROBABILITY = 1e-30


class TemperatureError(ValueError):
    """What should be a temperature cannot be one; the message says why."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a picture looks like one kind of picture, by a few of its pooled features, and what that means.

    Likeness = sigmoid(`bias` + sum of `weights` times the features at `channels`), 0 to 1; the logarithm of the
    temperature changes by `log_temperature` times it.
    """

    name: str
    log_temperature: float
    bias: float
    channels: tuple[int, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        """Raises TemperatureError where a number cannot be right."""
        if len(self.channels) != len(self.weights):
            raise TemperatureError(f"{self.name!r} has not one weight for each channel")
        if not all(0 <= channel < MAX_CHANNELS for channel in self.channels):
            raise TemperatureError(f"{self.name!r} names a channel that no network has")
        if not all(map(math.isfinite, (self.bias, *self.weights))):
            raise TemperatureError(f"{self.name!r} holds something else than numbers")
        _check_log(self.log_temperature)

    def of(self, pooled: NDArray[np.floating[Any]]) -> Floats:
        """The likeness (n,), 0 to 1, of pooled features (n, channels)."""
        taken = pooled[:, list(self.channels)].astype(np.float64)
        amount = np.clip(self.bias + taken @ np.asarray(self.weights, np.float64), -50.0, 50.0)
        return np.asarray(1.0 / (1.0 + np.exp(-amount)))


@dataclass(frozen=True, slots=True)
class Temperature:
    """A picture's temperature: exp(`log_temperature` + what its `likenesses` add). All 0: as the network says it."""

    log_temperature: float
    likenesses: tuple[Likeness, ...] = ()

    def __post_init__(self) -> None:
        """Raises TemperatureError where the number cannot be right."""
        _check_log(self.log_temperature)

    @property
    def channels_needed(self) -> int:
        """How many pooled features a network must have at least."""
        return 1 + max((channel for one in self.likenesses for channel in one.channels), default=-1)

    def log_of(self, pooled: NDArray[np.floating[Any]]) -> Floats:
        """The logarithm of the temperature (n,) of pictures with pooled features (n, channels)."""
        total = np.full(len(pooled), self.log_temperature)
        for likeness in self.likenesses:
            total += likeness.log_temperature * likeness.of(pooled)
        return np.asarray(np.clip(total, -LARGEST_LOG, LARGEST_LOG))

    def apply(self, probabilities: NDArray[np.floating[Any]], pooled: NDArray[np.floating[Any]]) -> Floats:
        """Softmax of the logits divided by the temperature: (n, 4), from the network's own probabilities (n, 4).

        The logits are the probabilities' logarithms (a constant more or less changes nothing). `pooled` (n, channels).
        """
        return at_temperature(probabilities, self.log_of(pooled))


def at_temperature(probabilities: NDArray[np.floating[Any]], log_temperature: Floats) -> Floats:
    """Probabilities (n, 4) with their logits divided by exp(`log_temperature`) (n,): (n, 4)."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), _SMALLEST_PROBABILITY))
    scaled = logits / np.exp(log_temperature)[:, None]
    shares = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def temperature_from_mapping(data: Any) -> Temperature:
    """A temperature as a card keeps it (`dataclasses.asdict`).

    Raises:
        TemperatureError: it has another form, or a number that cannot be right.
    """
    try:
        likenesses = tuple(_likeness(one) for one in _list(data["likenesses"]))
        if set(data) != {"log_temperature", "likenesses"}:
            raise TemperatureError("a temperature has log_temperature and likenesses, nothing else")
        return Temperature(_number(data["log_temperature"]), likenesses)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise TemperatureError("it is not {log_temperature, likenesses}") from error


def _likeness(data: Mapping[str, Any]) -> Likeness:
    if set(data) != {"name", "log_temperature", "bias", "channels", "weights"}:
        raise TemperatureError("a likeness is not {name, log_temperature, bias, channels, weights}")
    channels = _list(data["channels"])
    if not isinstance(data["name"], str) or not all(type(one) is int for one in channels):
        raise TemperatureError("a likeness has a field of the wrong kind")
    weights = tuple(_number(one) for one in _list(data["weights"]))
    return Likeness(data["name"], _number(data["log_temperature"]), _number(data["bias"]), tuple(channels), weights)


def _list(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise TemperatureError("one of its lists is none")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TemperatureError(f"{value!r} is no number")
    return float(value)


def _check_log(value: float) -> None:
    if not abs(value) <= LARGEST_LOG:  # written so that NaN does not pass
        raise TemperatureError(f"{value} is no logarithm of a temperature between {-LARGEST_LOG:g} and {LARGEST_LOG:g}")
