"""Lists that people write: CSV from a spreadsheet or an editor, in the encodings and with the separators these use."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Collection, Iterator
from datetime import datetime, time
from pathlib import Path

from core.system.errors import TranslatableError
from core.system.files import FileError, read_plain_file

MAX_TABLE_BYTES = 64 * 1024 * 1024
"""A list is lines of text; hundreds of thousands fit into this."""

MOST_ROWS = 1_000_000
"""More rows than any set of labelled faces has; in so many bytes there is room for thirty times as many."""

MAX_SHEET_BYTES = 16 * MAX_TABLE_BYTES
"""Of the unpacked parts of an Excel file."""

_SEPARATORS = ",;\t"
_LOOKED_AT = 256
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
"""How the files begin that Excel writes as .xls, or locks with a password."""


class TableError(TranslatableError):
    """A list cannot be read; the message says which file and why."""


class TableTooLongError(TableError):
    """A list has more than `MOST_ROWS` rows."""


def read_table(path: Path, needed: Collection[str]) -> list[dict[str, str]]:
    """The rows of a file, see `rows_of`.

    Raises:
        TableError: it cannot be read, is no CSV, or lacks a column.
    """
    return rows_of(path.name, read_bytes(path), needed)


def rows_of(name: str, content: bytes, needed: Collection[str]) -> list[dict[str, str]]:
    """The rows of a CSV by its header (in small letters); cells without spaces around them, "" where there is none.

    Commas, semicolons or tabs, whatever the header has most of; rows without anything in them are passed over.

    Raises:
        TableError: it is no CSV (such as where a quote is never closed), lacks one of the `needed` columns, or has no row, or
            more than `MOST_ROWS`.
    """
    header, rows = table_of(name, content)
    if not rows or not set(needed) <= set(header):
        raise TableError("{file} needs the columns {columns}, and a row", file=name, columns=", ".join(needed))
    return rows


def table_of(name: str, content: bytes) -> tuple[list[str], list[dict[str, str]]]:
    """The header and the rows of a CSV or of Excel's first sheet, as `rows_of` describes them, whichever there are.

    Raises:
        TableError: it is neither, or has more than `MOST_ROWS`.
    """
    if content.startswith(_OLD_EXCEL):
        raise TableError("{file} is an old or a locked sheet of Excel; save it as CSV", file=name)
    lines = _sheet(name, content) if content.startswith(b"PK\3\4") else _csv_lines(name, content)
    header = [cell.strip().casefold() for cell in next(lines, [])]
    empty = dict.fromkeys(header, "")
    cells = []
    for row in lines:
        if any(cell.strip() for cell in row):
            cells.append(empty | {key: cell.strip() for key, cell in zip(header, row, strict=False)})
        if len(cells) > MOST_ROWS:
            raise TableTooLongError("{file} has more than {most:,} rows; split it", file=name, most=MOST_ROWS)
    return header, cells


def _csv_lines(name: str, content: bytes) -> Iterator[list[str]]:
    text = decode_text(name, content).lstrip()
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    if first.casefold().startswith("sep="):  # Excel's own first line
        separator, text = (first.strip()[4:] or ",")[:1], text.partition("\n")[2]
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error as error:
        raise TableError("{file} cannot be read as CSV: {reason}", file=name, reason=error) from error


def _sheet(name: str, content: bytes) -> Iterator[list[str]]:
    """The rows of the sheet that Excel shows first; moments as ISO 8601, those of midnight as days."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise TableError("{file} is a sheet of Excel: save it as CSV, or install openpyxl", file=name) from error
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
        if sum(part.file_size for part in parts) <= MAX_SHEET_BYTES:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            seen = [one for one in book.worksheets if one.sheet_state == "visible"]
            sheet = book.active if book.active in seen else seen[0]
            yield from ([_cell(value) for value in row] for row in sheet.iter_rows(values_only=True))
            return
    except Exception as error:  # whatever openpyxl makes of a damaged file
        raise TableError("{file} cannot be read as a sheet of Excel: {reason}", file=name, reason=error) from error
    raise TableError("{file} is too large; save it as CSV", file=name)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat()
    return "" if value is None else str(value)


def read_text(path: Path) -> str:
    """A text file, see `decode_text`.

    Raises:
        TableError: it cannot be read.
    """
    return decode_text(path.name, read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """The content of a list.

    Raises:
        TableError: it cannot be read.
    """
    with TableError.of(FileError):
        return read_plain_file(path, MAX_TABLE_BYTES)


def decode_text(name: str, content: bytes) -> str:
    """A text as whoever made it wrote it: UTF-8 or UTF-16 (with a mark or without), or Korean Windows (CP949); composed.

    Raises:
        TableError: it is none of these.
    """
    for encoding in _encodings(content[:_LOOKED_AT]):
        try:
            text = content.decode(encoding).lstrip("\ufeff").replace("\0", "")
            return unicodedata.normalize("NFC", text)
        except UnicodeDecodeError:
            continue
    raise TableError("{file} is written in an encoding that is not known; save it as UTF-8", file=name)


def _encodings(begins: bytes) -> tuple[str, ...]:
    """What a text that begins so may be written in; in UTF-16 every second byte of its Latin letters is zero."""
    if begins[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ("utf-16",)
    if begins.count(0) * 4 > len(begins):
        return ("utf-16-be",) if begins[::2].count(0) > begins[1::2].count(0) else ("utf-16-le",)
    return ("utf-8", "cp949")
