"""The people of the demonstration, who sign in without a password: for trying the service, and for nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine

from zones_api.domain.competence import Competence, Mode
from zones_api.domain.people import Role
from zones_api.domain.spans import BEGINNING, END
from zones_api.domain.zone import ZoneType
from zones_api.store import people
from zones_api.store.register import appending

AUTHORITY, POLICE = "demo-authority", "demo-police"
_ORGANISATIONS = {AUTHORITY: "Aviation authority (demonstration)", POLICE: "Police (demonstration)"}
MAX_HEIGHT_M = 1_000.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A made-up person with one role."""

    key: str
    name: str
    organisation: str
    role: Role


FIGURES = (
    Figure("demo-drafter", "Dana (drafter)", AUTHORITY, Role.DRAFTER),
    Figure("demo-approver", "Arie (approver)", AUTHORITY, Role.APPROVER),
    Figure("demo-second-approver", "Soraya (approver)", AUTHORITY, Role.APPROVER),
    Figure("demo-publisher", "Petra (publisher)", AUTHORITY, Role.PUBLISHER),
    Figure("demo-police", "Karim (police)", POLICE, Role.POLICE),
)


def prepare(owner: Engine, area: BaseGeometry, now: datetime) -> None:
    """Put the people of the demonstration into a register, competent in an area; those who are there stay."""
    with appending(owner) as connection:
        for key, name in _ORGANISATIONS.items():
            people.add_organisation(connection, key, name)
        for figure in FIGURES:
            people.add_person(connection, figure.key, figure.name)
            people.grant(connection, figure.key, figure.organisation, figure.role, now)
        if any(key == AUTHORITY for key, _ in people.competences(connection)):
            return
        for mode in (Mode.PUBLISH, Mode.EMERGENCY):
            held = Competence(
                0,
                mode,
                frozenset(ZoneType),
                MAX_HEIGHT_M,
                (BEGINNING, END),
                area,
                "made up for the demonstration",
            )
            people.add_competence(connection, AUTHORITY, held, now)
