"""JSON that somebody else may have written, read as the record that it ought to be.

msgspec is loaded with the first record: the screens are painted before they read any.
"""

from __future__ import annotations

from typing import TypeVar

from core.system.errors import TranslatableError

Record = TypeVar("Record")


class JsonError(TranslatableError):
    """Something is no JSON, or not the record that it ought to be; the message says what is wrong where."""


def decode_json(content: bytes | str, kind: type[Record]) -> Record:
    """`content` as a `kind`: a dataclass, or plain lists, dictionaries, texts and numbers as the types say.

    No value is bent to fit (neither "1" nor true is a number), NaN and infinity are none, and what a dataclass does not know is left out.

    Raises:
        JsonError: it is no UTF-8 JSON, too deep, or a field is missing or of another kind; also what the dataclass itself raises as
            a ValueError.
    """
    import msgspec

    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise JsonError("{reason}", reason=error) from error


def encode_json(plain: object) -> str:
    """Plain values as JSON in lines, such as `decode_json` takes: NaN and infinity are null."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(plain), indent=2).decode()


def record_of(plain: object, kind: type[Record]) -> Record:
    """What `decode_json` makes of JSON, made of plain values that are decoded already.

    Raises:
        JsonError: as there.
    """
    import msgspec

    try:
        return msgspec.convert(plain, kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise JsonError("{reason}", reason=error) from error
