"""Exports of what the register publishes: selected, named once, written, and kept for whoever asks again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine

from zones_api.domain.data_set import Coverage, DataSet, QuarantinedZone
from zones_api.domain.geometry import Bounds
from zones_api.domain.overlap import turns_to_meet
from zones_api.domain.zone import Decision, PublishedZone
from zones_api.errors import NoSnapshot, NotFound
from zones_api.formats.exports.export import Export, export
from zones_api.formats.exports.identifiers import GIVEN, exported_identifiers, to_record
from zones_api.formats.exports.losses import ZoneKey
from zones_api.formats.exports.publication import Options, Publication
from zones_api.formats.exports.zones import key_of, names_of
from zones_api.snapshot import Snapshot
from zones_api.store import identifiers, register

WAIT_S = 30.0
KEPT_BYTES = 100_000_000
"""How much of what was exported is kept in memory."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which zones are exported: all, or those of a data set, of a country, and within a box.

    `bbox` is west, south, east, north in degrees; one that crosses the antimeridian has its west east of its east.
    """

    data_set: str | None = None
    country: str | None = None
    bbox: Bounds | None = None

    @property
    def said(self) -> str | None:
        """The selection in words; None where it is everything."""
        said = [
            f"data set {self.data_set}" if self.data_set else "",
            f"country {self.country}" if self.country else "",
            f"box {' '.join(f'{each:g}' for each in self.bbox)} (west, south, east, north)"
            if self.bbox
            else "",
        ]
        return ", ".join(filter(None, said)) or None

    @property
    def boxes(self) -> tuple[Bounds, ...]:
        """The box, in two where it crosses the antimeridian; none where there is none."""
        if self.bbox is None:
            return ()
        west, south, east, north = self.bbox
        if west <= east:
            return ((west, south, east, north),)
        return (west, south, 180.0, north), (-180.0, south, east, north)


def publication_of(snapshot: Snapshot, selection: Selection) -> Publication:
    """Return what is exported of a snapshot: everything selected that is in force from its revision on.

    Raises:
        NotFound: If nothing is published yet, or there is no such data set or country.
    """
    # A data set of the register's own declares no countries; its zones have them all the same.
    with_zones = {each.data_set for each in snapshot.zones if each.zone.country == selection.country}
    coverages = [each for each in snapshot.coverages if _is_of(each, selection, with_zones)]
    if not coverages:
        what = (
            f"There is nothing published with {selection.said}."
            if selection.said
            else "Nothing is published yet."
        )
        raise NotFound(what)
    keys = {each.data_set.key for each in coverages}
    zones = tuple(
        each
        for each in snapshot.zones
        if each.data_set in keys and _is_selected(each, selection) and not _is_over(each, snapshot)
    )
    return Publication(
        zones,
        tuple(_data_set(each.data_set, selection) for each in coverages),
        snapshot.revision,
        snapshot.published_at,
        _covered(coverages, selection),
        selection.said,
    )


def _is_of(coverage: Coverage, selection: Selection, with_zones: set[str]) -> bool:
    data_set = coverage.data_set
    countries = {*data_set.countries, *(zone.country for zone in data_set.quarantined)}
    return selection.data_set in (None, data_set.key) and (
        selection.country is None or selection.country in countries or data_set.key in with_zones
    )


def _is_selected(published: PublishedZone, selection: Selection) -> bool:
    right = selection.country in (None, published.zone.country)
    return right and (not selection.boxes or _touches(published.zone.bounds, selection.boxes))


def _is_over(published: PublishedZone, snapshot: Snapshot) -> bool:
    return snapshot.published_at is not None and published.valid[1] < snapshot.published_at


def _touches(bounds: Bounds, boxes: Iterable[Bounds]) -> bool:
    return any(any(True for _ in turns_to_meet(box, bounds)) for box in boxes)


def _data_set(data_set: DataSet, selection: Selection) -> DataSet:
    """Return a data set with the zones alone that were set aside and may be among those selected."""

    def may_be(zone: QuarantinedZone | Decision) -> bool:
        if selection.country not in (None, zone.country):
            return False
        return not selection.boxes or zone.bounds is None or _touches(zone.bounds, selection.boxes)

    return replace(
        data_set,
        quarantined=tuple(zone for zone in data_set.quarantined if may_be(zone)),
        decisions=tuple(decision for decision in data_set.decisions if may_be(decision)),
    )


def _covered(coverages: list[Coverage], selection: Selection) -> BaseGeometry | None:
    """Return the area in which the selection has every zone of its data sets; None where nobody declares one."""
    countries = {country for each in coverages for country in each.data_set.countries}
    if selection.country is not None and countries != {selection.country}:
        return None
    areas = [each.area for each in coverages if each.area is not None]
    if not areas:
        return None
    area = shapely.union_all(areas)
    boxes = [shapely.box(*box) for box in selection.boxes]
    return shapely.intersection(area, shapely.union_all(boxes)) if boxes else area


@dataclass
class Publications:
    """Exports, and the names that zones have in them: recorded where there is a register, else made each time alike."""

    engine: Engine | None = None
    _kept: OrderedDict[Any, Export] = field(default_factory=OrderedDict)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def export(
        self, snapshot: Snapshot, selection: Selection, format_name: str, options: Options | None = None
    ) -> Export:
        """Return an export of a snapshot; it takes seconds for a large register, so not on the event loop.

        Raises:
            NotFound: If there is nothing of that kind.
            NoSnapshot: If others have to be written first for too long.
            RegisterUnavailable: If a name has to be recorded and the database fails.
            ExportFailed: If what was written would be milder than what was published.
        """
        key = (snapshot.revision, snapshot.published_at, selection, format_name, options)
        found = self._kept.get(key) if snapshot.revision is not None else None
        if found is not None:
            return found
        publication = publication_of(snapshot, selection)
        with self._one_at_a_time():
            if key not in self._kept or snapshot.revision is None:
                self._keep(key, export(publication, format_name, self.names(publication), options))
            return self._kept[key]

    def preview(self, publication: Publication, format_name: str) -> Export:
        """Return an export of what is not published yet; nothing is kept of it, and no name is given for good.

        Raises:
            NoSnapshot: If others have to be written first for too long.
            RegisterUnavailable: If the database fails.
            ExportFailed: If what was written would be milder than what is drafted.
        """
        with self._one_at_a_time():
            return export(publication, format_name, self._names_now(publication))

    def names(self, publication: Publication) -> dict[ZoneKey, str]:
        """Return the names of zones in exports; those that are new are recorded before they are used.

        Raises:
            RegisterUnavailable: If the database fails.
        """
        names = self._names_now(publication)
        if self.engine is None:
            return names
        keys = [key_of(published) for published in publication.zones]
        with register.reading(self.engine) as connection:
            if to_record(names).keys() <= identifiers.given(connection).keys():
                return names
        with register.appending(self.engine) as connection:
            identifiers.lock(connection)
            given = identifiers.given(connection)
            names = exported_identifiers(keys, given, identifiers.own(connection, GIVEN.pattern))
            new = {key: name for key, name in to_record(names).items() if key not in given}
            identifiers.give(connection, new)
        return names

    def _names_now(self, publication: Publication) -> dict[ZoneKey, str]:
        """Return the names of zones in exports: those that are recorded, and for the rest those they would be given."""
        if self.engine is None:
            return names_of(publication)
        with register.reading(self.engine) as connection:
            given = identifiers.given(connection)
            taken = identifiers.own(connection, GIVEN.pattern)
        return exported_identifiers((key_of(published) for published in publication.zones), given, taken)

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Let one be written: whoever asks for many does not take every thread with them."""
        if not self._writing.acquire(timeout=WAIT_S):
            raise NoSnapshot("Other exports are being written. Ask again in a moment.")
        try:
            yield
        finally:
            self._writing.release()

    def _keep(self, key: Any, made: Export) -> None:
        self._kept[key] = made
        while len(self._kept) > 1 and sum(len(each.data) for each in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)
