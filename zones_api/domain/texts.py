"""The catalogue of texts: every headline and sentence of an answer, in English and Dutch.

Official texts of zones are not in here: they are shown as published and never translated. No text says that a
flight is allowed, safe or clear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from zones_api.domain.advice import RuleResult
from zones_api.domain.assessment import Assessment, WhyNot
from zones_api.domain.civil_time import local
from zones_api.domain.difference import Changed
from zones_api.domain.interpretation import Missing
from zones_api.domain.outcome import Outcome, Verdict
from zones_api.domain.reasons import Reason
from zones_api.domain.zone import Decision, PublishedZone, ZoneType

_QUOTED = re.compile(r"'[^']+'|\"[^\"]+\"")


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One text in both languages of the service."""

    en: str
    nl: str


HEADLINES = {
    Verdict.PROHIBITED: Bilingual("Prohibited", "Verboden"),
    Verdict.AUTHORIZATION_REQUIRED: Bilingual("Permission needed first", "Eerst toestemming nodig"),
    Verdict.USPACE: Bilingual("U-space services required", "U-space-diensten verplicht"),
    Verdict.CONDITIONAL: Bilingual("Conditions apply", "Er gelden voorwaarden"),
    Verdict.NO_ZONE_FOUND: Bilingual("No restricting zone found", "Geen beperkende zone gevonden"),
    Verdict.UNKNOWN: Bilingual("Cannot tell", "Niet vast te stellen"),
}

_TYPES_NL: dict[str, str] = {
    ZoneType.USPACE: "alleen met U-space-diensten",
    ZoneType.PROHIBITED: "verboden",
    ZoneType.REQ_AUTHORIZATION: "alleen met toestemming",
    ZoneType.CONDITIONAL: "onder voorwaarden",
    ZoneType.NO_RESTRICTION: "zonder beperking",
}

WHY_NOT = {
    WhyNot.HEIGHT: Bilingual("not at these heights", "niet op deze hoogten"),
    WhyNot.TIME: Bilingual("not at this time", "niet op dit moment"),
}

DIFFERENCES = {
    Changed.VERDICT: Bilingual("The verdict is another.", "Het oordeel is anders."),
    Changed.ZONE_ADDED: Bilingual(
        "This zone is in the answer as known now, and was not in the answer as known then.",
        "Deze zone staat in het antwoord zoals nu bekend, en stond niet in dat zoals toen bekend.",
    ),
    Changed.ZONE_REMOVED: Bilingual(
        "This zone was in the answer as known then, and is not in the answer as known now.",
        "Deze zone stond in het antwoord zoals toen bekend, en staat niet in dat zoals nu bekend.",
    ),
    Changed.ZONE_CHANGED: Bilingual(
        "This zone is in both answers, in another version or with another requirement or certainty.",
        "Deze zone staat in beide antwoorden, in een andere versie of met een andere eis of zekerheid.",
    ),
    Changed.CERTAINTY: Bilingual(
        "What can be told, or why it cannot, is different.",
        "Wat vast te stellen is, of waarom niet, is anders.",
    ),
}

OPEN_120M = {
    RuleResult.MET: Bilingual(
        "Within 120 m of the ground, as the open category asks.",
        "Binnen 120 m van de grond, zoals de open categorie vraagt.",
    ),
    RuleResult.EXCEEDED: Bilingual(
        "Above 120 m from the ground: not in the open category.",
        "Hoger dan 120 m boven de grond: niet in de open categorie.",
    ),
    RuleResult.CANNOT_TELL: Bilingual(
        "The open category ends at 120 m from the ground; whether the flight stays below cannot be told.",
        "De open categorie eindigt op 120 m boven de grond; of de vlucht daaronder blijft is niet vast te stellen.",
    ),
    RuleResult.NOT_APPLICABLE: Bilingual(
        "The open category's 120 m does not apply to the category stated.",
        "De 120 m van de open categorie geldt niet voor de genoemde categorie.",
    ),
}
"""The open category's greatest height, a rule apart from zones."""

QUESTIONS = {
    Missing.REFERENCE: Bilingual(
        "What are the file's heights measured from: the ground (AGL), mean sea level (AMSL), the ellipsoid (WGS84)"
        " or take-off (TAKEOFF)? Until that is said, every height counts.",
        "Vanwaar zijn de hoogten in het bestand gemeten: de grond (AGL), gemiddeld zeeniveau (AMSL), de ellipsoïde"
        " (WGS84) of het startpunt (TAKEOFF)? Tot dat gezegd is telt elke hoogte.",
    ),
    Missing.HEIGHTS: Bilingual(
        "How high is the flight at most, and from what is that measured? Until that is said, every height counts.",
        "Hoe hoog is de vlucht hooguit, en vanwaar gemeten? Tot dat gezegd is telt elke hoogte.",
    ),
    Missing.RETURN_HEIGHT: Bilingual(
        "At which height above take-off does it fly back? Until that is said, every height counts on the way back.",
        "Op welke hoogte boven het startpunt vliegt het terug? Tot dat gezegd is telt op de terugweg elke hoogte.",
    ),
    Missing.TAKEOFF_ELEVATION: Bilingual(
        "How many metres above mean sea level does the flight take off? Until that is said, heights above take-off"
        " are known only as well as the ground there.",
        "Hoeveel meter boven gemiddeld zeeniveau start de vlucht? Tot dat gezegd is zijn hoogten boven het startpunt"
        " maar zo goed bekend als de grond daar.",
    ),
}
"""What is asked back where a mission file leaves open what its answer depends on."""

NOT_CHECKED = (
    Bilingual("the general rules of the category you fly in", "de algemene regels van uw vliegcategorie"),
    Bilingual(
        "NOTAMs and temporary restrictions published elsewhere", "NOTAM's en tijdelijke beperkingen elders"
    ),
    Bilingual("weather, people and other traffic", "weer, mensen en ander verkeer"),
    Bilingual("the land owner and local rules", "de grondeigenaar en plaatselijke regels"),
)


def type_in_words(word: str) -> Bilingual:
    """Return a zone's type as it is published, in Dutch with what it means; a word that is not known stays alone."""
    meant = _TYPES_NL.get(word)
    return Bilingual(word, f"{meant} ({word})" if meant else word)


def moment(at: datetime, country: str) -> Bilingual:
    """Return a moment by a country's clock with UTC beside it, in UTC alone where that clock is not known."""
    utc, clock = f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC", local(at, country)
    if clock is None:
        return Bilingual(utc, utc)
    return Bilingual(
        f"{clock:%Y-%m-%d %H:%M} local time ({utc})", f"{clock:%Y-%m-%d %H:%M} plaatselijke tijd ({utc})"
    )


def around(
    radius_m: float, uniform: bool | None, everywhere: Verdict | None, somewhere: Verdict, *, at_least: bool
) -> Bilingual:
    """Return in one sentence what applies within so many metres of a place."""
    most = HEADLINES[somewhere]
    more = Bilingual("at least: ", "ten minste: ") if at_least else Bilingual("", "")
    if uniform:
        return Bilingual(
            f"Everywhere within {radius_m:g} m: {more.en}{most.en}.",
            f"Overal binnen {radius_m:g} m: {more.nl}{most.nl}.",
        )
    least = HEADLINES[everywhere] if everywhere else None
    also_en = f" At least this everywhere: {least.en}." if least else ""
    also_nl = f" Dit ten minste overal: {least.nl}." if least else ""
    if uniform is None:
        return Bilingual(
            f"Within {radius_m:g} m it cannot be told everywhere what applies.{also_en}",
            f"Binnen {radius_m:g} m is niet overal vast te stellen wat geldt.{also_nl}",
        )
    return Bilingual(
        f"It depends on the place within {radius_m:g} m: {more.en}{most.en}, in a part of it.{also_en}",
        f"Hangt af van de plek binnen {radius_m:g} m: {more.nl}{most.nl}, in een deel ervan.{also_nl}",
    )


def decided(decision: Decision) -> Bilingual:
    """Return in one sentence that something else than what was published applies, who decided that, and when."""
    named = f"{decision.country} {decision.identifier}" if decision.identifier else decision.country
    by, on = decision.organisation, f"{decision.decided_at:%Y-%m-%d %H:%M} UTC"
    if decision.version is None:
        return Bilingual(
            f"Its publisher lists a zone here ({named}) that cannot be read; {by} decided on {on} that it is gone.",
            f"De uitgever noemt hier een zone ({named}) die niet leesbaar is; {by} besloot op {on} dat zij vervallen is.",
        )
    since = "" if decision.stands else " Its publisher has changed it since, and it cannot be read again."
    sinds = (
        ""
        if decision.stands
        else " De uitgever heeft haar sindsdien veranderd, en zij is weer niet leesbaar."
    )
    return Bilingual(
        f"Not as published: what its publisher has cannot be read, and {by} decided on {on} that this applies.{since}",
        f"Niet zoals gepubliceerd: wat de uitgever heeft is niet leesbaar, en {by} besloot op {on} dat dit geldt.{sinds}",
    )


_MOST_NAMED = 3
_LEADING = {
    Verdict.PROHIBITED: Outcome.PROHIBITED,
    Verdict.AUTHORIZATION_REQUIRED: Outcome.AUTHORIZATION_REQUIRED,
    Verdict.USPACE: Outcome.USPACE,
    Verdict.CONDITIONAL: Outcome.CONDITIONAL,
}


def _leading(assessment: Assessment) -> list[PublishedZone]:
    """Return the zones that certainly require what the verdict says."""
    leads = _LEADING.get(assessment.verdict)
    return [f.published for f in assessment.findings if f.outcome is leads and not f.judgement.reasons]


def resting_on(assessment: Assessment) -> tuple[str, ...]:
    """Return the data sets that the sentence of an answer rests on: of the zones it names, else all that cover it."""
    named = _leading(assessment)[:_MOST_NAMED]
    return tuple(dict.fromkeys(each.data_set for each in named)) or assessment.covered_by


def sentence(assessment: Assessment, as_of: Bilingual) -> Bilingual:
    """Return the answer in one sentence; `as_of` says which data it rests on."""
    certain = _leading(assessment)
    names = ", ".join(f"{each.zone.country} {each.zone.identifier}" for each in certain[:_MOST_NAMED])
    more = len(certain) - _MOST_NAMED
    names_en = names + (f" and {more} more" if more > 0 else "")
    names_nl = names + (f" en nog {more}" if more > 0 else "")
    match assessment.verdict:
        case Verdict.PROHIBITED:
            text = Bilingual(
                f"Prohibited by {names_en}, unless the authority named there waives it for you",
                f"Verboden door {names_nl}, tenzij de daar genoemde instantie u ontheffing geeft",
            )
        case Verdict.AUTHORIZATION_REQUIRED:
            text = Bilingual(
                f"Ask permission first for {names_en}", f"Vraag eerst toestemming voor {names_nl}"
            )
        case Verdict.USPACE:
            text = Bilingual(
                f"U-space services are required in {names_en}",
                f"U-space-diensten zijn verplicht in {names_nl}",
            )
        case Verdict.CONDITIONAL:
            text = Bilingual(
                f"Conditions of {names_en} apply: read the texts as published",
                f"Voorwaarden van {names_nl} gelden: lees de teksten zoals gepubliceerd",
            )
        case Verdict.NO_ZONE_FOUND:
            notices = len(assessment.findings)
            text = Bilingual(
                "No restricting zone found here"
                + (f", and {notices} notice{'s' if notices > 1 else ''}" if notices else ""),
                "Geen beperkende zone gevonden"
                + (f", wel {notices} mededeling{'en' if notices > 1 else ''}" if notices else ""),
            )
        case Verdict.UNKNOWN:
            text = Bilingual(
                "It cannot be told what applies here; the reasons follow",
                "Niet vast te stellen is wat hier geldt; de redenen volgen",
            )
    return Bilingual(f"{text.en} ({as_of.en}).", f"{text.nl} ({as_of.nl}).")


SENTENCES: dict[Reason, Bilingual] = {
    Reason.EDGE_INTERPRETATION: Bilingual(
        "The place lies between a long edge of the zone read as a straight line and as the shortest line.",
        "De plek ligt tussen een lange rand van de zone gelezen als rechte lijn en als kortste lijn.",
    ),
    Reason.GEOMETRY_INVALID: Bilingual(
        "The zone's outline is not valid (it crosses itself, or a hole lies outside it).",
        "De omtrek van de zone is niet geldig (hij kruist zichzelf, of een gat ligt erbuiten).",
    ),
    Reason.GEOMETRY_WITHOUT_AREA: Bilingual(
        "The zone is published as a point or a line without a size; it may reach up to 10 km.",
        "De zone is gepubliceerd als punt of lijn zonder omvang; zij kan tot 10 km reiken.",
    ),
    Reason.RADIUS_UNIT_AMBIGUOUS: Bilingual(
        "The zone's radius may be in metres or in feet; the place lies between the two.",
        "De straal van de zone kan in meters of in voeten zijn; de plek ligt daartussen.",
    ),
    Reason.RING_CLOSED: Bilingual(
        "The zone's outline was published open and has been closed.",
        "De omtrek van de zone is open gepubliceerd en is gesloten.",
    ),
    Reason.LIMITS_MEANINGLESS: Bilingual(
        "The zone's height limits contradict each other or are both zero.",
        "De hoogtegrenzen van de zone spreken elkaar tegen of zijn allebei nul.",
    ),
    Reason.LIMIT_UNREADABLE: Bilingual(
        "A height limit of the zone cannot be read.",
        "Een hoogtegrens van de zone is niet leesbaar.",
    ),
    Reason.TERRAIN_MISSING: Bilingual(
        "The heights use different references and the ground elevation here is not known exactly enough.",
        "De hoogten hebben verschillende referenties en de terreinhoogte hier is niet precies genoeg bekend.",
    ),
    Reason.HEIGHT_UNCERTAIN: Bilingual(
        "The heights use different references and cannot be compared exactly enough here.",
        "De hoogten hebben verschillende referenties en zijn hier niet precies genoeg te vergelijken.",
    ),
    Reason.APPLICABILITY_NOT_STATED: Bilingual(
        "The zone does not say when it applies.",
        "De zone vermeldt niet wanneer zij geldt.",
    ),
    Reason.PERMANENT_WITH_DATES: Bilingual(
        "The zone is published as permanent and with dates; outside the dates it may or may not apply.",
        "De zone is gepubliceerd als permanent en met data; buiten de data is niet zeker of zij geldt.",
    ),
    Reason.SCHEDULE_NOT_READABLE: Bilingual(
        "The zone's times cannot be read.",
        "De tijden van de zone zijn niet leesbaar.",
    ),
    Reason.SCHEDULE_WITHOUT_DST: Bilingual(
        "The zone's weekly times are fixed in UTC, in a country with summer time: local times shift by an hour.",
        "De weektijden van de zone staan vast in UTC, in een land met zomertijd: lokaal verschuiven zij een uur.",
    ),
    Reason.DAYLIGHT_UNDEFINED: Bilingual(
        "The zone's times follow the sun, which does not rise or set here on that day. Ask the zone's authority.",
        "De tijden van de zone volgen de zon, die hier die dag niet opkomt of ondergaat. Vraag de instantie van de zone.",
    ),
    Reason.NAIVE_TIME: Bilingual(
        "The zone's times are published without an offset from UTC.",
        "De tijden van de zone zijn gepubliceerd zonder verschil met UTC.",
    ),
    Reason.RESTRICTION_UNRECOGNISED: Bilingual(
        "The zone's restriction is a word that is not known.",
        "De beperking van de zone is een onbekend woord.",
    ),
    Reason.TEXT_LIMITS_APPLICABILITY: Bilingual(
        "The zone's text seems to limit its days, times or heights; the coded data does not.",
        "De tekst van de zone lijkt dagen, tijden of hoogten te beperken; de gecodeerde gegevens niet.",
    ),
    Reason.INPUT_INCOMPLETE: Bilingual(
        "Heights above the take-off place need its elevation. Add it (takeoff_elevation_m), or ask in another reference.",
        "Hoogten boven de startplaats vragen om de hoogte daarvan. Voeg die toe (takeoff_elevation_m), of vraag in een andere referentie.",
    ),
    Reason.OUTSIDE_COVERAGE: Bilingual(
        "No loaded data set declares that it covers this whole place and time. Ask the authority of that country.",
        "Geen geladen dataset verklaart deze hele plek en tijd te dekken. Vraag het de instantie van dat land.",
    ),
    Reason.COVERAGE_NOT_DECLARED: Bilingual(
        "A data set with zones of this area does not declare what it covers. Ask the authority of that country.",
        "Een dataset met zones van dit gebied verklaart niet wat zij dekt. Vraag het de instantie van dat land.",
    ),
    Reason.DATASET_EXPIRED: Bilingual(
        "The data set that covers this place has expired at that time. Ask its publisher, or load a newer one.",
        "De dataset die deze plek dekt is dan verlopen. Vraag het de uitgever, of laad een nieuwere.",
    ),
    Reason.DATASET_STALE: Bilingual(
        "The data set that covers this place is older than this service accepts. Ask its publisher, or load a newer one.",
        "De dataset die deze plek dekt is ouder dan deze dienst aanvaardt. Vraag het de uitgever, of laad een nieuwere.",
    ),
    Reason.ZONE_QUARANTINED: Bilingual(
        "A zone near this place could not be read and was set aside. Ask its publisher what applies.",
        "Een zone bij deze plek was niet leesbaar en is apart gezet. Vraag de uitgever wat er geldt.",
    ),
    Reason.DUPLICATE_IDENTIFIER: Bilingual(
        "Another zone of the same data set has the same identifier.",
        "Een andere zone van dezelfde dataset heeft dezelfde aanduiding.",
    ),
    Reason.MEMBER_MISSING: Bilingual(
        "The zone lacks something its format requires.",
        "De zone mist iets dat haar formaat verlangt.",
    ),
    Reason.MEMBER_INVALID: Bilingual(
        "Something in the zone is not of the form its format requires.",
        "Iets in de zone heeft niet de vorm die haar formaat verlangt.",
    ),
    Reason.MEMBER_UNKNOWN: Bilingual(
        "The zone has a member that its format does not know.",
        "De zone heeft een onderdeel dat haar formaat niet kent.",
    ),
}


def in_dutch(code: str, detail: str) -> str | None:
    """Return what a reader's English sentence comes to in Dutch: that of its code, with what the sentence quotes.

    None where the code is none of the reasons of an answer.
    """
    sentence = SENTENCES[Reason(code)] if code in Reason.__members__ else None
    if sentence is None:
        return None
    quoted = ", ".join(_QUOTED.findall(detail))
    return f"{sentence.nl.removesuffix('.')}: {quoted}." if quoted else sentence.nl
