"""A register with its people, asked over HTTP: what the tests of the authorities' work stand on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import shapely
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import Engine

from tests.application import application
from tests.documents import circle, collection, feature
from tests.registers import database
from zones_api.api.deps import RegisterDoors
from zones_api.authoring import Desk
from zones_api.domain.competence import Competence, Mode
from zones_api.domain.people import Role
from zones_api.domain.spans import BEGINNING, END
from zones_api.domain.territory import Territories
from zones_api.domain.zone import ZoneType
from zones_api.following import Following, catch_up
from zones_api.formats.document import read_document
from zones_api.history import History
from zones_api.identity import Identity, issue_token
from zones_api.intake import Intake
from zones_api.keys import Keys, make_keys, read_keys
from zones_api.originals import Originals
from zones_api.publishing import Submission, import_documents
from zones_api.store import people
from zones_api.store.register import as_service, open_register, writing

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AREA = shapely.box(4.0, 51.5, 6.0, 53.0)
"""Where the aviation authority of these tests is competent."""
COVERAGE = json.loads(shapely.to_geojson(shapely.box(4.2, 51.8, 5.6, 52.8)))
PEOPLE = {
    "anna": ("caa", [Role.DRAFTER]),
    "bram": ("caa", [Role.APPROVER]),
    "cees": ("caa", [Role.PUBLISHER]),
    "dina": ("caa", [Role.DRAFTER, Role.APPROVER, Role.PUBLISHER]),
    "evert": ("caa", [Role.APPROVER]),
    "olga": ("other", [Role.DRAFTER, Role.APPROVER, Role.PUBLISHER]),
    "pim": ("police", [Role.POLICE]),
    "gijs": ("caa", [Role.AUDITOR]),
    "hans": ("caa", [Role.ADMINISTRATOR]),
    "machine": ("caa", [Role.IMPORTER]),
    "machine-of-others": ("other", [Role.IMPORTER]),
}


def competence(mode: Mode = Mode.PUBLISH, **changes: Any) -> Competence:
    """Return a competence for every restricting type, up to 1000 m, over AREA and for ever."""
    values: dict[str, Any] = {
        "mode": mode,
        "zone_types": frozenset(ZoneType) - {ZoneType.NO_RESTRICTION},
        "max_height_m": 1000.0,
        "valid": (BEGINNING, END),
        "area": AREA,
        "legal_basis": "an act",
    }
    return Competence(0, **(values | changes))


class Bench:
    """A service at a moment that tests move, and calls to it in somebody's name."""

    def __init__(self, engine: Engine, owner: Engine, keys: Keys, territories: Territories) -> None:
        self.engine, self.owner, self.keys, self.territories = engine, owner, keys, territories
        self.now = NOW
        self.following = Following()
        self.tokens: dict[str, str] = {}
        self._numbers = count(1)
        self.desk = Desk(engine, keys, territories, self._id)
        doors = RegisterDoors(
            History(engine, territories, self.following, self._id),
            Identity(engine, keys),
            self.desk,
            Originals(engine),
            Intake(engine, {"national": "caa"}),
        )
        self.client = TestClient(
            application(self.following, lambda: self.now, register=doors), raise_server_exceptions=False
        )
        self.follow()

    def _id(self) -> UUID:
        return UUID(int=next(self._numbers))

    def follow(self) -> None:
        """Bring the service to the register's revision, as its follower does."""
        catch_up(self.engine, self.territories, self.following, lambda: self.now)

    def imported(self, data_set: str, *features: Any, **metadata: Any) -> None:
        """Import a document of some features into a mirrored data set, and follow."""
        data = collection(*features, **metadata)
        submission = Submission(
            data_set, f"{data_set}.json", data, read_document(data), accept_fewer_zones=True
        )
        import_documents(self.engine, [submission], lambda: self.now, self.keys.sign)
        self.follow()

    def set_aside(self, data_set: str, **properties: Any) -> None:
        """Import a document with zone A1, and Q1, whose latitude is 152."""
        broken = {"type": "Polygon", "coordinates": [[[5.2, 52.0], [5.4, 152.0], [5.4, 52.1], [5.2, 52.0]]]}
        self.imported(data_set, feature(), feature("Q1", **({"geometry": broken} | properties)))

    def sign_in(self, person: str, *more: Role) -> str:
        """Return an API key that is valid at this moment, for the person's roles and more."""
        roles = [*PEOPLE[person][1], *more]
        return issue_token(
            self.owner,
            self.keys,
            f"{next(self._numbers):043d}",
            person,
            "a test",
            roles,
            timedelta(hours=24),
            self.now,
        )

    def call(self, person: str | None, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """Call the service in somebody's name; a write gets a key of its own unless one is given."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if person is not None:
            if person not in self.tokens:
                self.tokens[person] = self.sign_in(person)
            sent["Authorization"] = f"Bearer {self.tokens[person]}"
        if method != "GET":
            sent.setdefault("Idempotency-Key", f"key-{next(self._numbers)}")
        content = None if body is None else json.dumps(body)
        return self.client.request(
            method, path, content=content, headers=sent | {"Content-Type": "application/json"}
        )

    def draft(self, person: str = "anna", **changes: Any) -> dict[str, Any]:
        """Begin a draft, and return it."""
        said = self.call(person, "POST", "/v1/drafts", {"content": content(**changes)})
        assert said.status_code == 201, said.text
        return dict(said.json())

    def step(self, person: str, draft: Mapping[str, Any], step: str, **more: Any) -> Response:
        """Take a step with a draft as it was read."""
        body = {"digest": draft["digest"]} | more
        return self.call(person, "POST", f"/v1/drafts/{draft['id']}/{step}", body)

    def approved(self, draft: Mapping[str, Any], *approvers: str) -> None:
        """Submit a draft and let it be approved."""
        assert self.step("anna", draft, "submission").status_code == 200
        for person in approvers or ("bram",):
            said = self.step(person, draft, "reviews", verdict="approved")
            assert said.status_code == 200, said.text

    def published(self, **changes: Any) -> dict[str, Any]:
        """Publish a draft of this content, and follow."""
        draft = self.draft(**changes)
        self.approved(draft, "bram", "evert")
        said = self.step("cees", draft, "publication")
        assert said.status_code == 201, said.text
        self.follow()
        return dict(said.json())

    def status(self, lon: float, lat: float, at: datetime | None = None, **asked: Any) -> dict[str, Any]:
        """Ask the public what applies at a place, from the ground to 50 m."""
        question = {"lon": lon, "lat": lat, "max_height": 50, "reference": "AGL", **asked}
        if at is not None:
            question["at"] = at.isoformat()
        said = self.client.post("/v1/status", json=question)
        assert said.status_code == 200, said.text
        return dict(said.json())


@contextmanager
def register_of_its_own(cluster: str, name: str) -> Iterator[tuple[Engine, Engine]]:
    """Give an empty register of a name, as the service and as its owner, for more than one test."""
    with database(cluster, name) as url:
        engine, owner = open_register(as_service(url)), open_register(url)
        try:
            yield engine, owner
        finally:
            engine.dispose()
            owner.dispose()


@contextmanager
def bench(engine: Engine, owner: Engine, folder: Path, territories: Territories) -> Iterator[Bench]:
    """Give a bench on an empty register with its people and one competent organisation."""
    make_keys(folder)
    with writing(owner) as connection:
        for key in ("caa", "other", "police"):
            people.add_organisation(connection, key, f"The {key}")
        for person, (organisation, roles) in PEOPLE.items():
            people.add_person(connection, person, person.title())
            for role in roles:
                people.grant(connection, person, organisation, role, NOW)
        people.add_competence(connection, "caa", competence(), NOW)
        people.add_competence(connection, "caa", competence(Mode.EMERGENCY), NOW)
    made = Bench(engine, owner, read_keys(folder), territories)
    with made.client:
        yield made


def content(**changes: Any) -> dict[str, Any]:
    """Return the content of a draft that adds one circle of 1 km at 4.8, 52.3, from publication on."""
    return {
        "title": "A test zone",
        "data_set": "caa-zones",
        "legal_reference": "Stcrt. 2026, 1234, art. 3",
        "items": [asserting()],
    } | changes


def asserting(
    identifier: str = "T1", radius_m: float = 1000, valid: Any = None, **properties: Any
) -> dict[str, Any]:
    """Return the item that makes a circle apply."""
    properties.setdefault("geometry", circle(4.8, 52.3, radius_m))
    return {
        "change": "assert",
        "feature": feature(identifier, **properties),
        "valid": valid or {"from": None, "to": None},
    }


def withdrawing(identifier: str = "T1", valid: Any = None) -> dict[str, Any]:
    """Return the item that takes a zone away."""
    return {
        "change": "withdraw",
        "country": "NLD",
        "identifier": identifier,
        "valid": valid or {"from": None, "to": None},
    }
