"""National dialects: recognised or named, read for what they say, and each defect where the publisher has it."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely

from tests.formats import national
from tests.formats.national import DOCUMENTS, ring, written, zones_of
from zones_api.domain.altitude import VerticalReference
from zones_api.domain.geometry import Circle, Polygon
from zones_api.domain.reasons import Reason
from zones_api.domain.zone import DailyPeriod, Text, UASZone, Weekday, ZoneType
from zones_api.errors import DocumentRefused
from zones_api.formats import dialects
from zones_api.formats.document import Document, read_document, read_zone

EACH = pytest.mark.parametrize("shape", DOCUMENTS)


def read(document: Any, dialect: str | None = None) -> Document:
    return read_document(written(document), dialect=dialect)


def first(document: Any) -> UASZone:
    return read(document).zones[0].zone


def at(value: Any, pointer: str) -> Any:
    """Return what a JSON pointer leads to; its last step may be a member that is missing."""
    *way, last = pointer.split("/")[1:] or [""]
    for step in way:
        value = value[int(step)] if isinstance(value, list) else value[step]
    if not last:
        return value
    return value[int(last)] if isinstance(value, list) else value.get(last)


def test_there_is_a_document_of_every_dialect_and_a_row_in_the_documentation() -> None:
    rows = (Path(__file__).parents[2] / "docs" / "importing.md").read_text().splitlines()

    assert {name for name, _ in DOCUMENTS.values()} == set(dialects.ALL)
    assert {row.split("`")[1] for row in rows if row.startswith("| `")} == set(dialects.ALL)


@EACH
def test_a_dialect_is_recognised_by_its_content(shape: str) -> None:
    name, make = DOCUMENTS[shape]

    document = read(make())

    assert document.format == name
    assert len(document.zones) == 2
    assert document.quarantined == ()
    assert all(each.zone.type is not None for each in document.zones)
    assert all(each.zone.volumes[0].vertical.doubt is None for each in document.zones)


@EACH
def test_a_dialect_may_be_named_in_any_case(shape: str) -> None:
    name, make = DOCUMENTS[shape]

    assert read(make(), name.upper()) == read(make())


@EACH
def test_what_the_register_keeps_is_read_as_the_same_zone(shape: str) -> None:
    _, make = DOCUMENTS[shape]
    document = read(make())

    for each in document.zones:
        assert read_zone(document.format, each.content) == each.zone


@EACH
def test_what_the_register_keeps_is_the_feature_as_published(shape: str) -> None:
    _, make = DOCUMENTS[shape]

    kept = [json.loads(each.content) for each in read(make()).zones]

    assert kept == [[zone] for zone in zones_of(make())]


@EACH
def test_reading_changes_nothing_of_what_was_given(shape: str) -> None:
    name, make = DOCUMENTS[shape]
    published = zones_of(make())[0]
    before = deepcopy(published)

    dialects.read(dialects.ALL[name], published)

    assert published == before


@EACH
def test_every_defect_points_into_the_document_as_published(shape: str) -> None:
    _, make = DOCUMENTS[shape]
    broken = make()
    zones_of(broken)[0] = {"colour": "red"} | zones_of(broken)[0]

    defects = read(broken).defects

    for defect in defects:
        at(broken, defect.pointer)


@EACH
def test_one_bad_zone_is_set_aside_with_its_defects_and_the_rest_is_taken(shape: str) -> None:
    _, make = DOCUMENTS[shape]
    broken = json.loads(json.dumps(make()).replace(json.dumps(_corner_of(make())), '["x", 5]', 1))

    document = read(broken)

    assert (len(document.zones), len(document.quarantined)) == (1, 1)
    assert document.quarantined[0].identifier
    stops = [each for each in document.quarantined[0].defects if each.severity == "quarantine"]
    assert [at(broken, each.pointer) for each in stops] == [["x", 5]]


def _corner_of(document: Any) -> Any:
    """Return the first corner of the first zone, as it stands in the document."""
    found: list[Any] = []

    def walk(value: Any) -> None:
        if (isinstance(value, list) and len(value) == 2 and all(isinstance(n, float) for n in value)) or (
            isinstance(value, dict) and "LAT" in value
        ):
            found.append(value)
        elif isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                walk(item)

    walk(document)
    return found[0]


@pytest.mark.parametrize(
    ("shape", "name", "says"),
    [
        ("ed269", "ed318", "looks like ed269"),
        ("ed318", "ed269", "looks like ed318"),
        ("ed269", "ed269-finland", "Traficom"),
        ("ed318", "eans", "EANS"),
        ("ed269-switzerland", "ed269-uaszonelist", "looks like ed269-switzerland"),
        ("ed318", "atlantis", "There is no dialect 'atlantis'; there are eans, ed269"),
    ],
)
def test_a_wrongly_named_dialect_is_a_sentence(shape: str, name: str, says: str) -> None:
    with pytest.raises(DocumentRefused, match=says):
        read(DOCUMENTS[shape][1](), name)


def test_a_zone_of_a_neighbour_does_not_hide_whose_document_it_is_where_that_is_said() -> None:
    mixed = national.finland()
    mixed["features"].append(national.zone269("SE-1", "SWE", 18, 59))

    assert read(mixed).format == "ed269"
    assert read(mixed, "ed269-finland").format == "ed269-finland"


def test_finland_spells_the_authoritys_site_in_its_own_way() -> None:
    zone = first(national.finland())

    assert zone.authorities[0].site_url == "https://example.org/uas"
    assert Reason.PERMANENT_WITH_DATES in {flag.reason for flag in zone.flags}


def test_finland_leaves_limits_out_where_there_are_none() -> None:
    vertical = read(national.finland()).zones[1].zone.volumes[0].vertical

    assert (vertical.lower, vertical.upper, vertical.doubt) == (None, None, None)


def test_luxembourg_names_no_authority_and_that_is_noted() -> None:
    document = read(national.luxembourg())

    missing = [d.pointer for d in document.defects if d.code == Reason.MEMBER_MISSING]
    assert missing == ["/features/0/zoneAuthority", "/features/1/zoneAuthority"]


def test_switzerlands_title_says_when_the_document_was_made() -> None:
    metadata = read(national.switzerland()).metadata

    assert metadata.issued == datetime(2026, 8, 2, 8, 4, 59, tzinfo=UTC)


@pytest.mark.parametrize("title", ["created on 2026-08-02", "created on Sunday", "Zones", None])
def test_a_title_without_a_moment_leaves_the_age_not_stated(title: str | None) -> None:
    assert read(national.switzerland() | {"title": title}).metadata.issued is None


def test_switzerlands_ceiling_of_99999_is_none() -> None:
    assert first(national.switzerland()).volumes[0].vertical.upper is None


def test_austria_exempts_in_every_zone_and_that_lifts_nothing() -> None:
    zone = first(national.austria())

    assert (zone.type, zone.may_exempt) == (ZoneType.CONDITIONAL, True)


def test_bulgarias_words_for_no_are_no_exemption() -> None:
    assert first(national.bulgaria()).regulation_exemption == "NO"


def test_latvia_has_many_volumes_and_reasons_in_one_text() -> None:
    zone = first(national.latvia())

    assert (len(zone.volumes), zone.reason) == (26, ("AIR_TRAFFIC", "SENSITIVE"))


def test_norway_does_not_say_when_a_zone_applies_so_it_always_does() -> None:
    zone = first(national.norway())

    assert [flag.reason for flag in zone.flags] == [Reason.APPLICABILITY_NOT_STATED]


def test_norways_contacts_may_be_texts_in_a_language() -> None:
    office = first(national.norway318()).authorities[0]

    assert (office.email, office.phone) == ("a@example.org", "4712345678")


def test_html_in_a_message_is_kept_to_the_letter() -> None:
    published = national.france()

    assert first(published).message[0].text == published["features"][0]["message"]


def test_a_list_of_a_service_says_when_it_was_made() -> None:
    assert read(national.zone_list()).metadata.issued == datetime(2026, 11, 1, 14, 50, 33, tzinfo=UTC)


@pytest.mark.parametrize("shape", ["ed269-uaszonelist", "ed269-2020"])
def test_a_reply_that_says_it_failed_is_no_list_of_zones(shape: str) -> None:
    failed = DOCUMENTS[shape][1]() | {
        "genericReply": {"RequestStatus": "NOK", "RequestExceptionDescription": "Invalid credentials"}
    }

    with pytest.raises(DocumentRefused, match=r"its request failed \(NOK: Invalid credentials\)"):
        read(failed)


def test_eurocontrols_objects_are_in_metres_with_corners_by_name() -> None:
    zone = first(national.objects_2020())

    shape, vertical = zone.volumes[0].shapes[0], zone.volumes[0].vertical
    assert isinstance(shape, Polygon)
    assert shape.shell[0] == (4.3, 50.8)
    assert vertical.upper is not None
    assert (vertical.upper.height.value_m, vertical.upper.height.reference) == (100, VerticalReference.WGS84)
    assert zone.applicability[0].schedule[0].days == {Weekday.MON}


def test_eurocontrols_corners_in_a_list_of_a_service_are_the_same_dialect() -> None:
    reply = national.objects_2020()

    document = read({"UASZoneList": reply["uas_zones"], "genericReply": {"RequestStatus": "OK"}})

    assert (document.format, len(document.zones)) == ("ed269-2020", 2)


def test_irelands_metadata_have_another_name_and_a_defect_in_them_is_found_there() -> None:
    assert read(national.ireland()).metadata.issued == datetime(2026, 8, 4, 22, tzinfo=UTC)
    broken = national.ireland()
    broken["datasetMetadata"]["issued"] = "soon"

    with pytest.raises(DocumentRefused) as refused:
        read(broken)

    assert "/datasetMetadata/issued" in {defect.pointer for defect in refused.value.defects}


def test_irelands_plain_texts_are_texts() -> None:
    zone = first(national.ireland())

    assert zone.name == (Text("Zone - Red Zone", None),)
    assert zone.message == (Text("Ask first.", None),)


def test_swedish_is_not_northern_sami_and_that_is_said() -> None:
    document = read(national.sweden())
    zone = document.zones[0].zone

    assert [text.lang for text in zone.name] == ["en-GB", "sv-SE"]
    assert zone.authorities[0].name[0].lang == "sv-SE"
    assert any("'sv-SE' ('se-SE'" in defect.detail for defect in document.defects)


def test_enaires_zone_stands_inside_its_properties() -> None:
    zone = first(national.enaire())

    assert zone.reason == ("AIR_TRAFFIC", "SENSITIVE")
    assert zone.regulation_exemption == "YES"
    assert zone.authorities[0].email == "a@example.org"
    assert zone.volumes[0].vertical.upper is not None
    assert zone.volumes[0].vertical.upper.height.reference is VerticalReference.AMSL


def test_enaires_flat_members_are_heights_an_authority_and_a_schedule() -> None:
    zone = first(national.enaire_flat())

    upper, office, period = zone.volumes[0].vertical.upper, zone.authorities[0], zone.applicability[0]
    assert upper is not None
    assert round(upper.height.value_m, 4) == 99.9744
    assert (office.name[0].text, office.phone, office.lead_time) == (
        "Ministerio",
        "34910000000",
        timedelta(hours=48),
    )
    assert period.start is not None
    assert period.start.at == datetime(2026, 1, 1)  # noqa: DTZ001
    assert [entry.days for entry in period.schedule] == [{Weekday.MON, Weekday.TUE}]
    assert zone.name == ()


def test_enaires_schedule_in_words_is_not_read_as_none() -> None:
    published = national.enaire_flat()
    published["features"][0]["properties"]["limitedApplicability"] = "Fines de semana"

    zone = first(published)

    assert Reason.SCHEDULE_NOT_READABLE in {flag.reason for flag in zone.flags}


def test_enaires_metadata_stand_in_every_feature_and_the_most_cautious_counts() -> None:
    published = national.enaire()
    inside = published["features"][1]["properties"]["datasetMetadata"]
    inside |= {"issued": "2026-01-01T00:00:00", "validTo": "2026-12-01T00:00:00"}

    metadata = read(published).metadata

    assert metadata.issued == datetime(2025, 12, 31, 10, tzinfo=UTC)
    assert metadata.valid_to == datetime(2026, 11, 30, 10, tzinfo=UTC)


def test_a_height_that_enaire_measures_from_an_aerodrome_is_not_one_above_ground() -> None:
    published = national.enaire()
    properties = published["features"][0]["properties"]
    properties["UASZone"]["message"] = "Por debajo de 90m medidos desde el punto de referencia del aeródromo"
    properties["verticalLayer"] |= {"lower": 90, "upper": 500}

    document = read(published)
    zone = document.zones[0].zone

    assert zone.volumes[0].vertical.doubt is Reason.LIMIT_UNREADABLE
    assert "/properties/verticalLayer/lowerReference" in [flag.pointer for flag in zone.flags]


def test_a_zone_that_estonia_hides_counts_and_that_is_noted() -> None:
    document = read(national.estonia())

    hidden = document.zones[1].zone
    assert (hidden.identifier, hidden.type) == ("EEGZS9", ZoneType.PROHIBITED)
    assert any(
        "hides this zone" in d.detail and d.pointer == "/features/1/properties/hidden"
        for d in document.defects
    )


def test_estonias_9999_beside_the_word_unl_is_no_limit() -> None:
    vertical = read(national.estonia()).zones[1].zone.volumes[0].vertical

    assert vertical.upper is None
    assert vertical.lower is not None


def test_estonias_9999_without_the_word_is_a_limit() -> None:
    published = national.estonia()
    published["features"][1]["properties"]["upper"] = "9999 M AGL"

    assert read(published).zones[1].zone.volumes[0].vertical.upper is not None


def test_a_mask_around_the_world_is_in_doubt_outside_its_hole_and_nothing_inside() -> None:
    published = national.estonia()
    world = [[-180.0, -90.0], [180.0, -90.0], [180.0, 90.0], [-180.0, 90.0], [-180.0, -90.0]]
    published["features"][0]["geometry"]["coordinates"] = [world, ring(25.0, 58.8)]

    zone = first(published)

    region = zone.footprints[0]
    assert Reason.GEOMETRY_INVALID in {flag.reason for flag in zone.flags}
    assert not region.possible.contains(shapely.Point(25.05, 58.85))  # type: ignore[union-attr]
    assert region.possible.contains(shapely.Point(20.0, 50.0))  # type: ignore[union-attr]


def test_volumes_and_a_geometry_that_differ_both_count() -> None:
    published = national.with_ed269()
    published["features"][0]["geometry"] = {"type": "Polygon", "coordinates": [ring(110.0, 3.1)]}

    zone = first(published)

    wests = sorted(volume.footprints[0].bounds[0] for volume in zone.volumes)
    assert wests == [101.6, 110.0]
    assert Reason.GEOMETRY_INVALID in {flag.reason for flag in zone.flags}


def test_a_point_with_an_extent_over_ed269_heights_is_a_circle() -> None:
    published = national.estonia()
    extent = {"subType": "Circle", "radius": 500}
    published["features"][0]["geometry"] = {"type": "Point", "coordinates": [25.0, 58.8], "extent": extent}

    assert first(published).volumes[0].shapes == (Circle((25.0, 58.8), 500),)


def test_every_part_of_a_multipolygon_and_a_collection_is_a_volume() -> None:
    published = national.estonia()
    many = {"type": "MultiPolygon", "coordinates": [[ring(25.0, 58.8)], [ring(26.0, 58.8)]]}
    alone = {"type": "Polygon", "coordinates": [ring(27.0, 58.8)]}
    published["features"][0]["geometry"] = {"type": "GeometryCollection", "geometries": [many, alone]}

    assert [volume.footprints[0].bounds[0] for volume in first(published).volumes] == [25.0, 26.0, 27.0]


def test_a_schedule_in_words_in_ed269_members_is_not_read_as_none() -> None:
    published = national.with_ed269()
    published["features"][0]["properties"]["applicability"][0]["rawSchedule"] = "SR MINUS30-SS"

    zone = first(published)

    assert zone.applicability[0].schedule == (DailyPeriod(frozenset(), days_readable=False),)
    assert Reason.SCHEDULE_NOT_READABLE in {flag.reason for flag in zone.flags}


def test_heights_in_the_geometrys_layer_serve_where_the_properties_have_none() -> None:
    published = national.with_ed269()
    layer = {"lower": 10, "lowerReference": "AGL", "upper": 60, "upperReference": "AGL"}
    del published["features"][0]["properties"]["geometry"]
    published["features"][0]["geometry"]["layer"] = layer

    vertical = first(published).volumes[0].vertical

    assert vertical.upper is not None
    assert vertical.upper.height.value_m == 60


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P07DT00H00M", timedelta(days=7)),
        ("P7D", timedelta(days=7)),
        ("PT48H", timedelta(days=2)),
        ("P10DT00H", timedelta(days=10)),
        ("PT1.5H", timedelta(minutes=90)),
        ("P0,5D", timedelta(hours=12)),
        ("P1M", timedelta(days=31)),
        ("P3Y", timedelta(days=3 * 366)),
        (" ", None),
        ("soon", None),
        ("P" + "9" * 5000 + "D", None),
    ],
)
def test_durations_are_read_in_every_form_and_never_too_short(text: str, length: timedelta | None) -> None:
    published = national.switzerland()
    published["features"][0]["zoneAuthority"] = [{"name": "x", "intervalBefore": text}]

    assert first(published).authorities[0].lead_time == length


@EACH
@pytest.mark.parametrize("word", ["REQ_AUTHORISATION", "REQ_AUTHORIZATION"])
def test_both_spellings_of_authorisation_are_read_in_every_dialect(shape: str, word: str) -> None:
    text = json.dumps(DOCUMENTS[shape][1]())
    for other in ("REQ_AUTHORISATION", "REQ_AUTHORIZATION", "PROHIBITED", '"CONDITIONAL"'):
        text = text.replace(other, f'"{word}"' if other.startswith('"') else word)

    document = read_document(text.encode())

    assert {each.zone.type for each in document.zones} == {ZoneType.REQ_AUTHORIZATION}


def test_conditions_in_a_list_are_not_lost_in_ed318() -> None:
    published = national.ed318()
    published["features"][0]["properties"]["restrictionConditions"] = ["First", "second"]

    assert first(published).restriction_conditions == "First\nsecond"


def test_a_period_of_the_wrong_shape_is_shown_alike_whatever_the_order_of_its_members() -> None:
    published = national.finland()
    published["features"][0]["applicability"] = [[{"permanent": "YES", "endDateTime": None}]]
    turned = json.loads(json.dumps(published, sort_keys=True))

    assert first(published) == first(turned)


def test_hundreds_of_pieces_under_one_identifier_are_one_zone() -> None:
    published = national.enaire()
    piece = published["features"][0]
    published["features"] = [
        piece
        | {"geometry": {"type": "Polygon", "coordinates": [ring(-3 + n / 100, 40)]}}
        | {"properties": piece["properties"] | {"OBJECTID": n}}
        for n in range(300)
    ]

    document = read(published)

    assert [len(each.zone.volumes) for each in document.zones] == [300]


REAL = {
    "finland.ed269.json": ("ed269-finland", 723),
    "netherlands.ed269.json": ("ed269", 774),
    "fixtures/eans-ee.json": ("eans", 5),
    "fixtures/ed269-ch.json": ("ed269-switzerland", 4),
    "fixtures/ed269-fi.json": ("ed269-finland", 2),
    "fixtures/ed269-lu.json": ("ed269-luxembourg", 2),
    "fixtures/ed318-ie.json": ("ed318-ireland", 4),
    "fixtures/ed318-se.json": ("ed318-sweden", 3),
    "interuss/cis_source_sample_ed269.json": ("ed269-uaszonelist", 1),
    "interuss/cis_source_sample_ed318.json": ("ed318", 3),
    "interuss/geo-awareness-che-1.json": ("ed269-switzerland", 6),
    "interuss/test_eurocae_ed269.json": ("ed269-switzerland", 6),
    "ed318-examples/Example_Collection.json": ("ed318", 2),
    "ed318-examples/Example_GeoZone_2_Layers.json": ("ed318", 1),
    "ed318-examples/Example_GeoZone_Circle.json": ("ed318", 1),
    "ed318-examples/Example_GeoZone_with_extension.json": ("ed318", 1),
}
REFUSED = {
    "ed318-examples/InvalidExample_GeoZone_2_Layers.json": "validFrom is not a date and time",
    "ed318-examples/PartialExample_GeoZoneProperties.json": "one zone, or a part of one",
    "ed318-examples/PartialExample_TimePeriod.json": "a part of a zone",
    "ed318-examples/PartialExample_ZoneAuthority.json": "a part of a zone",
    "ed318-examples/PartialExample_featureGeoJSON.json": "A single Feature is not a data set",
}


def test_every_real_file_is_known_here(sample_data: Path) -> None:
    files = {str(path.relative_to(sample_data / "feeds")) for path in (sample_data / "feeds").rglob("*.json")}

    assert files == REAL.keys() | REFUSED.keys()


@pytest.mark.parametrize("file", REAL)
def test_every_real_file_is_read_in_its_dialect_with_all_its_zones(sample_data: Path, file: str) -> None:
    document = read_document((sample_data / "feeds" / file).read_bytes())

    assert (document.format, len(document.zones), document.quarantined) == (*REAL[file], ())
    assert all(volume.footprints for each in document.zones for volume in each.zone.volumes)


@pytest.mark.parametrize("file", REFUSED)
def test_every_real_file_that_is_no_data_set_is_refused_in_a_sentence(sample_data: Path, file: str) -> None:
    with pytest.raises(DocumentRefused, match=REFUSED[file]):
        read_document((sample_data / "feeds" / file).read_bytes())


def test_the_real_dutch_file_has_the_shapes_and_words_it_was_published_with(sample_data: Path) -> None:
    document = read_document((sample_data / "feeds" / "netherlands.ed269.json").read_bytes())

    zones = [each.zone for each in document.zones]
    words = [zone.published_type for zone in zones]
    circles = [zone for zone in zones if isinstance(zone.volumes[0].shapes[0], Circle)]
    assert len(circles) == 612
    assert {word: words.count(word) for word in set(words)} == {
        "CONDITIONAL": 713,
        "REQ_AUTHORISATION": 51,
        "PROHIBITED": 10,
    }
