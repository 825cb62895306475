"""KML and KMZ: what is flown, and what each altitude mode makes of the third number."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from tests.formats.missions.files import GOOD, kml, line, placemark, ring, zipped
from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.mission import Mission, MissionFile
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats.missions import kml as reader
from zones_api.formats.missions.limits import MAX_POINTS

TEN = datetime(2026, 5, 1, 10, tzinfo=UTC)


def only(file: MissionFile) -> Mission:
    assert len(file.missions) == 1
    return file.missions[0]


def doubts(file: MissionFile, severity: str = "flag") -> str:
    return "\n".join(doubt.detail for doubt in file.doubts if doubt.severity == severity)


def refusal(body: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        reader.read(kml(body))
    return caught.value.detail


def polygon(outer: str, *inner: str, mode: str = "") -> str:
    word = f"<altitudeMode>{mode}</altitudeMode>" if mode else ""
    holes = "".join(f"<innerBoundaryIs>{ring(hole)}</innerBoundaryIs>" for hole in inner)
    return f"<Polygon>{word}<outerBoundaryIs>{ring(outer)}</outerBoundaryIs>{holes}</Polygon>"


def track(*rows: tuple[str, str], mode: str = "absolute") -> str:
    whens = "".join(f"<when>{when}</when>" for when, _ in rows)
    places = "".join(f"<gx:coord>{place}</gx:coord>" for _, place in rows)
    return f"<gx:Track><altitudeMode>{mode}</altitudeMode>{whens}{places}</gx:Track>"


@pytest.mark.parametrize(
    ("mode", "reference"),
    [("relativeToGround", VerticalReference.AGL), ("absolute", VerticalReference.AMSL)],
)
def test_an_altitude_mode_says_what_heights_are_measured_from(
    mode: str, reference: VerticalReference
) -> None:
    file = reader.read(kml(placemark(line("4.9,52.3,30 4.91,52.31,0", mode))))

    assert [point.height for point in only(file).waypoints] == [Height(30, reference), Height(0, reference)]
    assert not file.doubts


def test_without_a_mode_zero_is_not_stated_and_anything_else_is_in_doubt() -> None:
    file = reader.read(kml(placemark(line("4.9,52.3,0 4.91,52.31 4.92,52.32,55"))))

    waypoints = only(file).waypoints
    assert [point.height for point in waypoints] == [None, None, None]
    assert [point.unreferenced_m for point in waypoints] == [None, None, 55.0]
    assert doubts(file) == "placemark 1, point 3: the height has no altitudeMode: nobody says from where."


def test_clamp_to_ground_sets_a_height_aside_and_says_so() -> None:
    file = reader.read(kml(placemark(line("4.9,52.3,55 4.91,52.31,0", "clampToGround"))))

    assert all(point.height is None and point.unreferenced_m is None for point in only(file).waypoints)
    assert "clampToGround" in doubts(file)


def test_a_mode_without_a_height_is_in_doubt() -> None:
    file = reader.read(kml(placemark(line("4.9,52.3 4.91,52.31", "relativeToGround"))))

    assert only(file).waypoints[0].height is None
    assert "no height" in doubts(file)


@pytest.mark.parametrize("mode", ["relativeToSeaFloor", "clampToSeaFloor", "someday"])
def test_other_modes_are_refused(mode: str) -> None:
    detail = refusal(
        placemark(
            f"<LineString><gx:altitudeMode>{mode}</gx:altitudeMode>"
            "<coordinates>4.9,52.3,3 4.91,52.31,3</coordinates></LineString>"
        )
    )

    assert detail.startswith("placemark 1: ")
    assert mode in detail


def test_several_placemarks_are_several_flights() -> None:
    file = reader.read(
        kml(placemark(line("1,2 3,4"), "one") + f"<Folder>{placemark(line('5,6 7,8'), 'two')}</Folder>")
    )

    assert [mission.name for mission in file.missions] == ["one", "two"]
    assert file.missions[1].waypoints[1].position == (7.0, 8.0)
    assert file.missions[1].waypoints[1].source == "placemark 2, point 2"


def test_the_points_of_a_folder_without_a_line_are_one_flight_which_is_said() -> None:
    points = "".join(
        placemark(f"<Point><altitudeMode>absolute</altitudeMode><coordinates>{place}</coordinates></Point>")
        for place in ("4.9,52.3,30", "4.91,52.31,40")
    )

    file = reader.read(kml(f"<Folder><name>Tuesday</name>{points}</Folder>"))

    assert only(file).name == "Tuesday"
    assert [point.position for point in only(file).waypoints] == [(4.9, 52.3), (4.91, 52.31)]
    assert "one flight, in the order of the file" in doubts(file)


def test_a_single_point_is_a_flight_at_a_place_without_doubt() -> None:
    file = reader.read(kml(placemark("<Point><coordinates>4.9,52.3</coordinates></Point>")))

    assert [point.position for point in only(file).waypoints] == [(4.9, 52.3)]
    assert not file.doubts


def test_a_point_beside_a_line_is_not_flown_and_never_silently() -> None:
    file = reader.read(
        kml(
            placemark(line("4.9,52.3 4.91,52.31"))
            + placemark("<Point><coordinates>5,52</coordinates></Point>")
        )
    )

    assert len(only(file).waypoints) == 2
    assert doubts(file).startswith("placemark 2, point 1: ")


def test_a_polygon_keeps_its_holes_and_its_greatest_height() -> None:
    outer = "4.9,52.3,100 4.92,52.3,120 4.92,52.32,110 4.9,52.3,100"
    hole = "4.91,52.305,100 4.915,52.305,100 4.915,52.31,100 4.91,52.305,100"

    mission = only(reader.read(kml(placemark(polygon(outer, hole, mode="absolute")))))

    assert mission.areas[0].shell[1] == (4.92, 52.3)
    assert len(mission.areas[0].holes) == 1
    assert mission.upper == Height(120, VerticalReference.AMSL)
    assert mission.lower is None


def test_areas_together_are_flown_up_to_the_highest_of_them() -> None:
    low, high = (polygon(f"1,1,{z} 2,1,{z} 2,2,{z} 1,1,{z}", mode="absolute") for z in (40, 90))

    mission = only(reader.read(kml(placemark(f"<MultiGeometry>{low}{high}</MultiGeometry>"))))

    assert mission.upper == Height(90, VerticalReference.AMSL)


def test_areas_with_heights_from_different_places_have_none_together() -> None:
    one = polygon("1,1,40 2,1,40 2,2,40 1,1,40", mode="absolute")
    other = polygon("1,1,90 2,1,90 2,2,90 1,1,90", mode="relativeToGround")

    mission = only(reader.read(kml(placemark(f"<MultiGeometry>{one}{other}</MultiGeometry>"))))

    assert mission.upper is None


def test_areas_of_which_one_says_no_height_have_none() -> None:
    high = polygon("1,1,90 2,1,90 2,2,90 1,1,90", mode="absolute")
    silent = polygon("3,3 4,3 4,4 3,3")

    mission = only(reader.read(kml(placemark(f"<MultiGeometry>{high}{silent}</MultiGeometry>"))))

    assert len(mission.areas) == 2
    assert mission.upper is None


def test_an_open_ring_is_closed_and_flagged() -> None:
    file = reader.read(kml(placemark(polygon("4.9,52.3 4.92,52.3 4.92,52.32"))))

    shell = only(file).areas[0].shell
    assert shell[0] == shell[-1]
    assert "ring is open" in doubts(file)


def test_lines_of_one_placemark_are_joined_and_the_gap_is_flagged() -> None:
    lines = line("4.9,52.3 4.91,52.3") + line("4.92,52.3 4.93,52.3")

    file = reader.read(kml(placemark(f"<MultiGeometry>{lines}</MultiGeometry>")))

    assert [point.position[0] for point in only(file).waypoints] == [4.9, 4.91, 4.92, 4.93]
    assert "one after the other" in doubts(file)


def test_a_linear_ring_comes_back_to_its_start() -> None:
    mission = only(reader.read(kml(placemark(ring("4.9,52.3 4.91,52.3 4.91,52.31")))))

    assert mission.waypoints[0].position == mission.waypoints[-1].position
    assert len(mission.waypoints) == 4


def test_a_track_has_its_times_and_is_a_log() -> None:
    file = reader.read(
        kml(
            placemark(
                track(("2026-05-01T12:00:00+02:00", "4.9 52.3 30"), ("2026-05-01T10:05:00Z", "4.91 52.31 35"))
            )
        )
    )

    mission = only(file)
    assert [point.at for point in mission.waypoints] == [TEN, TEN.replace(minute=5)]
    assert (mission.starts_at, mission.ends_at) == (TEN, TEN.replace(minute=5))
    assert mission.waypoints[1].height == Height(35, VerticalReference.AMSL)
    assert "log of a flight" in doubts(file, "note")


def test_a_multi_track_is_flown_across_its_gaps_in_its_own_mode() -> None:
    one, two = (
        track(
            (f"2026-05-01T10:0{n}:00Z", f"4.9{n} 52.3 30"), (f"2026-05-01T10:0{n}:30Z", f"4.9{n} 52.31 30")
        ).replace("<altitudeMode>absolute</altitudeMode>", "")
        for n in (1, 2)
    )

    file = reader.read(
        kml(
            placemark(
                f"<gx:MultiTrack><altitudeMode>relativeToGround</altitudeMode>{one}{two}</gx:MultiTrack>"
            )
        )
    )

    assert len(only(file).waypoints) == 4
    assert {point.height for point in only(file).waypoints} == {Height(30, VerticalReference.AGL)}
    assert "one after the other" in doubts(file)


def test_times_out_of_order_are_flagged() -> None:
    file = reader.read(
        kml(
            placemark(
                track(("2026-05-01T10:05:00Z", "4.9 52.3 30"), ("2026-05-01T10:00:00Z", "4.91 52.3 30"))
            )
        )
    )

    assert "not in order" in doubts(file)


def test_a_time_span_holds_for_all_in_its_folder() -> None:
    span = "<TimeSpan><begin>2026-05-01T10:00:00Z</begin><end>2026-05-01T11:00:00Z</end></TimeSpan>"

    mission = only(reader.read(kml(f"<Folder>{span}{placemark(line('4.9,52.3 4.91,52.3'))}</Folder>")))

    assert (mission.starts_at, mission.ends_at) == (TEN, TEN.replace(hour=11))


def test_a_time_stamp_on_each_point_is_when_it_is_passed() -> None:
    points = "".join(
        placemark(
            f"<Point><coordinates>4.9,52.3{n}</coordinates></Point>",
            more=f"<TimeStamp><when>2026-05-01T10:0{n}:00Z</when></TimeStamp>",
        )
        for n in range(2)
    )

    mission = only(reader.read(kml(points)))

    assert [point.at for point in mission.waypoints] == [TEN, TEN.replace(minute=1)]


@pytest.mark.parametrize("when", ["2026", "2026-05", "2026-05-01", "2026-05-01T10:00:00"])
def test_a_time_that_is_no_instant_is_not_used_and_flagged(when: str) -> None:
    stamp = f"<TimeStamp><when>{when}</when></TimeStamp>"

    file = reader.read(kml(placemark(line("4.9,52.3 4.91,52.3"), more=stamp)))

    assert only(file).starts_at is None
    assert "time" in doubts(file)


@pytest.mark.parametrize(
    "namespace", ["http://earth.google.com/kml/2.0", "http://www.opengis.net/kml/2.3", ""]
)
def test_the_version_of_the_namespace_does_not_matter(namespace: str) -> None:
    body = placemark(line("4.9,52.3,30 4.91,52.31,40", "absolute"))
    data = f'<kml xmlns="{namespace}">{body}</kml>'.encode()

    assert len(only(reader.read(data)).waypoints) == 2


def test_a_kmz_is_read_by_its_doc_kml_and_other_files_are_named() -> None:
    other = kml(placemark(line("1,1 2,2")))
    data = zipped(
        {"a.kml": other, "doc.kml": kml(placemark(line("4.9,52.3 4.91,52.3"))), "pin.png": b"\x89PNG"}
    )

    file = reader.read(data)

    assert only(file).waypoints[0].position == (4.9, 52.3)
    assert doubts(file) == "a.kml: only doc.kml of the archive is read."


def test_a_kmz_without_doc_kml_is_read_by_its_first() -> None:
    data = zipped({"files/flight.KML": kml(placemark(line("4.9,52.3 4.91,52.3")))})

    assert reader.recognises(data)
    assert only(reader.read(data)).waypoints[0].position == (4.9, 52.3)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            placemark(line("4.9,52.3 491.2,52.3")),
            "placemark 1, point 2: longitude 491.2 is outside −180 to 180.",
        ),
        (placemark(line("4.9,99")), "placemark 1, point 1: latitude 99 is outside −90 to 90; "),
        (placemark(line("4.9,52.3,deep")), "placemark 1, point 1: height 'deep' is not a number."),
        (placemark(line("4.9,52.3,nan")), "placemark 1, point 1: height 'nan' is not a number."),
        (placemark(line("4.9,52.3,1e9")), "placemark 1, point 1: altitude 1e+09 m is not a height"),
        (placemark(line("4.9, 52.3")), "placemark 1, point 1: there is no latitude."),
        (placemark(line("4.9")), "placemark 1, point 1: longitude,latitude,height is expected, not '4.9'."),
        (placemark(line("4.9;52.3")), "not '4.9;52.3'"),
        (placemark(line("")), "placemark 1: its LineString has no coordinates."),
        (placemark("<LineString/>"), "placemark 1: its LineString has no coordinates."),
        (placemark("<Polygon/>"), "placemark 1: its Polygon has 0 outer boundaries"),
        (
            placemark(polygon("4.9,52.3 4.91,52.3 4.9,52.3")),
            "placemark 1: ring 1 has fewer than 3 different points.",
        ),
        (
            placemark(track(("soon", "4.9 52.3 30"))),
            "placemark 1, point 1: time 'soon' is not a date and time.",
        ),
        (
            placemark("<gx:Track><when>2026-05-01T10:00:00Z</when></gx:Track>"),
            "placemark 1: its track has 1 times for 0 positions.",
        ),
        (
            placemark(
                "<gx:Track><when>2026-05-01T10:00:00Z</when><gx:coord>4.9,52.3,3</gx:coord></gx:Track>"
            ),
            "placemark 1, point 1: longitude latitude height is expected, not '4.9,52.3,3'.",
        ),
        ("", "The KML file has no flight"),
        (placemark("<Model/>"), "The KML file has no flight"),
        (
            "<NetworkLink><Link><href>http://example.org/a.kml</href></Link></NetworkLink>",
            "links to other files",
        ),
    ],
)
def test_a_broken_file_gets_one_sentence_with_place_and_field(body: str, sentence: str) -> None:
    assert sentence in refusal(body)


def test_a_doctype_is_refused() -> None:
    with pytest.raises(InvalidInput, match="DOCTYPE"):
        reader.read(GOOD["kml"].replace(b"<kml ", b"<!DOCTYPE kml><kml ", 1))


def test_another_root_is_refused() -> None:
    with pytest.raises(InvalidInput, match="root 'gpx', not KML"):
        reader.read(GOOD["gpx"])


def test_an_archive_without_kml_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"no \.kml file"):
        reader.read(zipped({"a.txt": b"x"}))


def test_the_points_of_all_placemarks_together_are_limited() -> None:
    half = " ".join(["4.9,52.3"] * (MAX_POINTS // 2))

    file = reader.read(kml(placemark(line(half)) + placemark(line(half))))

    assert sum(len(mission.waypoints) for mission in file.missions) == MAX_POINTS
    with pytest.raises(InputTooLarge, match="more than 20,000 points"):
        reader.read(kml(placemark(line(half)) + placemark(line(half + " 4.9,52.3"))))


def test_placemarks_and_times_without_a_point_are_limited_too() -> None:
    folder = "<Folder><TimeStamp><when>2026</when></TimeStamp></Folder>"

    for body in ("<Placemark/>", folder):
        with pytest.raises(InputTooLarge, match="20,000 points"):
            reader.read(kml(body * (MAX_POINTS + 2)))


def test_what_is_no_flight_is_passed_over_with_a_note() -> None:
    file = reader.read(
        kml("<GroundOverlay><name>map</name></GroundOverlay>" + placemark(line("4.9,52.3 4.91,52.3")))
    )

    assert "GroundOverlay" in doubts(file, "note")


def test_an_altitude_offset_is_flagged() -> None:
    shape = line("4.9,52.3 4.91,52.3").replace(
        "<coordinates>", "<gx:altitudeOffset>9</gx:altitudeOffset><coordinates>"
    )

    assert "altitudeOffset" in doubts(reader.read(kml(placemark(shape))))


def by_gdal(data: bytes) -> list[Any]:
    """Return the geometries as GDAL reads them, layer by layer, without what is a mere point."""
    shapes: list[Any] = []
    for layer, _ in pyogrio.list_layers(data):
        _, _, geometries, _ = pyogrio.raw.read(data, layer=layer)
        shapes += [shapely.force_2d(shape) for shape in shapely.from_wkb(geometries)]
    return [shape for shape in shapes if shape.geom_type != "Point"]


def ours(file: MissionFile) -> list[Any]:
    shapes: list[Any] = []
    for mission in file.missions:
        shapes += [shapely.Polygon(area.shell, area.holes) for area in mission.areas]
        if mission.waypoints:
            shapes.append(shapely.LineString([point.position for point in mission.waypoints]))
    return shapes


def assert_alike(mine: list[Any], theirs: list[Any]) -> None:
    assert len(mine) == len(theirs) > 0
    key = lambda shape: (shape.geom_type, shapely.get_coordinates(shape).tolist())  # noqa: E731
    for one, other in zip(sorted(mine, key=key), sorted(theirs, key=key), strict=True):
        assert one.geom_type == other.geom_type
        np.testing.assert_array_equal(shapely.get_coordinates(one), shapely.get_coordinates(other))


def test_gdal_reads_the_same_coordinates() -> None:
    hole = "4.905,52.302 4.907,52.302 4.907,52.304 4.905,52.302"
    data = kml(
        placemark(line("4.9,52.3,30 4.91,52.31,40 4.92,52.3,50", "absolute"))
        + placemark(track(("2026-05-01T10:00:00Z", "5.1 52.1 30"), ("2026-05-01T10:05:00Z", "5.11 52.11 35")))
        + f"<Folder>{placemark(polygon('4.9,52.3 4.91,52.3 4.91,52.31 4.9,52.31 4.9,52.3', hole))}</Folder>"
    )

    assert_alike(ours(reader.read(data)), by_gdal(data))


def test_gdal_reads_the_same_of_the_real_file(sample_data: Path) -> None:
    data = (sample_data / "plans" / "interuss_zurich_rid.kml").read_bytes()

    file = reader.read(data)

    assert_alike(ours(file), by_gdal(data))
    assert [len(mission.waypoints) for mission in file.missions if mission.waypoints] == [66, 117]
    assert all(
        point.height is None and point.unreferenced_m is None
        for mission in file.missions
        for point in mission.waypoints
    )
