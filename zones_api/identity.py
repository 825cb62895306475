"""Who is calling, and the keys they call with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine

from zones_api.access_tokens import AccessTokens
from zones_api.domain.people import Caller, Role
from zones_api.errors import NotSignedIn, UnacceptableInput
from zones_api.keys import Keys
from zones_api.store import people, register

_API_KEY = re.compile(r"zones_[A-Za-z0-9_-]{43}")
LONGEST_LIFE = timedelta(days=366)
LONGEST_LIFE_OF_POWER = timedelta(hours=24)
"""A key that can approve, publish or look as the police is for a day's work: people sign in for that."""
_POWER = frozenset({Role.APPROVER, Role.PUBLISHER, Role.POLICE})


@dataclass(frozen=True)
class Identity:
    """Tells who is calling by what they present.

    `access_tokens` knows the identity providers that are accepted, None if there are none. `demonstration` are keys that anyone may have, by the person they stand for; empty but in a demonstration.
    """

    engine: Engine
    keys: Keys
    access_tokens: AccessTokens | None = None
    demonstration: Mapping[str, str] = field(default_factory=dict)

    def caller(self, credential: str, now: datetime) -> Caller:
        """Return who presents a credential.

        Raises:
            NotSignedIn: If it is not, or no longer, valid; which of these is not said.
            SignInUnavailable: If their identity provider does not answer.
            RegisterUnavailable: If the database fails.
        """
        if not _API_KEY.fullmatch(credential):
            return self._at_provider(credential, now)
        with register.reading(self.engine) as connection:
            if credential in self.demonstration:
                return people.caller_of_person(connection, self.demonstration[credential])
            caller = people.caller_of_token(connection, self.keys.digest_of(credential), now)
        if caller is None:
            raise NotSignedIn("This API key is not known here, or it has expired or was revoked.")
        return caller

    def _at_provider(self, credential: str, now: datetime) -> Caller:
        if self.access_tokens is None:
            raise NotSignedIn("This is not an API key of this register.")
        subject = self.access_tokens.subject_of(credential, now)
        with register.reading(self.engine) as connection:
            caller = people.caller_of_identity(connection, subject.issuer, subject.subject)
        if caller is None:
            raise NotSignedIn(
                "You are signed in at your identity provider, and are nobody in this register yet: ask whoever keeps"
                f" its people to add your identity {subject.subject!r} there."
            )
        return caller


def issue_token(
    engine: Engine,
    keys: Keys,
    secret: str,
    person: str,
    name: str,
    roles: Sequence[Role],
    lasting: timedelta,
    now: datetime,
) -> str:
    """Return a new API key, which is kept nowhere: the register has its digest alone.

    Args:
        engine: The register, as its owner.
        keys: The installation's secrets.
        secret: 256 random bits, base64url.
        person: Who answers for what is done with it.
        name: What it is for.
        roles: What it can be used for, as far as the person has these roles.
        lasting: How long.
        now: From when.

    Raises:
        UnacceptableInput: If it would last longer than such a key may.
        NotFound: If there is no such person.
    """
    longest = LONGEST_LIFE_OF_POWER if _POWER.intersection(roles) else LONGEST_LIFE
    if not timedelta(0) < lasting <= longest:
        hours = longest // timedelta(hours=1)
        raise UnacceptableInput(f"A key with these roles lasts at most {hours} hours.")
    token = f"zones_{secret}"
    with register.appending(engine) as connection:
        people.add_token(connection, person, name, roles, keys.digest_of(token), now, now + lasting)
    return token
