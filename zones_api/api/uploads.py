"""Reading a multipart/form-data body within a limit, and in memory alone: nothing of it touches a disk."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection

from fastapi import Request
from starlette.formparsers import MultiPartException, MultiPartParser

from zones_api.api.bodies import within_limit
from zones_api.errors import InvalidInput, UnsupportedMediaType

MAX_OTHER_PARTS_BYTES = 100_000
"""What all parts beside the file, and their headers, may add to a body."""


class _InMemory(MultiPartParser):
    spool_max_size = 0  # a spooled file without a limit never leaves the memory


async def parts_of(request: Request, names: Collection[str], most_bytes: int) -> dict[str, bytes]:
    """Return the parts of a body by name, each given once at most.

    Raises:
        UnsupportedMediaType: If the body is not multipart/form-data.
        InvalidInput: If it cannot be read, or has a part that is not asked for or one twice.
        InputTooLarge: If it is larger than `most_bytes` and a little for the rest.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise UnsupportedMediaType("Send the file as multipart/form-data, in a part named file.")
    body = await within_limit(request, most_bytes + MAX_OTHER_PARTS_BYTES)

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    parser = _InMemory(
        request.headers, whole(), max_files=len(names), max_fields=len(names), max_part_size=len(body)
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise InvalidInput(f"The form cannot be read: {error.message}") from error
    parts: dict[str, bytes] = {}
    try:
        for name, value in form.multi_items():
            if name not in names:
                raise InvalidInput(f"The form has a part {name[:40]!r}; the parts are {', '.join(names)}.")
            if name in parts:
                raise InvalidInput(f"The form has the part {name} twice.")
            if name == "file" and isinstance(value, str):
                raise InvalidInput("Send the part file as a file, with its filename.")
            parts[name] = value.encode() if isinstance(value, str) else await value.read()
    finally:
        await form.close()
    return parts
