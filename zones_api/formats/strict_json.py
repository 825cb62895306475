"""JSON as RFC 8259 and I-JSON mean it: no NaN, no duplicate keys, no endless nesting."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from zones_api.errors import Defect, InputTooLarge, InvalidInput

MAX_DEPTH = 32
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""An escape that may stand for no character: NUL, or half of a surrogate pair."""
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def loads(data: bytes) -> Any:
    """Return the value of a JSON text, or say where and why it is not one.

    A byte order mark is passed over.

    Raises:
        InvalidInput: If it is not UTF-8 or not JSON, repeats a key, or holds NaN, Infinity or a number that
            no double can hold.
        InputTooLarge: If it nests deeper than MAX_DEPTH.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(f"The text is not UTF-8: byte {error.start} cannot be read.") from error
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        ends = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        why = "it ends in the middle" if ends and text.strip() else error.msg
        what = f"The text is not JSON: {why} at line {error.lineno}, column {error.colno}."
        raise _refused(what) from error
    except RecursionError as error:
        raise _too_deep() from error
    if _depth(value) > MAX_DEPTH:
        raise _too_deep()
    if _SUSPECT.search(text) and any(map(_NO_TEXT.search, _texts(value))):
        raise _refused("A text has a NUL or half a surrogate pair in it, which is no character.")
    return value


def canonical(value: Any) -> bytes:
    """Return the one byte string of a JSON value: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def pointer(*steps: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of a path of member names and positions."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _refused(f"The member {twice!r} stands twice in one object.")
    return members


def _no_constant(word: str) -> Any:
    raise _refused(f"{word} is not a JSON number.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _refused(f"The number {digits[:40]} is too large.")
    return number


def _whole(digits: str) -> int:
    if len(digits) > 300:
        raise _refused(f"The number {digits[:40]}… is too large.")
    return int(digits)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value:
            yield from _texts(item)
        if isinstance(value, dict):
            for item in value.values():
                yield from _texts(item)


def _depth(value: Any) -> int:
    """Return how deeply a value nests, without recursion."""
    deepest, level = 0, [value]
    while level:
        deepest += 1
        if deepest > MAX_DEPTH:
            return deepest
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(v for v in item.values() if isinstance(v, dict | list))
            elif isinstance(item, list):
                inner.extend(v for v in item if isinstance(v, dict | list))
        level = inner
    return deepest


def _refused(detail: str) -> InvalidInput:
    return InvalidInput(detail, (Defect("JSON_INVALID", "", detail),))


def _too_deep() -> InputTooLarge:
    return InputTooLarge(f"The JSON nests deeper than {MAX_DEPTH} levels.")
