"""The thesis's 12 tests as 29 runs, and the paper's one, as data (method.md 4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.system.errors import TranslatableError


class NetworkName(StrEnum):
    """The networks of the thesis and of the paper."""

    INCEPTION_V3 = "inceptionv3"
    XCEPTION = "xception"
    MOBILENET_V2 = "mobilenetv2"
    VGG16_DENSENET = "vgg16-densenet"
    VGG16 = "vgg16"


class OptimizerName(StrEnum):
    """The optimisers of the thesis."""

    ADAM = "adam"
    SGD = "sgd"


class ExperimentError(TranslatableError):
    """The grid has no such run; the message says what it has."""


ALL_LAYERS = -1
"""`trainable_layers`: the whole network trains. 0: only the head. n: the last n layers of the backbone and the head."""

THESIS_EPOCHS = 100
PAPER_TEST = 13
"""The paper has no test numbers; its network is run 30, called test 13 here, and so is what it is compared with."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """One run: a test number, a network, an optimiser with its rate, a head (1 or 2), which layers train."""

    test: int
    network: NetworkName
    optimizer: OptimizerName
    rate: float
    head: int
    trainable_layers: int

    @property
    def id(self) -> str:
        """The candidate's id: network and test, e.g. mobilenetv2-5; the paper's networks have no number."""
        return self.network.value if self.test == PAPER_TEST else f"{self.network.value}-{self.test}"


_THREE = (NetworkName.INCEPTION_V3, NetworkName.MOBILENET_V2, NetworkName.XCEPTION)
_ADAM, _SGD = OptimizerName.ADAM, OptimizerName.SGD

_TABLE: tuple[tuple[int, tuple[NetworkName, ...], OptimizerName, float, int, int], ...] = (
    (1, _THREE, _ADAM, 1e-4, 1, ALL_LAYERS),
    (2, _THREE, _ADAM, 1e-4, 1, 0),
    (3, _THREE, _ADAM, 1e-3, 1, ALL_LAYERS),
    (4, _THREE, _ADAM, 1e-3, 1, 0),
    (5, _THREE, _ADAM, 1e-4, 2, ALL_LAYERS),
    (6, _THREE, _ADAM, 1e-4, 2, 0),
    (7, _THREE, _ADAM, 1e-3, 2, ALL_LAYERS),
    (8, _THREE, _ADAM, 1e-3, 2, 0),
    (9, (NetworkName.XCEPTION, NetworkName.MOBILENET_V2), _SGD, 1e-2, 1, ALL_LAYERS),
    (10, (NetworkName.INCEPTION_V3,), _SGD, 1e-2, 2, ALL_LAYERS),
    (11, (NetworkName.XCEPTION,), _ADAM, 1e-4, 1, 63),
    (12, (NetworkName.XCEPTION,), _ADAM, 1e-4, 1, 36),
)

THESIS_EXPERIMENTS: tuple[Experiment, ...] = tuple(
    Experiment(test, network, optimizer, rate, head, layers)
    for test, networks, optimizer, rate, head, layers in _TABLE
    for network in networks
)
"""The 29 runs."""

PAPER_EXPERIMENT = Experiment(PAPER_TEST, NetworkName.VGG16_DENSENET, _ADAM, 1e-4, 1, ALL_LAYERS)

PAPER_BASELINE = Experiment(PAPER_TEST, NetworkName.VGG16, _ADAM, 1e-4, 1, ALL_LAYERS)
"""What the paper compares its network with: VGG16 without the dense blocks. Not part of the grid."""

EXPERIMENTS: tuple[Experiment, ...] = (*THESIS_EXPERIMENTS, PAPER_EXPERIMENT)
"""The grid: the 29 runs and the paper's one."""


def find_experiment(test: int, network: str) -> Experiment:
    """The run of this test and network: of the grid, or the paper's comparison.

    Raises:
        ExperimentError: there is no such run.
    """
    known_ones = (*EXPERIMENTS, PAPER_BASELINE)
    for experiment in known_ones:
        if experiment.test == test and experiment.network == network:
            return experiment
    networks = sorted(e.network.value for e in known_ones if e.test == test)
    if networks:
        known = ExperimentError("test {test} has: {networks}", test=test, networks=", ".join(networks))
    else:
        known = ExperimentError("tests are 1 to {last}", last=PAPER_TEST)
    raise ExperimentError(
        "there is no run of test {test} with {network!r}; {known}", test=test, network=network, known=known
    )
