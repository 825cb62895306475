"""What a reader of another format makes of a file: an ED-318 collection that is then read the ordinary way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zones_api.domain.geometry import Bounds


@dataclass(frozen=True)
class Spoiled:
    """Why a feature has no geometry that can be read, and the box it lies in; None is anywhere."""

    detail: str
    bounds: Bounds | None = None


@dataclass(frozen=True)
class Converted:
    """An ED-318 collection, and where each of its features stood in the file: "row 4", "airspace 2".

    `spoiled` are the features, by their position, whose shape could not be read. `said` is what a person must know of
    how the file was read as a whole.
    """

    format: str
    collection: dict[str, Any]
    places: tuple[str, ...]
    spoiled: Mapping[int, Spoiled] = field(default_factory=dict)
    said: tuple[str, ...] = ()
