"""Text in columns: comma, semicolon or tab between the values, names in the first row."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass

from zones_api.errors import InputTooLarge
from zones_api.formats.missions.limits import MAX_POINTS, refused, text

MAX_COLUMNS = 500
_NUMBER = re.compile(r"[+-]?(?:\d{1,25}(?:\.\d{0,25})?|\.\d{1,25})(?:[eE][+-]?\d{1,3})?", re.ASCII)
_NAMED = re.compile(r"(.*?)\s*[(\[]([^()\[\]]*)[)\]]\s*", re.DOTALL)
_SEPARATOR = re.compile(r"\s*sep=([;,\t])\s*")
"""What spreadsheets write above the names."""
_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the names; `number` counts as a spreadsheet does, the names being row 1."""

    number: int
    cells: tuple[str, ...]

    @property
    def where(self) -> str:
        """Where it stands, as a person would look for it."""
        return f"row {self.number}"


@dataclass(frozen=True)
class Table:
    """Names as written, rows that each have a value for every name, and whether a comma may be a decimal mark."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    decimal_comma: bool

    def number(self, row: Row, column: int) -> float | None:
        """Return a number, None where the cell is empty.

        Raises:
            InvalidInput: If it is no finite number. No unit may stand behind it.
        """
        cell = row.cells[column].strip()
        if not cell:
            return None
        digits = cell.replace(",", ".") if self.decimal_comma and cell.count(",") == 1 else cell
        value = float(digits) if _NUMBER.fullmatch(digits) else math.nan
        if not math.isfinite(value):
            name = self.names[column].strip()
            raise refused(f"{row.where}: {name} {cell[:40]!r} is not a number.", row.where)
        return value


def names_of(data: bytes) -> tuple[str, ...]:
    """Return what the first row of a file says if it is text in columns, else nothing; never raises."""
    head = data[:_HEAD].decode("utf-8-sig", errors="replace")
    first, stated = _first(head)
    if stated:
        first, _ = _first(head.replace(first, "", 1))
    try:
        return tuple(next(csv.reader([first], delimiter=stated or _delimiter(first)), []))[:MAX_COLUMNS]
    except csv.Error:
        return ()


def unit_of(name: str) -> tuple[str, str]:
    """Return a column's name and the unit in brackets behind it, both in small letters; "" is no unit."""
    named = _NAMED.fullmatch(name.strip().lower())
    return (named[1].strip(), named[2].strip()) if named else (name.strip().lower(), "")


def read_table(data: bytes) -> Table:
    """Return the rows of a file whose first row is names; empty rows are passed over.

    Raises:
        InvalidInput: If it is not UTF-8, has no rows, or a row has more or fewer values than there are names.
        InputTooLarge: If it has more than MAX_POINTS rows or MAX_COLUMNS columns.
    """
    written = text(data)
    first, stated = _first(written)
    if stated:
        written, first = written.replace(first, "", 1), _first(written.replace(first, "", 1))[0]
    delimiter = stated or _delimiter(first)
    names: tuple[str, ...] | None = None
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(written, newline=""), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, start=1):
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = tuple(cells)
                _check_names(names)
            else:
                rows.append(_row(number, cells, names))
            if len(rows) > MAX_POINTS:
                raise InputTooLarge(
                    f"The file has more than {MAX_POINTS:,} rows; that many are read at most."
                )
    except csv.Error as error:
        raise refused(f"Line {reader.line_num} cannot be split into columns: {error}.") from error
    if names is None or not rows:
        raise refused("The file has no rows under the names of its columns.")
    return Table(names, tuple(rows), delimiter != ",")


def _check_names(names: tuple[str, ...]) -> None:
    if len(names) > MAX_COLUMNS:
        raise InputTooLarge(f"The file has more than {MAX_COLUMNS} columns; that many are read at most.")
    known = [name.strip().lower() for name in names if name.strip()]
    twice = next((name for name in known if known.count(name) > 1), None)
    if twice is not None:
        raise refused(f"Two columns are called {twice[:80]!r}: give each a name of its own.", "row 1")


def _row(number: int, cells: list[str], names: tuple[str, ...]) -> Row:
    surplus = cells[len(names) :]
    if len(cells) < len(names) or any(cell.strip() for cell in surplus):
        sentence = f"row {number} has {len(cells)} values where the first row has {len(names)} names."
        raise refused(sentence, f"row {number}")
    return Row(number, tuple(cells[: len(names)]))


def _delimiter(line: str) -> str:
    return max(";", "\t", ",", key=line.count)


def _first(written: str) -> tuple[str, str]:
    """Return the first line that is not empty, and the mark it states if it is one such as "sep=;"."""
    first = next((line for line in written.splitlines() if line.strip()), "")
    named = _SEPARATOR.fullmatch(first)
    return first, named[1] if named else ""
