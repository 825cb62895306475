"""What a format that can be read back is able to say of heights and times."""

from __future__ import annotations

from dataclasses import dataclass

from zones_api.domain.altitude import VerticalReference


@dataclass(frozen=True, slots=True)
class Target:
    """A format: whether it has only whole numbers for limits, which references, and events of daylight."""

    name: str
    whole_numbers: bool
    references: frozenset[VerticalReference]
    daylight: bool
    uspace: bool
    radius_in_metres: bool


ED318 = Target(
    "ED-318",
    whole_numbers=False,
    references=frozenset([VerticalReference.AGL, VerticalReference.AMSL, VerticalReference.WGS84]),
    daylight=True,
    uspace=True,
    radius_in_metres=True,
)
ED269 = Target(
    "ED-269",
    whole_numbers=True,
    references=frozenset([VerticalReference.AGL, VerticalReference.AMSL]),
    daylight=False,
    uspace=False,
    radius_in_metres=False,
)
