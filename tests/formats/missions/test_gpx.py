"""GPX: routes, tracks and waypoints, and what `ele` may mean."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import gpxpy
import pytest

from tests.formats.missions.files import GOOD, gpx
from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.mission import MissionFile
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats.missions import gpx as reader
from zones_api.formats.missions.limits import MAX_POINTS

TEN = datetime(2026, 5, 1, 10, tzinfo=UTC)


def point(tag: str, lat: str, lon: str, inside: str = "") -> str:
    return f'<{tag} lat="{lat}" lon="{lon}">{inside}</{tag}>'


def doubts(file: MissionFile, severity: str = "flag") -> str:
    return "\n".join(doubt.detail for doubt in file.doubts if doubt.severity == severity)


def route(*points: str, name: str = "r") -> str:
    return f"<rte><name>{name}</name>{''.join(points)}</rte>"


def test_each_route_and_each_track_is_a_flight() -> None:
    body = (
        route(point("rtept", "52.3", "4.9"), point("rtept", "52.31", "4.91"), name="one")
        + route(point("rtept", "52.4", "4.9"), name="two")
        + f"<trk><name>three</name><trkseg>{point('trkpt', '52.5', '4.9')}</trkseg></trk>"
    )

    file = reader.read(gpx(body))

    assert [mission.name for mission in file.missions] == ["one", "two", "three"]
    assert file.missions[0].waypoints[1].position == (4.91, 52.31)
    assert file.missions[0].waypoints[1].source == "route 1, point 2"
    assert file.missions[2].waypoints[0].source == "track 1, segment 1, point 1"


def test_a_route_without_ele_states_no_height() -> None:
    file = reader.read(gpx(route(point("rtept", "52.3", "4.9"), point("rtept", "52.31", "4.91"))))

    assert [each.height for each in file.missions[0].waypoints] == [None, None]
    assert not file.doubts


def test_ele_is_above_sea_level_with_a_doubt() -> None:
    file = reader.read(gpx(route(point("rtept", "52.3", "4.9", "<ele> 30.5 </ele>"))))

    assert file.missions[0].waypoints[0].height == Height(30.5, VerticalReference.AMSL)
    assert "above take-off" in doubts(file)


def test_a_gap_between_segments_is_flown_and_flagged() -> None:
    segments = "".join(
        f"<trkseg>{point('trkpt', '52.3', f'4.9{n}')}{point('trkpt', '52.31', f'4.9{n}')}</trkseg>"
        for n in (1, 2)
    )

    file = reader.read(gpx(f"<trk>{segments}</trk>"))

    assert len(file.missions) == 1
    assert len(file.missions[0].waypoints) == 4
    assert "gaps" in doubts(file)


def test_a_track_with_times_is_a_log() -> None:
    points = "".join(
        point("trkpt", "52.3", f"4.9{n}", f"<time>2026-05-01T1{n}:00:00Z</time>") for n in range(3)
    )

    file = reader.read(gpx(f"<trk><trkseg>{points}</trkseg></trk>"))

    assert (file.missions[0].starts_at, file.missions[0].ends_at) == (TEN, TEN.replace(hour=12))
    assert file.missions[0].waypoints[1].at == TEN.replace(hour=11)
    assert "log" in doubts(file, "note")
    assert not doubts(file)


def test_a_time_without_an_offset_is_utc_as_gpx_says() -> None:
    points = point("trkpt", "52.3", "4.9", "<time>2026-05-01T10:00:00</time>")

    assert reader.read(gpx(f"<trk><trkseg>{points}</trkseg></trk>")).missions[0].starts_at == TEN


def test_times_out_of_order_are_flagged() -> None:
    points = "".join(
        point("trkpt", "52.3", "4.9", f"<time>2026-05-01T{hour}:00:00Z</time>") for hour in (11, 10)
    )

    assert "not in order" in doubts(reader.read(gpx(f"<trk><trkseg>{points}</trkseg></trk>")))


def test_waypoints_alone_are_a_flight_in_their_order_with_a_doubt() -> None:
    body = point("wpt", "52.3", "4.9", "<time>2020-01-01T00:00:00Z</time>") + point("wpt", "52.31", "4.91")

    file = reader.read(gpx(body))

    assert [each.position for each in file.missions[0].waypoints] == [(4.9, 52.3), (4.91, 52.31)]
    assert file.missions[0].starts_at is None
    assert "in the order of the file" in doubts(file)


def test_waypoints_beside_a_route_are_not_flown_and_never_silently() -> None:
    file = reader.read(gpx(point("wpt", "52.9", "4.9") + route(point("rtept", "52.3", "4.9"))))

    assert len(file.missions) == 1
    assert "waypoint 1: this single point stands beside a route" in doubts(file)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (route(point("rtept", "52.3", "491.2")), "route 1, point 1: longitude 491.2 is outside −180 to 180."),
        (route(point("rtept", "-91", "4.9")), "route 1, point 1: latitude -91 is outside −90 to 90; "),
        (route('<rtept lon="4.9"/>'), "route 1, point 1: there is no latitude."),
        (route('<rtept lat="52.3"/>'), "route 1, point 1: there is no longitude."),
        (route(point("rtept", "52,3", "4.9")), "route 1, point 1: latitude '52,3' is not a number."),
        (
            route(point("rtept", "52.3", "4.9", "<ele>high</ele>")),
            "route 1, point 1: ele 'high' is not a number.",
        ),
        (
            f"<trk><trkseg>{point('trkpt', '52.3', '4.9', '<time>noon</time>')}</trkseg></trk>",
            "track 1, segment 1, point 1: time 'noon' is not a date and time.",
        ),
        ("", "The GPX file has no flight"),
        ("<rte/><trk><trkseg/></trk>", "The GPX file has no flight"),
    ],
)
def test_a_broken_file_gets_one_sentence_with_place_and_field(body: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        reader.read(gpx(body))

    assert sentence in caught.value.detail
    assert caught.value.defects


def test_another_root_is_refused() -> None:
    with pytest.raises(InvalidInput, match="root 'kml', not GPX"):
        reader.read(GOOD["kml"])


def test_the_points_of_a_file_are_limited() -> None:
    def points(count: int) -> bytes:
        return gpx(route(*[point("rtept", "52.3", "4.9")] * count))

    assert len(reader.read(points(MAX_POINTS)).missions[0].waypoints) == MAX_POINTS
    with pytest.raises(InputTooLarge, match="20,000 points"):
        reader.read(points(MAX_POINTS + 1))


def assert_as_gpxpy(data: bytes) -> None:
    theirs = gpxpy.parse(data)
    expected = [route.points for route in theirs.routes]
    expected += [[each for part in track.segments for each in part.points] for track in theirs.tracks]

    missions = reader.read(data).missions

    assert len(missions) == len(expected) > 0
    for mission, points in zip(missions, expected, strict=True):
        assert [each.position for each in mission.waypoints] == [
            (each.longitude, each.latitude) for each in points
        ]
        assert [each.height.value_m if each.height else None for each in mission.waypoints] == [
            each.elevation for each in points
        ]
        assert [each.at for each in mission.waypoints] == [each.time for each in points]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_gpxpy_reads_the_same(version: str) -> None:
    points = [
        point("trkpt", f"52.{n}", f"-4.{n}", f"<ele>{n}.5</ele><time>2026-05-01T1{n}:00:00Z</time>")
        for n in range(3)
    ]
    track = f"<trk><trkseg>{points[0]}</trkseg><trkseg>{''.join(points[1:])}</trkseg></trk>"

    assert_as_gpxpy(
        gpx(route(point("rtept", "52.3", "4.9"), point("rtept", "52.31", "4.91")) + track, version)
    )


def test_gpxpy_reads_the_same_of_the_real_file(sample_data: Path) -> None:
    data = (sample_data / "plans" / "gpxpy_route.gpx").read_bytes()

    assert_as_gpxpy(data)
    assert [len(mission.waypoints) for mission in reader.read(data).missions] == [55]
