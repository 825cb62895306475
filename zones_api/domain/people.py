"""Who may do what: the one policy that every door asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may be in an organisation. An administrator keeps the people and has no right to any data.

    An importer is a machine: it brings a publisher's documents for the data sets of its organisation, and nothing else.
    """

    DRAFTER = "drafter"
    APPROVER = "approver"
    PUBLISHER = "publisher"
    OPERATOR = "operator"
    POLICE = "police"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    IMPORTER = "importer"


class Action(StrEnum):
    """What one may do that not everyone may."""

    READ_DRAFT = "read a draft"
    WRITE_DRAFT = "write a draft"
    REVIEW_DRAFT = "review a draft"
    PUBLISH_DRAFT = "publish a draft"
    ASK_AS_POLICE = "ask as the police"
    IMPORT_DOCUMENT = "import a document"


POLICY: Mapping[Action, frozenset[Role]] = {
    Action.READ_DRAFT: frozenset({Role.DRAFTER, Role.APPROVER, Role.PUBLISHER, Role.AUDITOR}),
    Action.WRITE_DRAFT: frozenset({Role.DRAFTER}),
    Action.REVIEW_DRAFT: frozenset({Role.APPROVER}),
    Action.PUBLISH_DRAFT: frozenset({Role.PUBLISHER}),
    Action.ASK_AS_POLICE: frozenset({Role.POLICE}),
    Action.IMPORT_DOCUMENT: frozenset({Role.IMPORTER}),
}
"""The roles of which one is needed, in the organisation that it is about."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An authority, as its people and the register's commands name it."""

    id: int
    key: str
    name: str


@dataclass(frozen=True)
class Caller:
    """A person who is signed in, and their roles in each organisation, by its number."""

    person: int
    name: str
    roles: Mapping[int, frozenset[Role]]

    def organisations(self, action: Action) -> frozenset[int]:
        """Return the organisations for which the person may do something."""
        return frozenset(number for number, roles in self.roles.items() if roles & POLICY[action])

    def may(self, action: Action, organisation: int) -> bool:
        """Say whether the person may do something for an organisation."""
        return organisation in self.organisations(action)
