"""The optimisers: as the thesis gives them, or with a rate that is warmed up and let down by a cosine, and more."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from core.method.experiments import Experiment, OptimizerName

LAST_SHARE = 0.02
"""What is left of the rate at the end."""

_WITHOUT_DECAY = ["bias", "gamma", "beta"]
"""Weight decay is for kernels: it would only pull normalisation towards nothing."""


def warmup_of(total: int, warmup: int) -> int:
    """Over how many of `total` steps the rate rises: `warmup`, but no more than a tenth."""
    return min(warmup, max(1, total // 10))


def scheduled_rate(rate: float, total: int, warmup: int) -> Any:
    """The schedule as Keras takes it."""
    warmup = warmup_of(total, warmup)
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, total - warmup), alpha=LAST_SHARE, warmup_target=rate, warmup_steps=warmup
    )


def rates_of_steps(rate: float, total: int, warmup: int, *, constant: bool = False) -> NDArray[np.float64]:
    """The same schedule as numbers (total,), for a loop that hands each step its rate; or the rate all along."""
    if constant:
        return np.full(total, rate)
    warmup = warmup_of(total, warmup)
    step = np.arange(total)
    rising = rate * step / warmup
    done = np.clip((step - warmup) / max(1, total - warmup), 0, 1)
    falling = rate * ((1 - LAST_SHARE) * 0.5 * (1 + np.cos(np.pi * done)) + LAST_SHARE)
    return np.where(step < warmup, rising, falling)


def build_thesis_optimizer(experiment: Experiment) -> Any:
    """Plain Adam or plain SGD at the test's constant rate, as Keras makes them (method.md 4)."""
    plain = {OptimizerName.SGD: keras.optimizers.SGD, OptimizerName.ADAM: keras.optimizers.Adam}
    return plain[experiment.optimizer](experiment.rate)


def build_optimizer(experiment: Experiment, rate: Any, *, average_momentum: float, weight_decay: float) -> Any:
    """The test's optimiser, Adam or SGD with momentum, at `rate` (a number or a schedule), averaging the weights."""
    average = {"use_ema": True, "ema_momentum": average_momentum, "weight_decay": weight_decay}
    if experiment.optimizer is OptimizerName.SGD:
        optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, clipnorm=5.0, **average)
    else:
        optimizer = keras.optimizers.Adam(rate, clipnorm=5.0, **average)
    optimizer.exclude_from_weight_decay(var_names=_WITHOUT_DECAY)
    return optimizer
