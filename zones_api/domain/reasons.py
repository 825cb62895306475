"""The codes an answer carries when something is in doubt, each with its sentence in English and Dutch."""

from enum import StrEnum


class Reason(StrEnum):
    """Why something is unknown, or what a reader of the zone's data must know."""

    # horizontal
    EDGE_INTERPRETATION = "EDGE_INTERPRETATION"
    GEOMETRY_INVALID = "GEOMETRY_INVALID"
    GEOMETRY_WITHOUT_AREA = "GEOMETRY_WITHOUT_AREA"
    RADIUS_UNIT_AMBIGUOUS = "RADIUS_UNIT_AMBIGUOUS"
    RING_CLOSED = "RING_CLOSED"
    # vertical
    LIMITS_MEANINGLESS = "LIMITS_MEANINGLESS"
    LIMIT_UNREADABLE = "LIMIT_UNREADABLE"
    TERRAIN_MISSING = "TERRAIN_MISSING"
    HEIGHT_UNCERTAIN = "HEIGHT_UNCERTAIN"
    # time
    APPLICABILITY_NOT_STATED = "APPLICABILITY_NOT_STATED"
    PERMANENT_WITH_DATES = "PERMANENT_WITH_DATES"
    SCHEDULE_NOT_READABLE = "SCHEDULE_NOT_READABLE"
    SCHEDULE_NOT_EVALUATED = "SCHEDULE_NOT_EVALUATED"
    NAIVE_TIME = "NAIVE_TIME"
    # what is required
    RESTRICTION_UNRECOGNISED = "RESTRICTION_UNRECOGNISED"
    TEXT_LIMITS_APPLICABILITY = "TEXT_LIMITS_APPLICABILITY"
    # data
    OUTSIDE_COVERAGE = "OUTSIDE_COVERAGE"
    DATASET_EXPIRED = "DATASET_EXPIRED"
    ZONE_QUARANTINED = "ZONE_QUARANTINED"
    DUPLICATE_IDENTIFIER = "DUPLICATE_IDENTIFIER"
    MEMBER_MISSING = "MEMBER_MISSING"
    MEMBER_INVALID = "MEMBER_INVALID"
    MEMBER_UNKNOWN = "MEMBER_UNKNOWN"


SENTENCES: dict[Reason, tuple[str, str]] = {
    Reason.EDGE_INTERPRETATION: (
        "The place lies between a long edge of the zone read as a straight line and as the shortest line.",
        "De plek ligt tussen een lange rand van de zone gelezen als rechte lijn en als kortste lijn.",
    ),
    Reason.GEOMETRY_INVALID: (
        "The zone's outline is not valid (it crosses itself, or a hole lies outside it).",
        "De omtrek van de zone is niet geldig (hij kruist zichzelf, of een gat ligt erbuiten).",
    ),
    Reason.GEOMETRY_WITHOUT_AREA: (
        "The zone is published as a point or a line without a size; it may reach up to 10 km.",
        "De zone is gepubliceerd als punt of lijn zonder omvang; zij kan tot 10 km reiken.",
    ),
    Reason.RADIUS_UNIT_AMBIGUOUS: (
        "The zone's radius may be in metres or in feet; the place lies between the two.",
        "De straal van de zone kan in meters of in voeten zijn; de plek ligt daartussen.",
    ),
    Reason.RING_CLOSED: (
        "The zone's outline was published open and has been closed.",
        "De omtrek van de zone is open gepubliceerd en is gesloten.",
    ),
    Reason.LIMITS_MEANINGLESS: (
        "The zone's height limits contradict each other or are both zero.",
        "De hoogtegrenzen van de zone spreken elkaar tegen of zijn allebei nul.",
    ),
    Reason.LIMIT_UNREADABLE: (
        "A height limit of the zone cannot be read.",
        "Een hoogtegrens van de zone is niet leesbaar.",
    ),
    Reason.TERRAIN_MISSING: (
        "The heights use different references and the ground elevation here is not known exactly enough.",
        "De hoogten hebben verschillende referenties en de terreinhoogte hier is niet precies genoeg bekend.",
    ),
    Reason.HEIGHT_UNCERTAIN: (
        "The heights use different references and cannot be compared exactly enough here.",
        "De hoogten hebben verschillende referenties en zijn hier niet precies genoeg te vergelijken.",
    ),
    Reason.APPLICABILITY_NOT_STATED: (
        "The zone does not say when it applies.",
        "De zone vermeldt niet wanneer zij geldt.",
    ),
    Reason.PERMANENT_WITH_DATES: (
        "The zone is published as permanent and with dates; outside the dates it may or may not apply.",
        "De zone is gepubliceerd als permanent en met data; buiten de data is niet zeker of zij geldt.",
    ),
    Reason.SCHEDULE_NOT_READABLE: (
        "The zone's times cannot be read.",
        "De tijden van de zone zijn niet leesbaar.",
    ),
    Reason.SCHEDULE_NOT_EVALUATED: (
        "The zone follows a weekly schedule, which this version does not yet evaluate.",
        "De zone volgt een weekschema, dat deze versie nog niet uitrekent.",
    ),
    Reason.NAIVE_TIME: (
        "The zone's times are published without an offset from UTC.",
        "De tijden van de zone zijn gepubliceerd zonder verschil met UTC.",
    ),
    Reason.RESTRICTION_UNRECOGNISED: (
        "The zone's restriction is a word that is not known.",
        "De beperking van de zone is een onbekend woord.",
    ),
    Reason.TEXT_LIMITS_APPLICABILITY: (
        "The zone's text seems to limit its days, times or heights; the coded data does not.",
        "De tekst van de zone lijkt dagen, tijden of hoogten te beperken; de gecodeerde gegevens niet.",
    ),
    Reason.OUTSIDE_COVERAGE: (
        "No loaded data set declares that it covers this whole place and time.",
        "Geen geladen dataset verklaart deze hele plek en tijd te dekken.",
    ),
    Reason.DATASET_EXPIRED: (
        "The data set that covers this place has expired.",
        "De dataset die deze plek dekt is verlopen.",
    ),
    Reason.ZONE_QUARANTINED: (
        "A zone near this place could not be read and was set aside.",
        "Een zone bij deze plek was niet leesbaar en is apart gezet.",
    ),
    Reason.DUPLICATE_IDENTIFIER: (
        "Another zone of the same data set has the same identifier.",
        "Een andere zone van dezelfde dataset heeft dezelfde aanduiding.",
    ),
    Reason.MEMBER_MISSING: (
        "The zone lacks something its format requires.",
        "De zone mist iets dat haar formaat verlangt.",
    ),
    Reason.MEMBER_INVALID: (
        "Something in the zone is not of the form its format requires.",
        "Iets in de zone heeft niet de vorm die haar formaat verlangt.",
    ),
    Reason.MEMBER_UNKNOWN: (
        "The zone has a member that its format does not know.",
        "De zone heeft een onderdeel dat haar formaat niet kent.",
    ),
}
