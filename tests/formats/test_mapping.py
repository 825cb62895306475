"""A mapping says which column means what; nothing is guessed, and what does not fit is said with what there is."""

from __future__ import annotations

import json
import tomllib

import pytest

from tests.offices import PLAIN, feature, geojson, read
from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.zone import Text, UASZone, ZoneType
from zones_api.errors import InvalidInput
from zones_api.formats.offices.gis import read_layers
from zones_api.formats.offices.mapping import (
    MEMBERS,
    ColumnMapping,
    guessed,
    proposed,
    read_mapping,
    with_assignments,
)

SQUARE = {"type": "Polygon", "coordinates": [[[5.2, 52.0], [5.4, 52.0], [5.4, 52.1], [5.2, 52.0]]]}
DUTCH = b"""
[columns]
identifier = "CODE"
type = "SOORT"
name = "NAAM"
upper = "MAX"
startDateTime = "VAN"
day = "DAG"
authorityEmail = "MAIL"

[values]
country = "NLD"
uom = "m"
upperReference = "AGL"
startTime = "08:00+01:00"
authorityPurpose = "AUTHORIZATION"
lang = "nl-NL"

[tables.type]
verboden = "PROHIBITED"

[tables.upper]
onbeperkt = ""

[leave_out]
STATUS = ["vervallen"]
"""
WHOLE_DAYS = "Dates without a time are read as whole days by the clock of the country, the last day included."
ROW = {
    "SOORT": "verboden",
    "NAAM": "Haven",
    "MAX": 120,
    "VAN": "2026-01-01T00:00:00Z",
    "DAG": "MON, TUE",
    "MAIL": "a@b.nl",
    "STATUS": "geldig",
}


def one(mapping: bytes = DUTCH, **members: object) -> UASZone:
    (zone,) = read(geojson(feature(SQUARE, **(ROW | members))), read_mapping(mapping)).zones
    return zone.zone


def test_columns_values_and_tables_become_a_zone() -> None:
    zone = one()

    assert (zone.country, zone.identifier, zone.type) == ("NLD", "Z1", ZoneType.PROHIBITED)
    assert zone.name == (Text("Haven", "nl-NL"),)
    assert zone.volumes[0].vertical.upper is not None
    assert zone.volumes[0].vertical.upper.height == Height(120.0, VerticalReference.AGL)
    (period,) = zone.applicability
    assert [period.start.published if period.start else None, len(period.schedule[0].days)] == [ROW["VAN"], 2]
    assert (zone.authorities[0].email, zone.authorities[0].purpose) == ("a@b.nl", "AUTHORIZATION")


def test_json_and_toml_say_the_same() -> None:
    assert read_mapping(json.dumps(tomllib.loads(DUTCH.decode())).encode()) == read_mapping(DUTCH)


def test_a_word_that_its_table_does_not_have_stays_as_published_and_is_not_recognised() -> None:
    zone = one(SOORT="toegestaan")

    assert (zone.type, zone.published_type) == (None, "toegestaan")


def test_an_empty_cell_is_no_limit_and_an_unreadable_one_is_in_doubt() -> None:
    assert one(MAX=None).volumes[0].vertical.upper is None
    assert one(MAX="onbeperkt").volumes[0].vertical.upper is None
    assert one(MAX="hoog").volumes[0].vertical.doubt == "LIMIT_UNREADABLE"


def test_every_column_is_kept_beside_the_zone() -> None:
    zone = one(EXTRA={"a": [1]}, LEEG=None)

    source = zone.extended_properties["source"]
    assert isinstance(source, dict)
    assert source["attributes"] == {"CODE": "Z1", **ROW, "EXTRA": {"a": [1]}}


def test_a_whole_number_kept_as_a_decimal_is_an_identifier_without_decimals() -> None:
    assert one(CODE=12.0).identifier == "12"


@pytest.mark.parametrize("written", ["2027-{}", "2027/{}"])
def test_a_date_without_a_time_is_a_whole_day_by_the_clock_of_the_country(written: str) -> None:
    mapping = ColumnMapping(
        {**PLAIN.columns, "startDateTime": "FROM", "endDateTime": "UNTIL"},
        {**PLAIN.values, "country": "NLD"},
    )
    first, last = (written.format(day.replace("-", written[4])) for day in ("03-01", "09-30"))

    document = read(geojson(feature(SQUARE, FROM=first, UNTIL=last)), mapping)

    ((period,),) = (zone.zone.applicability for zone in document.zones)
    assert period.start is not None
    assert period.end is not None
    assert period.start.published == "2027-02-28T23:00:00Z"
    assert period.end.published == "2027-09-30T22:00:00Z"
    assert document.said.count(WHOLE_DAYS) == 1


@pytest.mark.parametrize(
    ("country", "until"),
    [
        ("USA", "2027-09-30"),
        ("NLD", "2027-02-30"),
        ("NLD", "9999-12-31"),
        ("NLD", "2027-09-30T22:00:00Z"),
        ("NLD", "30-09-2027"),
    ],
)
def test_where_no_day_or_clock_is_known_a_time_stays_as_it_is(country: str, until: str) -> None:
    mapping = ColumnMapping({**PLAIN.columns, "endDateTime": "UNTIL"}, {**PLAIN.values, "country": country})

    document = read(geojson(feature(SQUARE, UNTIL=until)), mapping)

    ((period,),) = (zone.zone.applicability for zone in document.zones)
    assert period.end is not None
    assert period.end.published == until
    assert WHOLE_DAYS not in document.said


def test_rows_are_left_out_only_as_told_and_counted() -> None:
    rows = [feature(SQUARE, **ROW), feature(SQUARE, **(ROW | {"CODE": "Z2", "STATUS": "vervallen"}))]

    document = read(geojson(*rows), read_mapping(DUTCH))

    assert len(document.zones) == 1
    assert "Rows left out, as the mapping says: 1." in document.said


def test_limits_that_no_column_gives_are_said_to_be_none() -> None:
    (zone,) = (document := read(geojson(feature(SQUARE)))).zones

    assert (zone.zone.volumes[0].vertical.lower, zone.zone.volumes[0].vertical.upper) == (None, None)
    assert any("all zones start at the surface and have no upper limit" in said for said in document.said)


@pytest.mark.parametrize(
    ("columns", "values", "says"),
    [
        ({}, {"country": "NLD", "type": "PROHIBITED"}, "which column is the zone's 'identifier'"),
        ({"identifier": "CODE"}, {"type": "PROHIBITED"}, "which column is the zone's 'country'"),
        ({"identifier": "CODE"}, {"country": "NLD"}, "which column is the zone's 'type'"),
        ({**PLAIN.columns, "name": "NAME"}, PLAIN.values, "no column 'NAME'"),
        ({**PLAIN.columns, "type": "CODE"}, PLAIN.values, "a column and a value"),
        ({**PLAIN.columns, "upper": "MAX"}, PLAIN.values, "'upperReference' and 'uom' for 'upper'"),
        ({**PLAIN.columns, "radius": "MAX"}, PLAIN.values, "A radius needs 'radiusUom'"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_with_the_columns_there_are(
    columns: dict[str, str], values: dict[str, str], says: str
) -> None:
    data = geojson(feature(SQUARE, MAX=120), feature(SQUARE, CODE="Z2"))

    with pytest.raises(InvalidInput, match=says) as refused:
        read(data, ColumnMapping(columns, values))
    assert "CODE: 'Z1', 'Z2'" in refused.value.detail
    assert "MAX: '120'" in refused.value.detail


def test_a_proposal_is_guessed_from_names_shown_and_never_used() -> None:
    data = geojson(feature(SQUARE, **ROW))
    (layer,) = read_layers(data).layers

    lines = proposed(layer)

    read_back = tomllib.loads("\n".join(lines))
    assert read_back["columns"] == {
        "identifier": "CODE",
        "type": "SOORT",
        "name": "NAAM",
        "startDateTime": "VAN",
    }
    assert read_back["tables"] == {"type": {"verboden": "?"}}
    with pytest.raises(InvalidInput, match="A mapping to start from, guessed from their names"):
        read(data, ColumnMapping())


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("Ingangsdatum", "EINDDATUM"),
        ("geldig vanaf", "geldig-tot"),
        ("vanaf", "tot_en_met"),
        ("From", "Until"),
        ("valid_from", "valid_until"),
        ("BEGIN", "VALID_TO"),
    ],
)
def test_columns_of_times_are_guessed_in_both_languages(start: str, end: str) -> None:
    (layer,) = read_layers(geojson(feature(SQUARE, **{start: "2027-03-01", end: "2027-09-30"}))).layers

    found = guessed(layer)

    assert (found["startDateTime"], found["endDateTime"]) == (start, end)


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        (b"[columns", "neither TOML nor JSON"),
        (b"\xff\xfe", "neither TOML nor JSON"),
        (b"{", "JSON"),
        (b"[rows]", "has no 'rows'"),
        (b"columns = 1", "'columns' is not a table"),
        (b"[columns]\nwidth = 'W'", "corridor tool"),
        (b"[columns]\ncolour = 'W'", "'colour' is no member"),
        (b"[columns]\nname = 3", "named by a text"),
        (b"[tables]\ntype = 3", "from words to words"),
        (b"layer = 3", "'layer' is a text"),
    ],
)
def test_a_mapping_that_cannot_be_read_is_refused_in_a_sentence(mapping: bytes, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        read_mapping(mapping)


def test_the_command_line_adds_to_a_mapping() -> None:
    added = with_assignments(
        ColumnMapping(), ["identifier=CODE"], ["country=NLD", "type=A=B"], None, "EPSG:28992"
    )

    assert added == ColumnMapping({"identifier": "CODE"}, {"country": "NLD", "type": "A=B"}, crs="EPSG:28992")
    for wrong in ("identifier", "=CODE", "identifier=", "colour=RED"):
        with pytest.raises(InvalidInput):
            with_assignments(ColumnMapping(), [wrong], [], None, None)


def test_every_member_of_a_mapping_reaches_the_zone() -> None:
    words = {
        "lower": "10",
        "lowerReference": "AGL",
        "upper": "20",
        "upperReference": "AMSL",
        "uom": "ft",
        "day": "MON",
        "startTime": "08:00Z",
        "endEvent": "SS",
        "type": "PROHIBITED",
        "country": "NLD",
        "regulationExemption": "YES",
        "authorityPurpose": "INFORMATION",
        "startDateTime": "2026-01-01T00:00:00Z",
        "endDateTime": "2027-01-01T00:00:00Z",
        "authorityIntervalBefore": "P1D",
    }
    given = {member: words.get(member, f"the {member}") for member in MEMBERS}
    given |= {"radius": "12", "radiusUom": "m"}
    for member in ("endTime", "startEvent", "identifier"):
        given.pop(member)

    data = geojson(feature({"type": "Point", "coordinates": [5.0, 52.0]}))
    (zone,) = read(data, ColumnMapping({"identifier": "CODE"}, given)).zones

    content = json.loads(zone.content)[0]
    content["properties"].pop("extendedProperties")
    said = json.dumps(content)
    for member, word in given.items():
        assert word in said or member in ("radiusUom", "lower", "upper", "radius"), member
    assert [zone.zone.volumes[0].vertical.lower, zone.zone.volumes[0].vertical.upper] != [None, None]
