"""Texts, contacts and words as a format takes them: what does not fit is put elsewhere, never cut off."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from zones_api.domain.contacts import EMAIL, URI
from zones_api.domain.zone import Purpose, Text, UASZone, ZoneAuthority, ZoneType
from zones_api.formats.exports.losses import LossCode, Lost
from zones_api.formats.members import duration

SHORT = 200
"""The most characters a text of ED-318 has."""
NOT_STATED = "und"
"""The language of a text whose publisher does not say which it is (BCP 47)."""
ED318_REASONS = frozenset(
    ["AIR_TRAFFIC", "SENSITIVE", "PRIVACY", "POPULATION", "NATURE", "NOISE", "EMERGENCY", "DAR", "OTHER"]
)
ED269_REASONS = (ED318_REASONS - {"DAR"}) | {"FOREIGN_TERRITORY"}
MOST_REASONS = 9

DURATION = re.compile(r"P(?:\d+W|\d+D(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?|T(?:\d+H)?(?:\d+M)?(?:\d+S)?)")


def pieces(text: str, most: int = SHORT) -> list[str]:
    """Return a text in pieces of at most so many characters, broken at blanks where there are any."""
    found = []
    rest = text.strip()
    while len(rest) > most:
        at = max(rest.rfind(blank, 1, most + 1) for blank in (" ", "\n", "\t"))
        at = at if at > 0 else most
        found.append(rest[:at].strip())
        rest = rest[at:].strip()
    return [piece for piece in (*found, rest) if piece]


def tagged(texts: Iterable[Text], what: str, lost: Lost) -> list[dict[str, str]]:
    """Return texts as ED-318 has them, in their languages; a long one is several."""
    found = []
    for text in texts:
        lang = text.lang or NOT_STATED
        if len(lang) > 5:
            short = re.split(r"[-_]", lang)[0][:5]
            lost.add(LossCode.LANGUAGE_SHORTENED, f"The language {lang!r} is given as {short!r}.")
            lang = short or NOT_STATED
        parts = pieces(text.text)
        if len(parts) > 1:
            lost.add(
                LossCode.TEXT_SPLIT,
                f"A text of {what} has {len(text.text)} characters: it is given in {len(parts)} parts.",
            )
        found += [{"text": part, "lang": lang} for part in parts]
    return found


def in_one_language(texts: tuple[Text, ...], what: str, most: int, lost: Lost) -> str | None:
    """Return texts in the language of the first, one after the other, as ED-269 has them; whole, however long."""
    if not texts:
        return None
    chosen = texts[0].lang
    kept = [text.text for text in texts if text.lang == chosen]
    if len(kept) < len(texts):
        others = sorted({text.lang or NOT_STATED for text in texts if text.lang != chosen})
        lost.add(
            LossCode.LANGUAGE_CHOSEN,
            f"One language can be written: {what} is in {chosen or NOT_STATED!r}; {', '.join(others)} is kept aside.",
        )
    whole = "\n".join(kept)
    if len(whole) > most:
        lost.add(
            LossCode.TEXT_TOO_LONG,
            f"{what} has {len(whole)} characters and is given whole; {most} are foreseen.",
        )
    return whole


def reasons(zone: UASZone, known: frozenset[str], lost: Lost) -> list[str]:
    """Return why a zone is there, in a format's words; OTHER for one it does not know."""
    found: dict[str, None] = {}
    for reason in zone.reason:
        word = reason.strip().upper().replace(" ", "_").replace("-", "_")
        if word not in known:
            lost.add(LossCode.WORD_NOT_KNOWN, f"The reason {reason[:100]!r} is given as OTHER.")
            word = "OTHER"
        found[word] = None
    return list(found)[:MOST_REASONS]


def variant(zone: UASZone, lost: Lost) -> str:
    """Return COMMON or CUSTOMIZED; COMMON where the publisher says something else."""
    word = (zone.variant or "COMMON").upper()
    if word not in ("COMMON", "CUSTOMIZED"):
        lost.add(LossCode.WORD_NOT_KNOWN, f"The variant {zone.variant!r} is given as COMMON.")
        return "COMMON"
    return word


def exemption(zone: UASZone, lost: Lost) -> str | None:
    """Return whether a zone exempts from rules, where that is said in a known word."""
    word = (zone.regulation_exemption or "").upper()
    if word and word not in ("YES", "NO"):
        what = (
            f"The regulation exemption {zone.regulation_exemption!r} is neither YES nor NO: it is left out."
        )
        lost.add(LossCode.WORD_NOT_KNOWN, what)
        return None
    return word or None


@dataclass
class Contact:
    """Whom to ask, with what has the form of a contact; everything else is in `more`."""

    purpose: Purpose
    site_url: str | None = None
    email: str | None = None
    phone: str | None = None
    interval_before: str | None = None
    more: list[Text] = field(default_factory=list)

    @property
    def members(self) -> dict[str, Any]:
        """The members that have a value, by their names in either format."""
        values = {
            "siteURL": self.site_url,
            "email": self.email,
            "phone": self.phone,
            "purpose": str(self.purpose),
            "intervalBefore": self.interval_before,
        }
        return {name: value for name, value in values.items() if value is not None}


def contact(authority: ZoneAuthority, zone: UASZone, lost: Lost) -> Contact:
    """Return whom to ask as a format takes it; contacts of another form become texts beside the contact's name."""
    said = Contact(authority.purpose or _assumed(zone, lost))
    for name, value, form in (("site_url", authority.site_url, URI), ("email", authority.email, EMAIL)):
        if value is None:
            continue
        if form.fullmatch(value) and len(value) <= SHORT:
            setattr(said, name, value)
            continue
        first = form.search(value)
        if first and len(first[0]) <= SHORT:
            setattr(said, name, first[0])
        _move(said, value, "e-mail address" if name == "email" else "web address", lost)
    if authority.phone is not None and len(authority.phone) > SHORT:
        _move(said, authority.phone, "telephone number", lost)
    else:
        said.phone = authority.phone
    interval = authority.interval_before
    if interval is not None:
        if (
            authority.lead_time is not None
            and DURATION.fullmatch(interval.upper())
            and interval[-1] not in "Tt"
        ):
            said.interval_before = interval.upper()
        elif authority.lead_time is not None:
            said.interval_before = duration(authority.lead_time)
        else:
            _move(said, f"Interval before: {interval}", "interval before", lost)
    return said


def nobody(zone: UASZone, provider: tuple[Text, ...], lost: Lost) -> ZoneAuthority:
    """Return whom to ask about a zone that names nobody: the data set's provider."""
    lost.add(
        LossCode.AUTHORITY_MISSING,
        "The zone names no authority: the data set's provider stands in its place.",
    )
    return ZoneAuthority(_purpose(zone), name=provider)


def _move(said: Contact, value: str, what: str, lost: Lost) -> None:
    said.more.append(Text(value))
    lost.add(
        LossCode.CONTACT_MOVED, f"{value[:80]!r} is not one {what}: it stands beside the contact's name."
    )


def _assumed(zone: UASZone, lost: Lost) -> Purpose:
    purpose = _purpose(zone)
    lost.add(LossCode.PURPOSE_ASSUMED, f"An authority does not say its purpose: {purpose} is given.")
    return purpose


def _purpose(zone: UASZone) -> Purpose:
    asks = zone.type in (ZoneType.REQ_AUTHORIZATION, ZoneType.PROHIBITED, ZoneType.USPACE)
    return Purpose.AUTHORIZATION if asks else Purpose.INFORMATION
