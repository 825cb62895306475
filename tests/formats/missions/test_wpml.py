"""DJI's WPML: what the aircraft flies, from which height, and how it comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from tests.formats.missions.files import (
    CONFIG,
    GOOD,
    TWO,
    executed,
    kmz,
    planned,
    template,
    wayline,
    without,
    wpml,
    zipped,
)
from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.geometry import GEOD
from zones_api.domain.mission import Mission, MissionFile, Waypoint
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats.missions import wpml as reader
from zones_api.formats.missions.limits import MAX_POINTS

BARE = without(CONFIG, "takeOffSecurityHeight", "takeOffRefPoint", "globalRTHHeight", "finishAction")
TAKEOFF = VerticalReference.TAKEOFF


def flown(*folders: str, config: str = CONFIG, edited: str | None = None) -> MissionFile:
    return reader.read(kmz(wpml("".join(folders), config), None if edited is None else wpml(edited, config)))


def only(file: MissionFile) -> Mission:
    assert len(file.missions) == 1
    return file.missions[0]


def doubts(file: MissionFile, severity: str = "flag") -> str:
    return "\n".join(doubt.detail for doubt in file.doubts if doubt.severity == severity)


def steps(waypoints: tuple[Waypoint, ...]) -> list[tuple[float, float | None]]:
    return [(point.position[0], point.height.value_m if point.height else None) for point in waypoints]


@pytest.mark.parametrize(
    ("mode", "reference"),
    [
        ("relativeToStartPoint", VerticalReference.TAKEOFF),
        ("WGS84", VerticalReference.WGS84),
        ("EGM96", VerticalReference.AMSL),
        ("realTimeFollowSurface", VerticalReference.AGL),
    ],
)
def test_the_mode_of_the_waylines_says_what_heights_are_measured_from(
    mode: str, reference: VerticalReference
) -> None:
    mission = only(flown(wayline(*TWO, mode=mode), config=BARE))

    assert [point.height for point in mission.waypoints] == [Height(50, reference), Height(80, reference)]


def test_following_the_surface_is_flagged_since_trees_count() -> None:
    assert "trees" in doubts(flown(wayline(*TWO, mode="realTimeFollowSurface"), config=BARE))


@pytest.mark.parametrize("mode", [None, "aboveTheRainbow"])
def test_a_mode_that_is_missing_or_unknown_leaves_heights_without_reference(mode: str | None) -> None:
    file = flown(wayline(*TWO, mode=mode), config=BARE)

    assert [(point.height, point.unreferenced_m) for point in only(file).waypoints] == [
        (None, 50.0),
        (None, 80.0),
    ]
    assert "executeHeightMode" in doubts(file)


def test_coordinates_are_lon_lat_and_the_take_off_point_is_lat_lon() -> None:
    mission = only(flown(wayline(*TWO)))

    assert mission.waypoints[-1].position == (4.902, 52.302)
    assert mission.takeoff == (4.9, 52.3)
    assert mission.takeoff_elevation_m is None


def test_without_a_take_off_point_that_is_flagged() -> None:
    file = flown(wayline(*TWO), config=without(CONFIG, "takeOffRefPoint"))

    assert only(file).takeoff is None
    assert "no take-off point" in doubts(file)


def test_the_climb_and_the_way_to_the_first_waypoint_count() -> None:
    mission = only(flown(wayline(*TWO)))

    assert steps(mission.waypoints) == [(4.9, 20), (4.9, 50), (4.901, 50), (4.902, 80)]
    assert mission.waypoints[0].source == "climb after take-off"


def test_a_first_waypoint_below_the_security_height_is_reached_from_above() -> None:
    mission = only(flown(wayline(executed(0, "4.901,52.301", 12))))

    assert steps(mission.waypoints) == [(4.9, 20), (4.901, 20), (4.901, 12)]


def test_a_climb_counts_above_the_first_waypoint_where_the_take_off_is_not_known() -> None:
    mission = only(flown(wayline(executed(0, "4.901,52.301", 12)), config=without(CONFIG, "takeOffRefPoint")))

    assert steps(mission.waypoints) == [(4.901, 20), (4.901, 12)]


def test_point_to_point_leaves_the_climb_straight_for_the_first_waypoint() -> None:
    mission = only(flown(wayline(*TWO), config=CONFIG.replace("safely", "pointToPoint")))

    assert steps(mission.waypoints) == [(4.9, 20), (4.901, 50), (4.902, 80)]


def test_heights_that_cannot_be_compared_both_count_on_the_way_to_the_first_waypoint() -> None:
    mission = only(flown(wayline(*TWO, mode="WGS84")))

    assert steps(mission.waypoints)[:4] == [(4.9, 20), (4.9, 50), (4.901, 20), (4.901, 50)]
    assert mission.waypoints[2].height == Height(20, TAKEOFF)


def test_going_home_is_at_the_height_the_file_states() -> None:
    mission = only(flown(wayline(*TWO)))

    assert mission.returns
    assert mission.return_height == Height(60, TAKEOFF)


def test_going_home_at_a_height_the_aircraft_knows_is_flagged() -> None:
    file = flown(wayline(*TWO), config=without(CONFIG, "globalRTHHeight"))

    assert only(file).returns
    assert only(file).return_height is None
    assert "height set in the aircraft" in doubts(file)


def test_going_to_the_first_waypoint_is_a_leg() -> None:
    mission = only(flown(wayline(*TWO), config=CONFIG.replace("goHome", "gotoFirstWaypoint")))

    assert not mission.returns
    assert steps(mission.waypoints)[-2:] == [(4.902, 80), (4.901, 50)]
    assert mission.waypoints[-1].source == "wayline 1, back to waypoint 1"


def test_landing_where_it_is_adds_nothing_and_no_action_is_noted() -> None:
    landing = flown(wayline(*TWO), config=CONFIG.replace("goHome", "autoLand"))
    hovering = flown(wayline(*TWO), config=CONFIG.replace("goHome", "noAction"))

    assert len(only(landing).waypoints) == len(only(hovering).waypoints) == 4
    assert not only(landing).returns
    assert "stays in the air" in doubts(hovering, "note")


def test_an_unknown_way_to_finish_is_flagged() -> None:
    assert "'dance'" in doubts(flown(wayline(*TWO), config=CONFIG.replace("goHome", "dance")))


def test_several_folders_are_several_flights() -> None:
    file = flown(wayline(*TWO), wayline(executed(0, "5.1,52.1", 40)))

    assert [len(mission.waypoints) for mission in file.missions] == [4, 3]
    assert file.missions[1].waypoints[-1].source == "wayline 2, waypoint 1"


def test_waypoints_are_flown_by_their_index() -> None:
    file = flown(wayline(*reversed(TWO)), config=BARE)

    assert steps(only(file).waypoints) == [(4.901, 50), (4.902, 80)]
    assert "numbered" not in doubts(file)


def test_a_gap_in_the_numbers_is_flagged() -> None:
    file = flown(wayline(executed(0, "4.9,52.3"), executed(2, "4.91,52.3")), config=BARE)

    assert "not numbered" in doubts(file)


@pytest.mark.parametrize("version", ["1.0.0", "1.0.2", "1.0.6", "2.7.1"])
def test_the_version_of_the_namespace_does_not_matter(version: str) -> None:
    data = kmz(wpml(wayline(*TWO), version=version))

    assert reader.recognises(data)
    assert len(only(reader.read(data)).waypoints) == 4


def test_the_slowest_speed_is_taken_and_said() -> None:
    fast, slow = (
        executed(n, f"4.9{n},52.3", more=f"<wpml:waypointSpeed>{speed}</wpml:waypointSpeed>")
        for n, speed in enumerate((9, 3))
    )

    file = flown(wayline(fast, slow))

    assert only(file).speed_m_s == 3
    assert "3 to 9 m/s" in doubts(file)


def test_the_speed_of_the_whole_flight_holds_where_waypoints_say_so() -> None:
    more = "<wpml:waypointSpeed>3</wpml:waypointSpeed><wpml:useGlobalSpeed>1</wpml:useGlobalSpeed>"

    file = flown(wayline(executed(0, "4.9,52.3", more=more)))

    assert only(file).speed_m_s == 8


def test_hover_actions_hold_the_flight() -> None:
    action = (
        "<wpml:action><wpml:actionActuatorFunc>hover</wpml:actionActuatorFunc><wpml:actionActuatorFuncParam>"
        "<wpml:hoverTime>{}</wpml:hoverTime></wpml:actionActuatorFuncParam></wpml:action>"
    )
    photo = "<wpml:action><wpml:actionActuatorFunc>takePhoto</wpml:actionActuatorFunc></wpml:action>"
    group = f"<wpml:actionGroup>{action.format(30)}{photo}{action.format(15)}</wpml:actionGroup>"

    mission = only(flown(wayline(executed(0, "4.9,52.3", more=group)), config=BARE))

    assert mission.waypoints[0].hold_s == 45


def test_a_hover_without_a_time_is_flagged() -> None:
    group = (
        "<wpml:actionGroup><wpml:action><wpml:actionActuatorFunc>hover</wpml:actionActuatorFunc></wpml:action>"
        "</wpml:actionGroup>"
    )

    assert "hovers" in doubts(flown(wayline(executed(0, "4.9,52.3", more=group))))


@pytest.mark.parametrize(
    ("mode", "straight", "severity", "words"),
    [
        ("coordinateTurn", "1", "note", "cuts the corner"),
        ("toPointAndPassWithContinuityCurvature", "1", "note", "in a curve"),
        ("toPointAndPassWithContinuityCurvature", "0", "flag", "may leave the straight line"),
        ("toPointAndStopWithContinuityCurvature", "0", "flag", "may leave the straight line"),
    ],
)
def test_a_turn_that_leaves_the_lines_is_said(mode: str, straight: str, severity: str, words: str) -> None:
    turn = (
        f"<wpml:waypointTurnParam><wpml:waypointTurnMode>{mode}</wpml:waypointTurnMode></wpml:waypointTurnParam>"
        f"<wpml:useStraightLine>{straight}</wpml:useStraightLine>"
    )

    file = flown(wayline(executed(0, "4.9,52.3", more=turn)))

    assert words in doubts(file, severity)


def test_stopping_at_each_point_leaves_no_doubt_about_the_turn() -> None:
    turn = (
        "<wpml:waypointTurnParam><wpml:waypointTurnMode>toPointAndStopWithDiscontinuityCurvature"
        "</wpml:waypointTurnMode></wpml:waypointTurnParam><wpml:useStraightLine>1</wpml:useStraightLine>"
    )

    file = flown(wayline(executed(0, "4.9,52.3", more=turn)))

    assert not doubts(file)
    assert "curve" not in doubts(file, "note")


def test_a_template_in_another_mode_than_the_waylines_is_a_doubt() -> None:
    height = "<wpml:height>50</wpml:height>"
    edited = template(planned(0, "4.9,52.3", height), mode="aboveGroundLevel")

    file = flown(wayline(*TWO), edited=edited)

    assert only(file).waypoints[-1].height == Height(80, TAKEOFF)
    assert "aboveGroundLevel" in doubts(file)


def test_a_template_above_the_geoid_becomes_waylines_above_the_ellipsoid_which_is_only_noted() -> None:
    edited = template(planned(0, "4.9,52.3", "<wpml:height>50</wpml:height>"), mode="EGM96")

    file = flown(wayline(*TWO, mode="WGS84"), edited=edited)

    assert "EGM96" in doubts(file, "note")
    assert "EGM96" not in doubts(file)


HEIGHTS = "<wpml:ellipsoidHeight>93</wpml:ellipsoidHeight><wpml:height>50</wpml:height>"


@pytest.mark.parametrize(
    ("mode", "height"),
    [
        ("EGM96", Height(50, VerticalReference.AMSL)),
        ("relativeToStartPoint", Height(50, VerticalReference.TAKEOFF)),
        ("aboveGroundLevel", Height(50, VerticalReference.AGL)),
        ("realTimeFollowSurface", Height(50, VerticalReference.AGL)),
        ("WGS84", Height(93, VerticalReference.WGS84)),
    ],
)
def test_a_template_alone_has_its_heights_by_its_own_mode(mode: str, height: Height) -> None:
    file = reader.read(kmz(None, wpml(template(planned(0, "4.9,52.3", HEIGHTS), mode=mode), BARE)))

    assert only(file).waypoints[0].height == height
    assert "no waylines" in doubts(file)


def test_a_template_may_use_the_height_of_the_whole_flight() -> None:
    more = HEIGHTS + "<wpml:useGlobalHeight>1</wpml:useGlobalHeight>"

    file = reader.read(kmz(None, wpml(template(planned(0, "4.9,52.3", more)), BARE)))

    assert only(file).waypoints[0].height == Height(70, TAKEOFF)


SQUARE = "4.9,52.3,0 4.91,52.3,0 4.91,52.31,0 4.9,52.31,0"


def survey(shape: str, more: str = "", kind: str = "mapping2d") -> MissionFile:
    folder = template(f"<Placemark>{shape}{more}<wpml:height>65</wpml:height></Placemark>", kind=kind)
    return reader.read(kmz(None, wpml(folder)))


def test_a_mapping_template_is_a_flight_anywhere_in_its_area() -> None:
    shape = f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{SQUARE}</coordinates></LinearRing></outerBoundaryIs></Polygon>"

    file = survey(shape)

    mission = only(file)
    assert len(mission.areas[0].shell) == 5
    assert mission.upper == Height(65, TAKEOFF)
    assert mission.returns
    assert "mapping2d" in doubts(file)


def test_a_mapping_area_is_grown_by_its_margin() -> None:
    shape = f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{SQUARE}</coordinates></LinearRing></outerBoundaryIs></Polygon>"

    mission = only(survey(shape, "<wpml:margin>100</wpml:margin>"))

    grown = shapely.Polygon(mission.areas[0].shell)
    for azimuth in range(0, 360, 15):
        lon, lat, _ = GEOD.fwd(4.9, 52.3, azimuth, 100)
        assert grown.covers(shapely.Point(lon, lat))


def test_a_strip_is_an_area_along_each_leg() -> None:
    shape = "<LineString><coordinates>4.9,52.3 4.91,52.3 4.92,52.31</coordinates></LineString>"
    more = "<wpml:leftExtend>20</wpml:leftExtend><wpml:rightExtend>30</wpml:rightExtend>"

    mission = only(survey(shape, more, "mappingStrip"))

    assert len(mission.areas) == 2
    lon, lat, _ = GEOD.fwd(4.905, 52.3, 180, 29.9)
    assert shapely.Polygon(mission.areas[0].shell).covers(shapely.Point(lon, lat))


def test_one_file_of_the_two_is_read_by_itself() -> None:
    assert reader.recognises(GOOD["waylines"])
    assert len(only(reader.read(GOOD["waylines"])).waypoints) == 4


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            kmz(wpml(wayline(executed(0, "491.2,52.3")))),
            "wayline 1, waypoint 1: longitude 491.2 is outside −180 to 180.",
        ),
        (kmz(wpml(wayline(executed(0, "4.9,52.3,1,2")))), "wayline 1, waypoint 1: '4.9,52.3,1,2' is not"),
        (kmz(wpml(wayline("<Placemark/>"))), "wayline 1, waypoint 1: there is no Point with coordinates."),
        (
            kmz(wpml(wayline(executed(0, "4.9,52.3").replace(">50<", ">up<")))),
            "wayline 1, waypoint 1: executeHeight 'up' is not a number.",
        ),
        (
            kmz(wpml(wayline(executed(0, "4.9,52.3").replace("<wpml:index>0", "<wpml:index>first")))),
            "wayline 1, waypoint 1: index 'first' is not a number.",
        ),
        (kmz(wpml(wayline(*TWO, speed="fast"))), "wayline 1: speed 'fast' is not a number."),
        (
            kmz(wpml(wayline(*TWO), CONFIG.replace("52.3000000,", ""))),
            "takeOffRefPoint: '4.9000000,43.500000' is not",
        ),
        (kmz(wpml(wayline(*TWO), CONFIG.replace("52.3000000", "152"))), "takeOffRefPoint: latitude 152"),
        (kmz(wpml(wayline(*TWO), CONFIG.replace(">20<", ">x<"))), "missionConfig: takeOffSecurityHeight 'x'"),
        (kmz(wpml(wayline(*TWO), CONFIG.replace(">60<", ">x<"))), "missionConfig: globalRTHHeight 'x'"),
        (kmz(wpml(wayline())), "no Folder with waypoints"),
        (kmz(wpml(""), wpml("")), "The DJI WPML file has no flight"),
        (zipped({"wpmz/other.kml": b"<kml/>"}), "neither waylines.wpml nor template.kml"),
        (zipped({"a/waylines.wpml": b"<kml/>", "b/waylines.wpml": b"<kml/>"}), "more than one waylines.wpml"),
        (kmz(b"<kml>"), "not XML"),
        (kmz(b"<!DOCTYPE kml><kml/>"), "DOCTYPE"),
    ],
)
def test_a_broken_file_gets_one_sentence_with_place_and_field(data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        reader.read(data)

    assert sentence in caught.value.detail
    assert caught.value.defects


def test_a_waypoint_without_a_height_is_flagged() -> None:
    file = flown(wayline(executed(0, "4.9,52.3", None)), config=BARE)

    assert only(file).waypoints[0].height is None
    assert "no executeHeight" in doubts(file)


def test_the_points_of_a_file_are_limited() -> None:
    many = wayline(*(executed(n, f"4.9,52.{n:06}") for n in range(MAX_POINTS + 1)))

    with pytest.raises(InputTooLarge, match="20,000 points"):
        reader.read(wpml(many, BARE))


def test_the_real_files_are_read(sample_data: Path) -> None:
    older = reader.read((sample_data / "plans" / "dji_msdkv5_waypointsample.kmz").read_bytes())
    newer = reader.read((sample_data / "plans" / "wpml_codec_waypoint.kmz").read_bytes())

    assert [point.height for point in only(older).waypoints] == [Height(100, TAKEOFF)] * 4
    assert only(older).takeoff is None
    assert only(newer).takeoff == (113.938206, 22.581243)
    assert sum(point.source.startswith("wayline") for point in only(newer).waypoints) == 6
    assert only(newer).return_height == Height(100, TAKEOFF)
    assert only(newer).speed_m_s == 10
