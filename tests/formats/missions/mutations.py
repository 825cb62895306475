"""Good files broken at random, and what a reader may answer to them."""

from __future__ import annotations

import os
from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st

from zones_api.domain.mission import MissionFile
from zones_api.errors import InputTooLarge, InvalidInput

FUZZ = settings(max_examples=int(os.environ.get("ZONES_FUZZ_EXAMPLES", "60")), deadline=None)

_TOKENS = [
    b"0", b"-1", b"1e400", b"nan", b"Infinity", b"null", b"true", b"[]", b"{}", b'""', b"999999999999", b"91", b"181",
    b",", b";", b"\t", b"\n", b'"', b"\x00", b"\xff", b"sep=;\n", b"2026-06-12", b"177", b"22", b"ComplexItem",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, files: tuple[bytes, ...]) -> bytes:
    """Return a good file with pieces cut out, doubled or replaced."""
    data = draw(st.sampled_from(files))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 12)))
        piece = draw(st.one_of(st.sampled_from(_TOKENS), st.binary(max_size=4), st.just(data[start:end] * 2)))
        data = data[:start] + piece + data[end:]
    return data


def answers(read: Callable[[bytes], MissionFile], data: bytes) -> MissionFile | None:
    """Read a file that may be refused in a sentence and in no other way."""
    try:
        return read(data)
    except (InvalidInput, InputTooLarge) as refusal:
        detail = refusal.detail
    assert detail.endswith(".")
    return None
