"""What is exported: zones at one revision, and what their data sets say of themselves as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shapely.geometry.base import BaseGeometry

from zones_api.domain.data_set import DataSet
from zones_api.domain.zone import PublishedZone


@dataclass(frozen=True)
class Publication:
    """Zones to export, in their order, and the data sets they come from.

    `revision` and `published_at` are None where zones come from files alone. `coverage` is the area in which the
    selection names every zone, None where nobody declares one. `part` says in words which part of the register it
    is, None where it is all of it.
    """

    zones: tuple[PublishedZone, ...]
    data_sets: tuple[DataSet, ...]
    revision: int | None = None
    published_at: datetime | None = None
    coverage: BaseGeometry | None = None
    part: str | None = None

    @property
    def title(self) -> str:
        """What the selection is called."""
        if len(self.data_sets) == 1 and self.data_sets[0].title:
            return self.data_sets[0].title
        return "UAS geographical zones"

    @property
    def geoids(self) -> frozenset[str | None]:
        """The geoids that the data sets' heights above sea level are measured from; None is EGM96."""
        return frozenset(each.other_geoid if each.has_other_geoid else None for each in self.data_sets)


@dataclass(frozen=True, slots=True)
class Options:
    """How an export is written; `vertices` is the most that a simplified outline has."""

    vertices: int = 24
