"""A whole Keras model, as its maker saved it, turned into a LiteRT file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.training.errors import ShippingError


def convert_whole_model(path: Path, size: int | None = None) -> bytes:
    """The model in a .keras or .h5 file as LiteRT bytes with weights of 16 bits; it gives what the model gives.

    It is read in Keras's safe mode: what would run code of its maker's is refused. `size`: pixels a side, for a model that
    takes any.

    Raises:
        ShippingError: Keras cannot read it, or it does not take one picture and give one row of numbers.
    """
    import keras

    from core.shipping.conversion import as_litert

    try:
        model: Any = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever its parts raise
        raise ShippingError(
            "Keras cannot read it as a whole model: {reason}", reason=str(error).strip().splitlines()[0]
        ) from error
    if len(model.inputs) != 1 or len(model.outputs) != 1 or len(model.input_shape) != 4:
        raise ShippingError("it does not take one picture and give one row of numbers")
    _batch, *shape = model.input_shape
    fixed = [one or size for one in shape[:2]]
    if None in fixed:
        raise ShippingError("it takes pictures of any size; say which with --size")
    picture = keras.Input((*fixed, shape[2]))
    return as_litert(keras.Model(picture, model(picture)), half=True)
