"""What there is to say about a drafted zone that can be read: what stops it, and what its authors should look at again.

Reading has already found what is wrong with it as a document; here it is weighed against the zone that stands, the
zones around it, the ground, and the time. What cannot be decided is not said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from zones_api.domain.altitude import (
    HeightRange,
    Limit,
    Surroundings,
    VerticalExtent,
    VerticalReference,
    overlap,
)
from zones_api.domain.applicability import NAIVE_DOUBT, Window, timeline
from zones_api.domain.contacts import opens_in_a_browser, takes_mail
from zones_api.domain.geometry import METRES_PER_DEGREE, Bounds, Polygon, area_km2
from zones_api.domain.impact import Compared, DrawnVolume, Overlap, drawn, overlaps_of, without
from zones_api.domain.overlap import Place
from zones_api.domain.reasons import Reason
from zones_api.domain.spans import END, Span, meets
from zones_api.domain.spans import shifted as later
from zones_api.domain.texts import Bilingual, moment, type_in_words
from zones_api.domain.truth import NO
from zones_api.domain.zone import PublishedZone, Purpose, Text, TimePeriod, UASZone, ZoneAuthority, ZoneType
from zones_api.errors import Defect

CHANGED_PART = 0.2
"""An area of which more than this part changes may have been drawn anew by mistake."""
UNEVEN_M = 50.0
"""Over ground that varies by more than this, a limit above ground is not what one sees on a map."""
NARROW_M = 10.0
MANY_VERTICES = 500
SHORT_NOTICE = timedelta(hours=24)
MOST_NAMED = 3

_LEAST_SLIVER_KM2 = 1e-6
"""What remains of a wider part by rounding is smaller than this, a square metre."""
_MOST_MEASURED = 10_000
"""Slivers are looked for in parts of up to so many vertices, which takes up to about a second."""
_SEASONS = timedelta(days=366)
"""A week and the sun are back where they were after this, so a schedule not in force within it never is."""
_WEEKS = timedelta(days=9)
"""Nearly every schedule is in force within this; it is looked at first."""
_LONGEST = {
    "/properties/identifier": 7,
    "/properties/name": 200,
    "/properties/message": 200,
    "/properties/otherReasonInfo": 200,
    "/properties/zoneAuthority": 200,
}
"""The most characters of a text. ED-318's schema has no limit for `restrictionConditions`.

Source: UASGeoZones/ED-318, Schema_GeoZoneProperties.json, Schema_GeoZoneAuthority.json and `textShortType`.
"""


@dataclass(frozen=True)
class Hint:
    """One thing to say. The pointer is into the zone's feature; `place` is where, lon/lat degrees, None is all of it."""

    defect: Defect
    place: BaseGeometry | None = None


def hints(
    zone: UASZone,
    standing: Sequence[UASZone],
    others: Sequence[PublishedZone],
    span: Span,
    published_at: datetime,
    surroundings: Callable[[Place], Surroundings],
    *,
    stops_only: bool = False,
) -> list[Hint]:
    """Return everything there is to say about a drafted zone, what stops it first.

    Args:
        zone: The zone as drafted and read.
        standing: The versions of it that apply over any of its time.
        others: At least all zones of the register whose boxes meet its own; itself among them does no harm.
        span: When it is to apply.
        published_at: When it would be published, UTC.
        surroundings: What is known of the ground and the geoid all over a place.
        stops_only: Look for what stops it alone, which is far quicker.
    """
    drafted = _Drafted(zone, standing, others, span, published_at, surroundings)
    return gravest_first(hint for rule in (STOPS if stops_only else RULES) for hint in rule(drafted))


def gravest_first(found: Iterable[Hint]) -> list[Hint]:
    """Return hints with what stops first, and what only notes something last; alike ones stay in their order."""
    order = ("stop", "quarantine", "flag", "warn", "note")
    return sorted(found, key=lambda hint: order.index(hint.defect.severity))


@dataclass(frozen=True)
class _Drafted:
    """A drafted zone and all that it is weighed against."""

    zone: UASZone
    standing: Sequence[UASZone]
    others: Sequence[PublishedZone]
    span: Span
    published_at: datetime
    surroundings: Callable[[Place], Surroundings]

    @cached_property
    def volumes(self) -> tuple[DrawnVolume, ...]:
        """Its volumes with their outlines and the ground beneath them."""
        return drawn(self.zone, self.surroundings)

    @cached_property
    def outline(self) -> BaseGeometry:
        """Everything it covers."""
        return shapely.union_all([volume.outline for volume in self.volumes])


Rule = Callable[[_Drafted], Iterator[Hint]]


# --- whom to ask ---


def _permission_without_contact(drafted: _Drafted) -> Iterator[Hint]:
    if _asks_permission(drafted.zone) and not any(map(_is_reachable, drafted.zone.authorities)):
        what = Bilingual(
            "One must ask permission here, and no authority has an email address, a phone number or a site.",
            "Hier moet men toestemming vragen, en geen instantie heeft een e-mailadres, telefoonnummer of website.",
        )
        yield _stop("CONTACT_MISSING", "/properties/zoneAuthority", what)


def _contact_that_reaches_nobody(drafted: _Drafted) -> Iterator[Hint]:
    """Look for contacts that are not shown to pilots, or lead nowhere, because they are not written whole."""
    for number, authority in enumerate(drafted.zone.authorities):
        at = f"/properties/zoneAuthority/{number}"
        site, email = authority.site_url, authority.email
        if site and not opens_in_a_browser(site):
            whole = f"https://{site}"
            example = whole if opens_in_a_browser(whole) and ":" not in site else "https://www.example.org"
            what = Bilingual(
                f"The web site {site[:80]!r} would not be shown to pilots: write one address that begins with https://"
                f" or http://, such as {example}.",
                f"De website {site[:80]!r} zou piloten niet getoond worden: schrijf één adres dat begint met https://"
                f" of http://, zoals {example}.",
            )
            yield _stop("SITE_UNUSABLE", f"{at}/siteURL", what)
        if email and not takes_mail(email):
            what = Bilingual(
                f"No mail reaches {email[:80]!r}: write one e-mail address with its whole domain, such as"
                " drones@example.org.",
                f"Op {email[:80]!r} komt geen e-mail aan: schrijf één e-mailadres met het hele domein, zoals"
                " drones@example.org.",
            )
            yield _stop("EMAIL_UNUSABLE", f"{at}/email", what)


def _contact_without_phone(drafted: _Drafted) -> Iterator[Hint]:
    authorities = drafted.zone.authorities
    if any(map(_is_reachable, authorities)) and not any(each.phone for each in authorities):
        what = Bilingual(
            f"None of the {len(authorities)} authorities has a phone number to call at any hour.",
            f"Geen van de {len(authorities)} instanties heeft een telefoonnummer dat op elk uur te bellen is.",
        )
        if len(authorities) == 1:
            what = Bilingual(
                "The authority has no phone number to call at any hour.",
                "De instantie heeft geen telefoonnummer dat op elk uur te bellen is.",
            )
        yield _warn("PHONE_MISSING", "/properties/zoneAuthority", what)


def _ban_with_nobody_to_call(drafted: _Drafted) -> Iterator[Hint]:
    zone = drafted.zone
    if (
        zone.type is ZoneType.PROHIBITED
        and not _asks_permission(zone)
        and not any(map(_is_reachable, zone.authorities))
    ):
        what = Bilingual(
            "The zone names nobody who can be reached: pilots and police would have nobody to call.",
            "De zone noemt niemand die te bereiken is: piloten en politie zouden niemand hebben om te bellen.",
        )
        yield _warn("PHONE_MISSING", "/properties/zoneAuthority", what)


def _asks_permission(zone: UASZone) -> bool:
    """Say whether a zone asks for permission: by its type, a coded condition or an authority to ask it of."""
    return (
        zone.type is ZoneType.REQ_AUTHORIZATION
        or any(condition.then is ZoneType.REQ_AUTHORIZATION for condition in zone.coded_conditions)
        or (
            zone.type in (ZoneType.USPACE, ZoneType.CONDITIONAL)
            and any(each.purpose is Purpose.AUTHORIZATION for each in zone.authorities)
        )
    )


def _is_reachable(authority: ZoneAuthority) -> bool:
    return bool(authority.email or authority.phone or authority.site_url)


# --- when ---


def _never_in_force(drafted: _Drafted) -> Iterator[Hint]:
    zone, (start, end) = drafted.zone, drafted.span
    if any(_comes_into_force(period, drafted.span, zone.bounds) for period in zone.applicability):
        return
    since, until = moment(start, zone.country), Bilingual("on", "")
    if end != END:
        last = moment(end, zone.country)
        until = Bilingual(f"until {last.en}", f" tot {last.nl}")
    what = Bilingual(
        f"By its own dates and weekly times the zone is never in force from {since.en} {until.en}.",
        f"Volgens haar eigen data en weektijden is de zone vanaf {since.nl}{until.nl} nooit van kracht.",
    )
    yield _stop("NEVER_IN_FORCE", "/properties/limitedApplicability", what)


def _comes_into_force(period: TimePeriod, span: Span, place: Bounds) -> bool:
    """Say whether a period is, or may be, in force at any time of a span: if so, then in its first year of it."""
    first, last = span
    if period.doubt is None and period.start is not None and period.start.at is not None:
        at = period.start.at
        first = max(first, later(at.replace(tzinfo=UTC), -NAIVE_DOUBT) if at.tzinfo is None else at)
    if first > last:
        return False
    windows = [
        _window(first, first + length if last - first > length else last) for length in (_WEEKS, _SEASONS)
    ]
    return any(timeline((period,), window, place).possible for window in windows)


def _in_force_soon(drafted: _Drafted) -> Iterator[Hint]:
    published_at = drafted.published_at
    start = max(drafted.span[0], published_at)
    end = min(drafted.span[1], published_at + SHORT_NOTICE - timedelta.resolution)
    if start > end:
        return
    possible = timeline(drafted.zone.applicability, _window(start, end), drafted.zone.bounds).possible
    first = min((since for since, _ in possible), default=None)
    if first is None:
        return
    minutes = (first - published_at) // timedelta(minutes=1)
    said, dan = f"after {minutes // 60} h {minutes % 60} min", f"na {minutes // 60} u {minutes % 60} min"
    if first == published_at:
        said, dan = "at once", "meteen"
    at = moment(published_at, drafted.zone.country)
    what = Bilingual(
        f"Published at {at.en}, the zone comes into force {said}: in less than 24 hours.",
        f"Gepubliceerd om {at.nl} wordt de zone {dan} van kracht: binnen 24 uur.",
    )
    yield _warn("IN_FORCE_SOON", "", what)


def _window(start: datetime, end: datetime) -> Window:
    return Window(start.astimezone(UTC), end.astimezone(UTC))


# --- how high ---


def _heights_never_met(drafted: _Drafted) -> Iterator[Hint]:
    """Weigh the limits against each other and against the ground, which decide apart from any question."""
    for drawn_volume in drafted.volumes:
        extent = drawn_volume.volume.vertical
        met = overlap(HeightRange(), extent, drawn_volume.around)
        between = Bilingual(
            f"From {limit_in_words(extent.lower).en} to {limit_in_words(extent.upper).en}",
            f"Van {limit_in_words(extent.lower).nl} tot {limit_in_words(extent.upper).nl}",
        )
        if extent.doubt is None and met.reasons == {Reason.LIMITS_MEANINGLESS}:
            what = Bilingual(
                f"{between.en} the zone is upside down: its lower limit is above its upper one.",
                f"{between.nl} staat de zone op haar kop: haar ondergrens ligt boven haar bovengrens.",
            )
            yield _stop("LIMITS_MEANINGLESS", "/geometry", what, drawn_volume.outline)
        elif met == NO:
            ground = drawn_volume.around.ground_m
            what = Bilingual(
                f"{between.en} the zone is below the ground, which is {ground.low:.0f} m AMSL or higher there.",
                f"{between.nl} ligt de zone onder de grond, die daar {ground.low:.0f} m AMSL of hoger is.",
            )
            yield _stop("BELOW_GROUND", "/geometry", what, drawn_volume.outline)
        elif _is_plane(extent):
            what = Bilingual(
                f"{between.en} the zone has no thickness: it is met at that one height alone.",
                f"{between.nl} heeft de zone geen dikte: zij wordt alleen op die ene hoogte geraakt.",
            )
            yield _warn("NO_THICKNESS", "/geometry", what, drawn_volume.outline)


def _limit_over_uneven_ground(drafted: _Drafted) -> Iterator[Hint]:
    for drawn_volume in drafted.volumes:
        limits = (drawn_volume.volume.vertical.lower, drawn_volume.volume.vertical.upper)
        around = drawn_volume.around
        varies_m = around.ground_m.high - around.ground_m.low
        above_ground = [
            limit for limit in limits if limit and limit.height.reference is VerticalReference.AGL
        ]
        if above_ground and around.surveyed and varies_m > UNEVEN_M:
            limit, ground = limit_in_words(above_ground[-1]), around.ground_m
            what = Bilingual(
                f"The limit of {limit.en} follows ground between {ground.low:.0f} and {ground.high:.0f} m AMSL, which"
                f" varies by {varies_m:.0f} m (over {UNEVEN_M:.0f} m).",
                f"De grens van {limit.nl} volgt grond tussen {ground.low:.0f} en {ground.high:.0f} m AMSL, een verschil"
                f" van {varies_m:.0f} m (meer dan {UNEVEN_M:.0f} m).",
            )
            yield _warn("GROUND_UNEVEN", "/geometry", what, drawn_volume.outline)


def _is_plane(extent: VerticalExtent) -> bool:
    return (
        extent.lower is not None and extent.upper is not None and extent.lower.height == extent.upper.height
    )


# --- where ---


def _area_changed(drafted: _Drafted) -> Iterator[Hint]:
    """Compare the outline with that of the version that stands, of several with the one that differs most."""
    new_km2 = area_km2(drafted.outline)
    changes = []
    for zone in drafted.standing:
        was = shapely.union_all([volume.outline for volume in drawn(zone, lambda _: Surroundings())])
        changed = shapely.union_all([without(drafted.outline, was), without(was, drafted.outline)])
        changes.append((area_km2(changed) / max(area_km2(was), 1e-12), area_km2(was), changed))
    if not changes:
        return
    part, was_km2, changed = max(changes, key=lambda each: each[0])
    if part > CHANGED_PART:
        what = Bilingual(
            f"The zone covers {_size(was_km2)} as it stands and {_size(new_km2)} as drafted; {_size(area_km2(changed))}"
            f" of it changes, {100 * part:.1f} % of what stands (over {100 * CHANGED_PART:.0f} %).",
            f"De zone beslaat {_size(was_km2)} zoals zij geldt en {_size(new_km2)} in het concept; daarvan verandert"
            f" {_size(area_km2(changed))}, {100 * part:.1f} % van wat geldt (meer dan {100 * CHANGED_PART:.0f} %).",
        )
        yield _warn("AREA_CHANGED", "/geometry", what, changed)


def _over_milder_zones(drafted: _Drafted) -> Iterator[Hint]:
    zone = drafted.zone
    others = [
        each
        for each in drafted.others
        if (each.zone.country, each.zone.identifier) != (zone.country, zone.identifier)
        and meets((each.valid,), drafted.span)
    ]
    over = [
        each
        for each in overlaps_of(drafted.volumes, zone, others)
        if each.drafted_is is Compared.STRICTER and _may_be_in_force(each.published, drafted.span)
    ]
    if not over:
        return
    over.sort(key=lambda each: -each.area.km2)
    named = [_named(each) for each in over[:MOST_NAMED]]
    applies = type_in_words(zone.published_type)
    more = len(over) - MOST_NAMED
    and_more = Bilingual(f" and {more} more", f" en nog {more}") if more > 0 else Bilingual("", "")
    what = Bilingual(
        f"The zone lies over {', '.join(each.en for each in named)}{and_more.en}: stricter wins there, so"
        f" {applies.en} applies.",
        f"De zone ligt over {', '.join(each.nl for each in named)}{and_more.nl}: het strengste wint, dus geldt daar:"
        f" {applies.nl}.",
    )
    yield _warn(
        "OVER_MILDER_ZONE", "/geometry", what, shapely.union_all([each.area.geometry for each in over])
    )


def _named(over: Overlap) -> Bilingual:
    zone, size = over.published.zone, _size(over.area.km2)
    requires = type_in_words(zone.published_type)
    return Bilingual(
        f"{zone.country} {zone.identifier} ({requires.en}, {size})",
        f"{zone.country} {zone.identifier} ({requires.nl}, {size})",
    )


def _may_be_in_force(published: PublishedZone, span: Span) -> bool:
    """Say whether a zone is, or may be, in force at any time that its version shares with a span."""
    shared = max(published.valid[0], span[0]), min(published.valid[1], span[1])
    zone = published.zone
    return any(_comes_into_force(period, shared, zone.bounds) for period in zone.applicability)


def _holes(drafted: _Drafted) -> Iterator[Hint]:
    """Name holes to be seen: a ring around something is often meant, what shapes leave open between them is not."""
    rings = [
        ring
        for volume in drafted.volumes
        for part in shapely.get_parts(volume.outline)
        for ring in part.interiors
    ]
    if rings:
        holes = shapely.union_all([shapely.Polygon(ring) for ring in rings])
        count = Bilingual(f"{len(rings)} holes", f"{len(rings)} gaten")
        if len(rings) == 1:
            count = Bilingual("a hole", "een gat")
        what = Bilingual(
            f"The zone has {count.en}: {_size(area_km2(holes))} that is not of it.",
            f"De zone heeft {count.nl}: {_size(area_km2(holes))} hoort er niet bij.",
        )
        yield _note("HOLE", "/geometry", what, holes)


def _slivers(drafted: _Drafted) -> Iterator[Hint]:
    found = [piece for volume in drafted.volumes for piece in _narrow(volume.outline)]
    if found:
        place = shapely.union_all(found)
        size, many = _size(area_km2(place)), len(found)
        what = Bilingual(
            f"{many} parts or gaps of the zone, {size}, are narrower than {NARROW_M:.0f} m.",
            f"{many} delen of openingen van de zone, {size}, zijn smaller dan {NARROW_M:.0f} m.",
        )
        if many == 1:
            what = Bilingual(
                f"A part or gap of the zone, {size}, is narrower than {NARROW_M:.0f} m.",
                f"Een deel of opening van de zone, {size}, is smaller dan {NARROW_M:.0f} m.",
            )
        yield _warn("SLIVER", "/geometry", what, place)


def _narrow(outline: BaseGeometry) -> list[BaseGeometry]:
    """Return the parts of an area, and of what it leaves out, that are narrower than NARROW_M between parallels.

    What is lost in shrinking and growing back is too narrow, and what is filled in growing and shrinking back is a
    gap; corners, however sharp, come back. In a plane that is true to scale in the middle of each part.
    """
    found = []
    for part in shapely.get_parts(outline):
        if shapely.get_num_coordinates(part) > _MOST_MEASURED:
            continue
        middle = (part.bounds[1] + part.bounds[3]) / 2
        scale = np.array([np.cos(np.radians(middle)), 1.0]) * METRES_PER_DEGREE
        flat = shapely.transform(part, lambda xy, scale=scale: xy * scale)
        for inward, outward in ((-1.0, 1.0), (1.0, -1.0)):
            there = _grown(flat, inward * NARROW_M / 2)
            back = _grown(there, outward * NARROW_M / 2)
            lost = shapely.difference(flat, back) if inward < 0 else shapely.difference(back, flat)
            pieces = shapely.get_parts(shapely.transform(lost, lambda xy, scale=scale: xy / scale))
            found += [piece for piece in pieces if area_km2(piece) > _LEAST_SLIVER_KM2]
    return found


def _grown(flat: BaseGeometry, metres: float) -> BaseGeometry:
    return shapely.buffer(flat, metres, join_style="mitre", mitre_limit=1_000.0)


def _many_vertices(drafted: _Drafted) -> Iterator[Hint]:
    shapes = [shape for volume in drafted.zone.volumes for shape in volume.shapes]
    rings = [ring for shape in shapes if isinstance(shape, Polygon) for ring in (shape.shell, *shape.holes)]
    # The last point of a ring is its first.
    count = sum(len(ring) - 1 for ring in rings)
    if count > MANY_VERTICES:
        what = Bilingual(
            f"The zone has {count} vertices, over {MANY_VERTICES}: it takes long to draw on a phone.",
            f"De zone heeft {count} hoekpunten, meer dan {MANY_VERTICES}: op een telefoon duurt het tekenen lang.",
        )
        yield _warn("VERTICES_MANY", "/geometry", what)


# --- what it says ---


def _too_long(drafted: _Drafted) -> Iterator[Hint]:
    zone = drafted.zone
    said = {
        "/properties/identifier": [zone.identifier],
        "/properties/name": _words(zone.name),
        "/properties/message": _words(zone.message),
        "/properties/otherReasonInfo": _words(zone.other_reason_info),
        "/properties/zoneAuthority": [
            text
            for each in zone.authorities
            for text in (*_words((*each.name, *each.service, *each.contact_name)), each.phone or "")
        ],
    }
    for pointer, texts in said.items():
        longest = max(map(len, texts), default=0)
        if longest > _LONGEST[pointer]:
            what = Bilingual(
                f"A text here has {longest} characters and ED-318 has room for {_LONGEST[pointer]}.",
                f"Een tekst hier heeft {longest} tekens en ED-318 heeft ruimte voor {_LONGEST[pointer]}.",
            )
            yield _warn("TEXT_TOO_LONG", pointer, what)


def _one_language(drafted: _Drafted) -> Iterator[Hint]:
    zone = drafted.zone
    for pointer, what, texts in (
        ("/properties/name", Bilingual("name", "naam"), zone.name),
        ("/properties/message", Bilingual("message", "bericht"), zone.message),
    ):
        languages = {(text.lang or "").split("-")[0].lower() for text in texts}
        if len(languages) == 1:
            named = languages.pop()
            said = Bilingual("without naming its language", "zonder dat de taal genoemd is")
            if named:
                said = Bilingual(f"in one language, {named}", f"in één taal, {named}")
            yield _warn(
                "LANGUAGE_MISSING",
                pointer,
                Bilingual(
                    f"The zone's {what.en} is written only {said.en}.",
                    f"Van de zone is {what.nl} alleen geschreven {said.nl}.",
                ),
            )


def _conditions_not_coded(drafted: _Drafted) -> Iterator[Hint]:
    zone = drafted.zone
    is_conditional = zone.type is ZoneType.CONDITIONAL
    if zone.coded_conditions or not (is_conditional or zone.restriction_conditions):
        return
    where = "restrictionConditions" if zone.restriction_conditions or not zone.message else "message"
    if not (zone.restriction_conditions or zone.message):
        nothing = Bilingual(
            "The zone is CONDITIONAL on nothing stated.",
            f"De zone geldt {type_in_words(ZoneType.CONDITIONAL).nl}, zonder dat er een voorwaarde staat.",
        )
        yield _warn("CONDITIONS_MISSING", f"/properties/{where}", nothing)
        return
    applies = type_in_words(zone.published_type)
    what = Bilingual(
        "The conditions are a text, which checks show and cannot evaluate: whatever it says, they answer as for"
        f" {applies.en}.",
        "De voorwaarden zijn een tekst, die controles tonen en niet kunnen beoordelen: wat er ook staat, zij antwoorden"
        f" dat daar geldt: {applies.nl}.",
    )
    yield _warn("CONDITIONS_NOT_CODED", f"/properties/{where}", what)


STOPS: tuple[Rule, ...] = (
    _permission_without_contact,
    _contact_that_reaches_nobody,
    _never_in_force,
    _heights_never_met,
)
"""The rules that can stop a draft; none of them depends on the zones around."""
RULES: tuple[Rule, ...] = (
    *STOPS,
    _area_changed,
    _over_milder_zones,
    _slivers,
    _limit_over_uneven_ground,
    _many_vertices,
    _in_force_soon,
    _too_long,
    _one_language,
    _contact_without_phone,
    _ban_with_nobody_to_call,
    _conditions_not_coded,
    _holes,
)


# --- how it is said ---


def _stop(code: str, pointer: str, what: Bilingual, place: BaseGeometry | None = None) -> Hint:
    return _hint(code, pointer, what, "stop", place)


def _warn(code: str, pointer: str, what: Bilingual, place: BaseGeometry | None = None) -> Hint:
    return _hint(code, pointer, what, "warn", place)


def _note(code: str, pointer: str, what: Bilingual, place: BaseGeometry | None = None) -> Hint:
    return _hint(code, pointer, what, "note", place)


def _hint(
    code: str,
    pointer: str,
    what: Bilingual,
    severity: Literal["stop", "warn", "note"],
    place: BaseGeometry | None,
) -> Hint:
    return Hint(Defect(code, pointer, what.en, severity, what.nl), place)


def _words(texts: Sequence[Text]) -> list[str]:
    return [text.text for text in texts]


def limit_in_words(limit: Limit | None) -> Bilingual:
    """Return a limit as it is published."""
    if limit is None:
        return Bilingual("no limit", "geen grens")
    said = f"{limit.published:g} {limit.uom} {limit.height.reference}"
    return Bilingual(said, said)


def _size(km2: float) -> str:
    if km2 < 0.01:
        return f"{km2 * 1e6:.0f} m²"
    return f"{km2:.2f} km²" if km2 < 100 else f"{km2:.0f} km²"
