"""Runs that began from one network, as one: the mean of their weights (model soups, Wortsman et al. 2022)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.datasets.labelled import read_splits
from core.system.files import write_file
from core.training.checkpoints import FINAL_WEIGHTS, load_finished_or_last, read_epochs_done, save_weights_only
from core.training.errors import SessionError
from core.training.origins import INHERITED, uses_of_runs
from core.training.settings import CONFIG_FILE, read_description, read_experiment, was_normalised

MEAN_OF = "mean_of"
"""What a description calls the runs that a run is the mean of: how each was made, in words."""

SEED = 1
"""The pictures on which the mean's batch normalisation is settled are drawn by this."""


def course_of_run(run: Path) -> str:
    """How a run was trained, in one line; what it is the mean of, where it is a mean.

    Raises:
        RunError: `run` holds no run.
    """
    config = read_description(run)
    if MEAN_OF in config:
        return f"mean of the weights of {len(config[MEAN_OF])} runs: {'; '.join(config[MEAN_OF])}"
    settings, experiment = config["settings"], config["experiment"]
    done = read_epochs_done(run)
    short = "" if done in (0, settings["epochs"]) else f" (shipped after {done})"
    more = ", as the thesis" if settings.get("as_thesis") else ""
    more += "".join(f", {name} {settings[name]:g}" for name in ("adjustment", "speech") if settings.get(name))
    return (
        f"{experiment['optimizer']} {experiment['rate']:g}, {settings['epochs']} epochs{short} of {settings['steps']} x "
        f"{settings['batch_size']} pictures, seed {settings['seed']}, from {config['weights']}{more}, data "
        f"{config['data_hash']}"
    )


def average_checkpoints(runs: Sequence[Path], data: Path, out: Path) -> None:
    """Write into `out` a finished run whose weights are the mean of those of `runs`.

    Its description is the first one's, and tells of all. Batch normalisation is settled on training pictures of the sets
    in `data` that the first was trained on: that of averaged weights is not the average.

    Raises:
        SessionError: there are fewer than two, they did not begin from the same weights, or `out` holds a run.
        RunError: one of them is no run.
        WeightsError: one has not come to its first checkpoint.
        DataSetError: a set cannot be read.
    """
    import numpy as np

    from core.training.architectures import build_network
    from core.training.batch_norm import drawn_for_batch_norm, recompute_batch_norm
    from core.training.sampling import MixtureSampler

    described = [read_description(run) for run in runs]
    _check(runs, described, out)
    names = [key.removesuffix("/train") for key in described[0]["data"] if key.endswith("/train")]
    train_sets = read_splits(data, names, "train")
    model = build_network(read_experiment(runs[0]), normalised=was_normalised(runs[0]))
    weights = []
    for run in runs:
        load_finished_or_last(model, run)
        weights.append([np.array(one) for one in model.get_weights()])
    model.set_weights([np.mean(same, axis=0) for same in zip(*weights, strict=True)])
    recompute_batch_norm(model, drawn_for_batch_norm(train_sets, MixtureSampler(train_sets), SEED, 0))
    config = {
        **described[0],
        MEAN_OF: [course_of_run(run) for run in runs],
        INHERITED: [asdict(use) for use in uses_of_runs(described)],
    }
    out.mkdir(parents=True, exist_ok=True)
    save_weights_only(model, out / FINAL_WEIGHTS)
    write_file(out / CONFIG_FILE, json.dumps(config, indent=2))


def _check(runs: Sequence[Path], described: Sequence[Mapping[str, Any]], out: Path) -> None:
    if len(runs) < 2:
        raise SessionError("a mean needs two runs or more")
    if (out / CONFIG_FILE).exists():
        raise SessionError("{folder} holds a run; name another folder with --out", folder=out)
    if described[0]["weights"] == "none":
        raise SessionError(
            "{run} began from nothing: networks are averaged that began from the same weights", run=runs[0]
        )
    for run, config in zip(runs[1:], described[1:], strict=True):
        for name in ("weights", "weights_sha256"):
            if config.get(name) != described[0].get(name):
                raise SessionError(
                    "{run} did not begin from the same weights as {first}: their mean would be no network",
                    run=run,
                    first=runs[0],
                )
        if any(config["experiment"][part] != described[0]["experiment"][part] for part in ("network", "head")):
            raise SessionError("{run} is another network than {first}", run=run, first=runs[0])
