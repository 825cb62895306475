"""AIXM 5.1: airspace is read as an area that covers it, in the publisher's words, never a smaller one."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import away
from zones_api.domain.geometry import GEOD, Circle, LonLat, Polygon, geodesic
from zones_api.domain.zone import UASZone, ZoneType
from zones_api.errors import DocumentRefused, InvalidInput
from zones_api.formats.document import Document, read_converted, read_document, read_zone
from zones_api.formats.offices import aixm
from zones_api.formats.offices.mapping import ColumnMapping

LAT_LON, LON_LAT = "urn:ogc:def:crs:EPSG::4326", "urn:ogc:def:crs:OGC:1.3:CRS84"
CENTRE: LonLat = (5.0, 52.0)
MILE_M = 1852.0


def line(*points: LonLat, kind: str = "GeodesicString", srs: str = LAT_LON) -> str:
    pairs = " ".join(f"{lat!r} {lon!r}" if srs == LAT_LON else f"{lon!r} {lat!r}" for lon, lat in points)
    return f"<gml:{kind}><gml:posList>{pairs}</gml:posList></gml:{kind}>"


def arc(
    start: float, end: float, radius: str = '<gml:radius uom="NM">1</gml:radius>', centre: LonLat = CENTRE
) -> str:
    at = f"<gml:pos>{centre[1]!r} {centre[0]!r}</gml:pos>"
    angles = (
        f'<gml:startAngle uom="deg">{start!r}</gml:startAngle><gml:endAngle uom="deg">{end!r}</gml:endAngle>'
    )
    return f'<gml:ArcByCenterPoint numArc="1">{at}{radius}{angles}</gml:ArcByCenterPoint>'


def circle(radius: str = '<gml:radius uom="NM">1</gml:radius>', centre: LonLat = CENTRE) -> str:
    return f"<gml:CircleByCenterPoint><gml:pos>{centre[1]!r} {centre[0]!r}</gml:pos>{radius}</gml:CircleByCenterPoint>"


def ring(*segments: str) -> str:
    curve = f"<gml:Curve><gml:segments>{''.join(segments)}</gml:segments></gml:Curve>"
    return f"<gml:Ring><gml:curveMember>{curve}</gml:curveMember></gml:Ring>"


def surface(exterior: str, *interiors: str, srs: str | None = LAT_LON) -> str:
    inside = "".join(f"<gml:interior>{interior}</gml:interior>" for interior in interiors)
    named = f' srsName="{srs}"' if srs else ""
    patch = f"<gml:PolygonPatch><gml:exterior>{exterior}</gml:exterior>{inside}</gml:PolygonPatch>"
    return f"<aixm:Surface{named}><gml:patches>{patch}</gml:patches></aixm:Surface>"


SQUARE = ring(line((5.0, 52.0), (5.1, 52.0), (5.1, 52.1), (5.0, 52.1), (5.0, 52.0)))
GROUND_TO_2000_FT = (
    '<aixm:upperLimit uom="FT">2000</aixm:upperLimit><aixm:upperLimitReference>SFC</aixm:upperLimitReference>'
    '<aixm:lowerLimit uom="FT">0</aixm:lowerLimit><aixm:lowerLimitReference>SFC</aixm:lowerLimitReference>'
)


def component(
    inside: str | None = None,
    limits: str = GROUND_TO_2000_FT,
    operation: str | None = None,
    whole: str | None = None,
) -> str:
    how = f"<aixm:operation>{operation}</aixm:operation>" if operation else ""
    projection = f"<aixm:horizontalProjection>{inside or surface(SQUARE)}</aixm:horizontalProjection>"
    volume = f"<aixm:AirspaceVolume>{limits}{projection if whole is None else whole}</aixm:AirspaceVolume>"
    return (
        f"<aixm:geometryComponent><aixm:AirspaceGeometryComponent>{how}<aixm:theAirspaceVolume>{volume}"
        "</aixm:theAirspaceVolume></aixm:AirspaceGeometryComponent></aixm:geometryComponent>"
    )


def time_slice(
    *components: str, before: str = "", type_: str = "P", designator: str = "EHP1", more: str = ""
) -> str:
    return (
        f"<aixm:timeSlice><aixm:AirspaceTimeSlice>{before}<aixm:type>{type_}</aixm:type>"
        f"<aixm:designator>{designator}</aixm:designator><aixm:name>TEST</aixm:name>{more}"
        f"{''.join(components or [component()])}</aixm:AirspaceTimeSlice></aixm:timeSlice>"
    )


def airspace(*slices: str, uuid: str = "1") -> str:
    identifier = f'<gml:identifier codeSpace="urn:uuid:">{uuid}</gml:identifier>'
    return f"<message:hasMember><aixm:Airspace>{identifier}{''.join(slices or [time_slice()])}</aixm:Airspace></message:hasMember>"


def message(*members: str) -> bytes:
    spaces = (
        'xmlns:aixm="http://www.aixm.aero/schema/5.1" xmlns:gml="http://www.opengis.net/gml/3.2"'
        ' xmlns:message="http://www.aixm.aero/schema/5.1/message" xmlns:xlink="http://www.w3.org/1999/xlink"'
    )
    return f"<message:AIXMBasicMessage {spaces}>{''.join(members or [airspace()])}</message:AIXMBasicMessage>".encode()


def of(exterior: str, *interiors: str, **options: Any) -> Document:
    return read_document(message(airspace(time_slice(component(surface(exterior, *interiors, **options))))))


def the_zone(document: Document) -> UASZone:
    assert len(document.zones) == 1, document.defects
    return document.zones[0].zone


def area(zone: UASZone) -> shapely.Geometry:
    return shapely.union_all([footprint.certain for footprint in zone.footprints])


def bearings(start: float, end: float) -> Iterable[LonLat]:
    return (away(CENTRE, azimuth, MILE_M) for azimuth in np.linspace(start, end, 200))


def said(zone: UASZone) -> str:
    return " ".join(text.text for text in zone.message)


def test_a_circle_stays_a_circle_to_the_millimetre() -> None:
    for uom, number in (
        ("NM", "2"),
        ("[nmi_i]", "2"),
        ("KM", "3.704"),
        ("km", "3.704"),
        ("m", "3704"),
        ("M", "3704"),
    ):
        zone = the_zone(of(ring(circle(f'<gml:radius uom="{uom}">{number}</gml:radius>'))))
        assert zone.volumes[0].shapes == (Circle(CENTRE, 3704.0),)


@pytest.mark.parametrize(
    "srs", [LAT_LON, LON_LAT, "EPSG:4326", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"]
)
def test_positions_are_read_in_the_order_of_their_coordinate_system(srs: str) -> None:
    points = ((5.0, 52.0), (5.1, 52.0), (5.1, 52.1), (5.0, 52.0))
    order = LAT_LON if "4326" in srs else LON_LAT

    zone = the_zone(of(ring(line(*points, kind="LineStringSegment", srs=order)), srs=srs))

    assert zone.volumes[0].shapes == (Polygon(points),)


def test_a_coordinate_system_on_the_position_itself_comes_first() -> None:
    points = ((5.0, 52.0), (5.1, 52.0), (5.1, 52.1), (5.0, 52.0))
    inner = line(*points, kind="LinearRing", srs=LON_LAT).replace(
        "<gml:posList>", f'<gml:posList srsName="{LON_LAT}">'
    )

    assert the_zone(of(inner)).volumes[0].shapes == (Polygon(points),)


def test_an_arc_is_covered_and_not_by_more_than_a_metre_or_two() -> None:
    start, end = away(CENTRE, 0.0, MILE_M), away(CENTRE, 90.0, MILE_M)

    zone = the_zone(of(ring(line(CENTRE, start), arc(0.0, 90.0), line(end, CENTRE))))

    inside = area(zone)
    assert all(inside.covers(shapely.Point(point)) for point in bearings(0.0, 90.0))
    outside = [away(CENTRE, azimuth, MILE_M + 2.5) for azimuth in np.linspace(1.0, 89.0, 100)]
    assert not any(inside.covers(shapely.Point(point)) for point in outside)
    assert not inside.covers(shapely.Point(away(CENTRE, 180.0, 100.0)))


@settings(max_examples=60)
@given(st.floats(0, 359), st.floats(10, 170), st.sampled_from([1, -1]), st.booleans(), st.floats(200, 60_000))
def test_a_slice_of_a_circle_is_covered_whatever_its_direction_and_meaning_of_angles(
    start: float, sweep: float, sense: int, as_angles: bool, radius_m: float
) -> None:
    end = start + sense * sweep
    rim = [away(CENTRE, azimuth, radius_m) for azimuth in np.linspace(start, end, 120)]
    angles = (90.0 - start, 90.0 - end) if as_angles else (start, end)
    part = arc(*angles, radius=f'<gml:radius uom="M">{radius_m!r}</gml:radius>')

    zone = the_zone(of(ring(line(CENTRE, rim[0]), part, line(rim[-1], CENTRE))))

    inside = area(zone)
    assert all(inside.covers(shapely.Point(point)) for point in [*rim, CENTRE])
    slice_km2 = math.pi * (radius_m / 1000) ** 2 * sweep / 360
    assert _km2(inside) < slice_km2 * 1.02 + 0.01


def _km2(shape: shapely.Geometry) -> float:
    return sum(abs(GEOD.geometry_area_perimeter(part)[0]) for part in shapely.get_parts(shape)) / 1e6


def test_an_arc_bitten_out_of_a_zone_takes_away_no_more_than_it_says() -> None:
    west, east = away(CENTRE, 270.0, MILE_M), away(CENTRE, 90.0, MILE_M)
    far = [(5.1, 52.0), (5.1, 52.1), (4.9, 52.1), (4.9, 52.0)]

    zone = the_zone(of(ring(line(east, *far, west), arc(270.0, 450.0))))

    inside = area(zone)
    assert all(inside.covers(shapely.Point(point)) for point in bearings(270.0, 450.0))
    assert not inside.covers(shapely.Point(away(CENTRE, 0.0, MILE_M - 3.0)))


def test_an_arc_that_would_make_the_ring_cross_itself_runs_the_other_way_round() -> None:
    a, b = away(CENTRE, 315.0, MILE_M), away(CENTRE, 45.0, MILE_M)
    top = 52.014
    outline = ring(line((a[0], top), a), arc(315.0, 45.0), line(b, (b[0], top), (a[0], top)))

    zone = the_zone(of(outline))

    assert "GEOMETRY_INVALID" not in {flag.reason for flag in zone.flags}
    assert area(zone).covers(shapely.Point(away(CENTRE, 180.0, MILE_M)))


def test_where_an_arc_may_run_either_way_round_both_areas_count() -> None:
    a, b = away(CENTRE, 315.0, MILE_M), away(CENTRE, 45.0, MILE_M)

    zone = the_zone(of(ring(line(CENTRE, a), arc(315.0, 45.0), line(b, CENTRE))))

    assert area(zone).covers(shapely.Point(away(CENTRE, 0.0, MILE_M)))
    assert area(zone).covers(shapely.Point(away(CENTRE, 180.0, MILE_M)))
    assert "either way round" in said(zone)


def test_an_arc_whose_ends_are_rounded_is_still_covered() -> None:
    start, end = away(CENTRE, 0.0, MILE_M + 20.0), away(CENTRE, 90.0, MILE_M - 20.0)

    zone = the_zone(of(ring(line(CENTRE, start), arc(0.0, 90.0), line(end, CENTRE))))

    assert all(area(zone).covers(shapely.Point(point)) for point in bearings(0.5, 89.5))


def test_an_arc_that_fits_nowhere_sets_the_zone_aside_with_where_it_lies() -> None:
    start = away(CENTRE, 30.0, MILE_M)

    document = of(ring(line(CENTRE, start), arc(100.0, 200.0), line(away(CENTRE, 250.0, MILE_M), CENTRE)))

    (lost,) = document.quarantined
    assert "m from the points beside it" in lost.defects[-1].detail
    assert lost.defects[-1].detail.startswith("airspace 1 (EHP1): ")
    assert lost.bounds is not None
    assert lost.bounds[0] < away(CENTRE, 270.0, MILE_M)[0]


def test_a_long_geodesic_is_followed() -> None:
    west, east = (4.0, 53.0), (8.0, 53.0)

    zone = the_zone(of(ring(line(west, east, (6.0, 50.0), west))))

    bulge = geodesic([west, east])[len(geodesic([west, east])) // 2]
    assert bulge[1] > 53.01
    assert area(zone).covers(shapely.Point(bulge))


def test_a_hole_takes_away_no_more_than_it_says() -> None:
    hole = ring(circle('<gml:radius uom="M">500</gml:radius>', (5.05, 52.05)))

    zone = the_zone(of(SQUARE, hole))

    rim = [away((5.05, 52.05), azimuth, 499.99) for azimuth in range(0, 360, 7)]
    assert not area(zone).covers(shapely.Point(5.05, 52.05))
    assert sum(area(zone).covers(shapely.Point(point)) for point in rim) > 0
    assert all(area(zone).covers(shapely.Point(away((5.05, 52.05), a, 500.0))) for a in range(0, 360, 7))


COAST = (
    '<message:hasMember><aixm:GeoBorder><gml:identifier codeSpace="urn:uuid:">coast</gml:identifier><aixm:timeSlice>'
    f'<aixm:GeoBorderTimeSlice><aixm:border><aixm:Curve srsName="{LAT_LON}"><gml:segments>'
    + line((5.0, 52.0), (5.005, 52.01), (5.0, 52.02), (4.99, 52.03))
    + "</gml:segments></aixm:Curve></aixm:border></aixm:GeoBorderTimeSlice></aixm:timeSlice></aixm:GeoBorder>"
    "</message:hasMember>"
)
ALONG = '<gml:curveMember xlink:href="urn:uuid:coast"/>'


@pytest.mark.parametrize(
    "points",
    [((5.0, 52.02), (4.98, 52.02), (4.98, 52.0), (5.0, 52.0)), ((5.0, 52.0), (4.98, 52.0), (5.0, 52.02))],
)
def test_a_ring_follows_a_border_in_its_own_direction(points: tuple[LonLat, ...]) -> None:
    outline = ring(line(*points)).replace("</gml:Ring>", f"{ALONG}</gml:Ring>")

    zone = the_zone(read_document(message(airspace(time_slice(component(surface(outline)))), COAST)))

    (shape,) = zone.volumes[0].shapes
    assert isinstance(shape, Polygon)
    assert shapely.Polygon(shape.shell).is_valid
    assert area(zone).covers(shapely.Point(5.0045, 52.01))


@pytest.mark.parametrize(
    ("outline", "says"),
    [
        (
            ring(line((5.0, 52.02), (4.98, 52.0), (5.0, 52.0))).replace("</gml:Ring>", f"{ALONG}</gml:Ring>"),
            "not in the file",
        ),
        (ring("<gml:Arc><gml:posList>1 2 3 4 5 6</gml:posList></gml:Arc>"), "A Arc in a ring is not read"),
        (ring(circle('<gml:radius uom="furlong">1</gml:radius>')), "no radius with a unit"),
        (ring(circle('<gml:radius uom="NM">-1</gml:radius>')), "no radius with a unit"),
        (ring(circle("")), "no radius with a unit"),
        (ring(arc(0.0, float("nan"))), "no start and end angle"),
        (ring(line((5.0, 152.0), (5.1, 52.0), (5.1, 52.1))), "not on the globe"),
        (ring(line((5.0, 52.0), (5.1, 52.0))), "fewer than three points"),
        (
            ring("<gml:GeodesicString><gml:posList>52 5 53</gml:posList></gml:GeodesicString>"),
            "not two numbers",
        ),
        (ring("<gml:GeodesicString><gml:posList>a b</gml:posList></gml:GeodesicString>"), "not two numbers"),
        (ring(), "no points"),
        ("", "no points"),
    ],
)
def test_a_ring_that_cannot_be_read_sets_its_zone_aside(outline: str, says: str) -> None:
    good = airspace(time_slice(designator="EHP2"), uuid="2")

    document = read_document(message(airspace(time_slice(component(surface(outline)))), good))

    assert [zone.zone.identifier for zone in document.zones] == ["EHP2"]
    (lost,) = document.quarantined
    assert any(says in defect.detail for defect in lost.defects)


@pytest.mark.parametrize(
    ("srs", "says"), [(None, "No coordinate system"), ("urn:ogc:def:crs:EPSG::28992", "are not read")]
)
def test_no_coordinate_system_is_guessed(srs: str | None, says: str) -> None:
    assert says in of(SQUARE, srs=srs).quarantined[0].defects[-1].detail


def limits(upper: str, lower: str = "") -> UASZone:
    return the_zone(read_document(message(airspace(time_slice(component(limits=upper + lower))))))


def limit(end: str, number: str, uom: str | None, reference: str | None) -> str:
    unit = f' uom="{uom}"' if uom else ""
    said = f"<aixm:{end}LimitReference>{reference}</aixm:{end}LimitReference>" if reference else ""
    return f"<aixm:{end}Limit{unit}>{number}</aixm:{end}Limit>{said}"


@pytest.mark.parametrize(
    ("upper", "metres"),
    [
        (limit("upper", "2000", "FT", "SFC"), 609.6),
        (limit("upper", "2000", "FT", "MSL"), 609.6),
        (limit("upper", "300", "M", "W84"), 300.0),
        (limit("upper", "999", "FL", "STD"), None),
        (limit("upper", "UNL", None, None), None),
        (limit("upper", "UNL", "FT", "MSL"), None),
        ("", None),
    ],
)
def test_upper_limits_are_read_in_their_unit_and_reference(upper: str, metres: float | None) -> None:
    vertical = limits(upper).volumes[0].vertical

    assert vertical.doubt is None
    assert (vertical.upper.height.value_m if vertical.upper else None) == metres


@pytest.mark.parametrize(
    "published",
    [
        limit("upper", "100", "FL", "STD"),
        limit("upper", "2000", "FT", "STD"),
        limit("upper", "2000", "FT", None),
        limit("upper", "2000", None, "MSL"),
        limit("upper", "high", "FT", "MSL"),
        limit("upper", "CEILING", None, None),
        limit("lower", "50", "FL", "STD"),
        limit("upper", "2000", "FT", "SFC") + '<aixm:maximumLimit uom="FT">3000</aixm:maximumLimit>',
    ],
)
def test_limits_that_cannot_be_compared_with_a_height_are_in_doubt(published: str) -> None:
    assert limits(published).volumes[0].vertical.doubt == "LIMIT_UNREADABLE"


@pytest.mark.parametrize("lower", [limit("lower", "GND", None, None), limit("lower", "0", "FT", "SFC"), ""])
def test_the_ground_is_the_surface(lower: str) -> None:
    assert limits(limit("upper", "2000", "FT", "MSL"), lower).volumes[0].vertical.lower is None


def test_limits_in_two_units_are_each_read_in_theirs() -> None:
    vertical = (
        limits(limit("upper", "600", "M", "MSL"), limit("lower", "1000", "FT", "SFC")).volumes[0].vertical
    )

    assert vertical.lower is not None
    assert vertical.upper is not None
    assert (vertical.lower.height.value_m, vertical.upper.height.value_m) == (304.8, 600.0)


def test_a_type_is_a_word_that_is_not_recognised_until_a_mapping_says_what_it_means() -> None:
    mapping = ColumnMapping(values={"country": "NLD"}, tables={"type": {"P": "PROHIBITED"}})
    data = message()

    plain, mapped = read_document(data), read_converted(aixm.convert(data, mapping), data)

    assert (the_zone(plain).type, the_zone(plain).published_type) == (None, "P")
    assert any("'P'" in sentence for sentence in plain.said)
    assert (the_zone(mapped).type, the_zone(mapped).country) == (ZoneType.PROHIBITED, "NLD")
    assert the_zone(mapped).extended_properties["source"]["type"] == "P"  # type: ignore[index]


def test_airspace_is_left_out_only_as_told_and_counted() -> None:
    data = message(airspace(), airspace(time_slice(type_="FIR", designator="EHAA"), uuid="2"))
    mapping = ColumnMapping(leave_out={"type": ("FIR",)})

    document = read_converted(aixm.convert(data, mapping), data)

    assert the_zone(document).identifier == "EHP1"
    assert "Airspaces left out, as the mapping says: 1." in document.said


def test_a_mapping_with_columns_does_not_fit() -> None:
    with pytest.raises(InvalidInput, match="members of its own"):
        aixm.convert(message(), ColumnMapping(columns={"identifier": "designator"}))


def test_times_are_kept_as_texts_and_the_zone_counts_always() -> None:
    note = '<aixm:annotation><aixm:Note><aixm:note lang="eng">Mon-Sat SR to SS.</aixm:note></aixm:Note></aixm:annotation>'
    sheet = "<aixm:timeInterval><aixm:Timesheet><aixm:day>MON</aixm:day><aixm:startTime>08:00</aixm:startTime></aixm:Timesheet></aixm:timeInterval>"
    for inside, text in ((note, "Mon-Sat SR to SS."), (sheet, "day MON, startTime 08:00")):
        active = (
            f"<aixm:activation><aixm:AirspaceActivation>{inside}</aixm:AirspaceActivation></aixm:activation>"
        )

        zone = the_zone(read_document(message(airspace(time_slice(more=active)))))

        assert text in said(zone)
        assert "TEXT_LIMITS_APPLICABILITY" in {flag.reason for flag in zone.flags}
        assert [period.schedule for period in zone.applicability] == [()]


def valid(begin: str, end: str = "") -> str:
    return (
        f"<gml:validTime><gml:TimePeriod><gml:beginPosition>{begin}</gml:beginPosition>"
        f"<gml:endPosition>{end}</gml:endPosition></gml:TimePeriod></gml:validTime>"
    )


def interpretation(word: str, sequence: int = 1, correction: int = 0) -> str:
    return (
        f"<aixm:interpretation>{word}</aixm:interpretation><aixm:sequenceNumber>{sequence}</aixm:sequenceNumber>"
        f"<aixm:correctionNumber>{correction}</aixm:correctionNumber>"
    )


def test_the_last_correction_of_each_baseline_counts_in_its_time() -> None:
    first, second = valid("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"), valid("2026-06-01T00:00:00Z")
    slices = [
        time_slice(before=first + interpretation("BASELINE", 1), type_="D"),
        time_slice(before=first + interpretation("BASELINE", 1, 1), type_="R"),
        time_slice(before=second + interpretation("BASELINE", 2), type_="P"),
    ]

    document = read_document(message(airspace(*slices)))

    ends = [
        (z.zone.published_type, z.zone.applicability[0].start, z.zone.applicability[0].end)
        for z in document.zones
    ]
    assert [(word, start and start.published, end and end.published) for word, start, end in ends] == [
        ("R", "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"),
        ("P", "2026-06-01T00:00:00Z", None),
    ]


def test_a_temporary_change_is_not_applied_and_said() -> None:
    change = time_slice(before=valid("2026-05-01T00:00:00Z") + interpretation("TEMPDELTA"), type_="D")

    zone = the_zone(read_document(message(airspace(time_slice(before=interpretation("BASELINE")), change))))

    assert zone.published_type == "P"
    assert "TEMPDELTA, from 2026-05-01T00:00:00Z" in said(zone)


def test_a_change_without_what_it_changes_is_set_aside() -> None:
    document = read_document(
        message(airspace(time_slice(before=interpretation("PERMDELTA"))), airspace(uuid="2"))
    )

    assert len(document.quarantined) == 1


def test_volumes_are_joined_and_what_is_subtracted_is_kept_in() -> None:
    other = ring(line((5.2, 52.0), (5.3, 52.0), (5.3, 52.1), (5.2, 52.0)))
    parts = [
        component(operation="BASE"),
        component(surface(other), operation="UNION", limits=limit("upper", "UNL", None, None)),
        component(surface(ring(circle())), operation="SUBTR"),
    ]

    zone = the_zone(read_document(message(airspace(time_slice(*parts)))))

    assert len(zone.volumes) == 2
    assert area(zone).covers(shapely.Point(5.005, 52.005))
    assert "taken out by its publisher and is kept in here" in said(zone)


@pytest.mark.parametrize(("dependency", "upper"), [("FULL_GEOMETRY", 609.6), ("HORZ_PROJECTION", 100.0)])
def test_a_volume_of_another_airspace_is_looked_up(dependency: str, upper: float) -> None:
    contributor = (
        "<aixm:contributorAirspace><aixm:AirspaceVolumeDependency>"
        f'<aixm:dependency>{dependency}</aixm:dependency><aixm:theAirspace xlink:href="urn:uuid:2"/>'
        "</aixm:AirspaceVolumeDependency></aixm:contributorAirspace>"
    )
    made = time_slice(component(limits=limit("upper", "100", "M", "SFC"), whole=contributor))

    document = read_document(message(airspace(made), airspace(time_slice(designator="EHP2"), uuid="2")))
    alone = read_document(message(airspace(made), airspace(time_slice(designator="EHP2"), uuid="3")))
    itself = read_document(
        message(airspace(made, uuid="2"), airspace(time_slice(designator="EHP2"), uuid="3"))
    )

    first, second = (held.zone for held in document.zones)
    assert first.volumes[0].shapes == second.volumes[0].shapes
    assert first.volumes[0].vertical.upper is not None
    assert first.volumes[0].vertical.upper.height.value_m == upper
    assert "not in the file" in alone.quarantined[0].defects[-1].detail
    assert "without an end" in itself.quarantined[0].defects[-1].detail


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<a/>", "not an AIXM 5.1 message"),
        (message().replace(b"schema/5.1", b"schema/4.5"), "not an AIXM 5.1 message"),
        (message()[:-30], "not XML"),
        (b"<!DOCTYPE a>" + message(), "DOCTYPE"),
        (message(" "), "no zones"),
        (b"<" * 50, "not XML"),
        (b"<a>" * 5000, "nests deeper"),
    ],
)
def test_what_is_no_aixm_message_is_refused_in_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(DocumentRefused, match=says):
        read_document(data)


def test_a_zone_is_read_again_from_its_content_for_ever() -> None:
    document = read_document(message())

    assert (document.format, document.published_in) == ("ed318", "aixm51")
    (held,) = document.zones
    assert read_zone(document.format, held.content) == held.zone
    source = json.loads(held.content)[0]["properties"]["extendedProperties"]["source"]
    assert source == {
        "format": "AIXM 5.1",
        "designator": "EHP1",
        "identifier": "1",
        "name": "TEST",
        "type": "P",
        "limits": [{"lower": "0 FT SFC", "upper": "2000 FT SFC"}],
    }


def test_the_real_british_shape_is_read_whole(sample_data: Path) -> None:
    document = read_document((sample_data / "feeds" / "fixtures" / "aixm51-gb.xml").read_bytes())

    assert [zone.zone.identifier for zone in document.zones] == [
        "EGTEST1",
        "EGD901",
        "EGP901",
        "EGD902",
        "EGD903",
        "EGD904",
    ]
    assert document.quarantined == ()
    flipped = area(document.zones[5].zone)
    assert flipped.covers(shapely.Point(-2.0, 52.99))
