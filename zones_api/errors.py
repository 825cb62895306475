"""What can fail. No status codes here: `api/problems.py` gives each class its own."""

from dataclasses import dataclass, field
from typing import Any, Literal


class ZonesError(Exception):
    """A failure with two audiences: `detail` is for the caller, `context` only for the log."""

    def __init__(self, detail: str, **context: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.context = context


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong in a document, a draft or a question.

    `pointer` is a JSON pointer (RFC 6901) into what was given; "" is the whole of it.
    `severity`: `stop` refuses the document or the question, `quarantine` sets one zone aside,
    `flag` leaves the zone in force with a reason code, `warn` is for a draft's authors to look at again, `note`
    changes no answer. `dutch` says the same as `detail` in Dutch, where both are written.
    """

    code: str
    pointer: str
    detail: str
    severity: Literal["stop", "quarantine", "flag", "warn", "note"] = "stop"
    dutch: str | None = field(default=None, compare=False)


class InvalidInput(ZonesError):
    """What was given is not of the form asked for: wrong type, missing or unknown member."""

    def __init__(self, detail: str, defects: tuple[Defect, ...] = (), **context: Any) -> None:
        super().__init__(detail, **context)
        self.defects = defects


class UnacceptableInput(InvalidInput):
    """Well formed, but it cannot be meant: a ring that crosses itself, an end before its start."""


class UnsupportedMediaType(ZonesError):
    """A body of a type that is not read here."""


class InputTooLarge(ZonesError):
    """More bytes, vertices, depth or work than one request may ask for."""


class DocumentRefused(InvalidInput):
    """A zone document that cannot be taken; carries every defect found."""


class NoSnapshot(ZonesError):
    """No zones are loaded yet, so no question can be answered."""


class RegisterUnavailable(ZonesError):
    """The database cannot be reached, or is not at the version this program needs."""


class EmbeddedPostGISFailed(ZonesError):
    """The private PostGIS cluster cannot be created, started or entered."""


class GeodataUnusable(ZonesError):
    """The geoid grid or the terrain model cannot be read or is not what it should be; the service does not start."""


class NotSignedIn(ZonesError):
    """Who asks is not known: no API key or access token, or one that is not, or no longer, valid."""


class SignInUnavailable(ZonesError):
    """Who asks cannot be told now, because their identity provider does not answer."""


class NotEntitled(ZonesError):
    """Who asks is known and may not do this."""


class NotFound(ZonesError):
    """There is no such thing, or none that the caller may know of."""


class WrongState(ZonesError):
    """The thing is not in a state in which this can be done."""


class Stale(ZonesError):
    """What the caller saw is no longer what is there; `versions` are theirs and the present one, where known."""

    def __init__(self, detail: str, versions: tuple[dict[str, Any], ...] = (), **context: Any) -> None:
        super().__init__(detail, **context)
        self.versions = versions


class PreconditionMissing(ZonesError):
    """The caller must say which version they saw."""


class KeyReused(ZonesError):
    """An Idempotency-Key that was used for another request."""


class DraftDefective(UnacceptableInput):
    """A draft that cannot be submitted or published as it is; carries every defect found."""


class KeysMissing(ZonesError):
    """The installation's own secrets are not where they should be."""


class ExportFailed(ZonesError):
    """An export that would not say what was published; it is never given out. The fault is the program's."""
