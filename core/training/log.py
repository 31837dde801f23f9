"""TensorBoard's log of a run, written without TensorFlow: the same on every backend, and from an accelerated run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

LOG_FOLDER = "tensorboard"
EVENTS_FILE = "events.out.tfevents.0.calmline"
_VERSION = "brain.Event:2"


def write_log(folder: Path, epoch: int, figures: Mapping[str, Mapping[str, float | None]]) -> None:
    """Append an epoch's `figures` (by the part, "train" or "validation", and by name) below `folder`/tensorboard.

    None is left out. Nothing is written where tensorboard is not installed.
    """
    if find_spec("tensorboard") is None:
        return
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    for part, values in figures.items():
        known = [Summary.Value(tag=name, simple_value=one) for name, one in values.items() if one is not None]
        place = folder / LOG_FOLDER / part / EVENTS_FILE
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("ab") as file:
            events = RecordWriter(file)
            if not file.tell():
                events.write(Event(wall_time=time.time(), file_version=_VERSION).SerializeToString())
            if known:
                told = Event(wall_time=time.time(), step=epoch, summary=Summary(value=known))
                events.write(told.SerializeToString())
