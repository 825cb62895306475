"""Plans of QGroundControl: every altitude mode, items made of many, and one broken file per defect."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.missions.mutations import FUZZ, answers, mutated
from zones_api.domain.altitude import Height, VerticalReference
from zones_api.domain.geometry import GEOD
from zones_api.domain.mission import MissionFile
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats.missions import areas, qgc
from zones_api.formats.missions.limits import MAX_POINTS

AGL, AMSL, TAKEOFF = VerticalReference.AGL, VerticalReference.AMSL, VerticalReference.TAKEOFF
HOME = [52.08, 5.12, 12.5]


def item(
    command: int = 16,
    lat: float | None = 52.09,
    lon: float | None = 5.13,
    z: float | None = 40,
    **members: Any,
) -> dict[str, Any]:
    """Return a simple item, relative to home unless its members say otherwise."""
    plain = {
        "AMSLAltAboveTerrain": None,
        "Altitude": z,
        "AltitudeMode": 1,
        "autoContinue": True,
        "command": command,
        "frame": 3,
        "params": [0, 0, 0, None, lat, lon, z],
        "type": "SimpleItem",
    }
    return {name: value for name, value in (plain | members).items() if value != "absent"}


def bare(frame: int = 3, z: float | None = 40, **members: Any) -> dict[str, Any]:
    """Return an item without AltitudeMode, of which the frame alone tells the reference."""
    return item(
        z=z, frame=frame, AltitudeMode="absent", Altitude="absent", AMSLAltAboveTerrain="absent", **members
    )


def plan(*items: Any, mission: dict[str, Any] | None = None, **members: Any) -> bytes:
    document = {
        "fileType": "Plan",
        "geoFence": {"circles": [], "polygons": [], "version": 2},
        "groundStation": "QGroundControl",
        "mission": {
            "cruiseSpeed": 15,
            "hoverSpeed": 5,
            "firmwareType": 12,
            "items": list(items),
            "plannedHomePosition": HOME,
            "vehicleType": 2,
            "version": 2,
        }
        | (mission or {}),
        "rallyPoints": {"points": [], "version": 2},
        "version": 1,
    }
    return json.dumps(document | members, indent=4).encode()


def flags(file: MissionFile) -> list[str]:
    return [doubt.detail for doubt in file.doubts if doubt.severity == "flag"]


def last_height(*items: Any) -> Height | None:
    return qgc.read(plan(*items)).missions[0].waypoints[-1].height


def refusal(data: bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        qgc.read(data)
    assert caught.value.defects[0].detail == caught.value.detail
    return caught.value


POLYGON = [[52.10, 5.10], [52.10, 5.11], [52.11, 5.11], [52.11, 5.10]]


def survey(items: list[Any] | None = None, **style: Any) -> dict[str, Any]:
    return {
        "type": "ComplexItem",
        "complexItemType": "survey",
        "angle": 0,
        "polygon": POLYGON,
        "TransectStyleComplexItem": {
            "CameraCalc": {"DistanceToSurface": 60, "DistanceMode": 1},
            "Items": items or [],
            "TurnAroundDistance": 10,
            **style,
        },
    }


def test_a_plan_is_recognised_by_what_it_calls_itself():
    assert qgc.recognises(plan(item()))
    assert qgc.recognises(b'\xef\xbb\xbf {"fileType":"Plan"}')
    assert not qgc.recognises(b'{"fileType": "Mission"}')
    assert not qgc.recognises(b"latitude,longitude")


def test_home_speed_and_path_are_those_of_the_plan():
    mission = qgc.read(plan(item(22, 52.08, 5.12), item())).missions[0]

    assert (mission.takeoff, mission.takeoff_elevation_m, mission.speed_m_s) == ((5.12, 52.08), 12.5, 5.0)
    assert [(w.source, w.position) for w in mission.waypoints] == [
        ("item 1", (5.12, 52.08)),
        ("item 2", (5.13, 52.09)),
    ]
    assert not mission.returns


def test_a_plane_flies_at_its_cruising_speed():
    assert qgc.read(plan(item(), mission={"vehicleType": 1})).missions[0].speed_m_s == 15.0


def test_every_altitude_mode_says_what_an_altitude_is_measured_from():
    assert last_height(item()) == Height(40.0, TAKEOFF)
    assert last_height(item(AltitudeMode=2, frame=0)) == Height(40.0, AMSL)
    assert last_height(item(AltitudeMode=4, frame=10)) == Height(40.0, AGL)


def test_a_height_worked_out_above_terrain_is_the_one_above_sea_level_that_is_flown():
    worked_out = item(
        AltitudeMode=3,
        frame=0,
        Altitude=40,
        AMSLAltAboveTerrain=92.25,
        params=[0, 0, 0, None, 52.09, 5.13, 92.25],
    )

    file = qgc.read(plan(worked_out))

    assert file.missions[0].waypoints[-1].height == Height(92.25, AMSL)
    assert any("worked out to one above mean sea level" in doubt.detail for doubt in file.doubts)
    assert not flags(file)


def test_a_height_above_terrain_that_was_not_worked_out_is_above_the_ground():
    file = qgc.read(
        plan(item(AltitudeMode=3, frame=0, Altitude=40, params=[0, 0, 0, None, 52.09, 5.13, None]))
    )

    assert file.missions[0].waypoints[-1].height == Height(40.0, AGL)
    assert any("has not been worked out yet" in flag for flag in flags(file))


def test_without_an_altitude_mode_the_frame_decides():
    for frame, reference in {0: AMSL, 3: TAKEOFF, 5: AMSL, 6: TAKEOFF, 10: AGL, 11: AGL}.items():
        assert last_height(bare(frame)) == Height(40.0, reference)


def test_a_null_in_the_parameters_leaves_the_altitude_as_stated():
    assert last_height(item(Altitude=40, params=[0, 0, 0, None, 52.09, 5.13, None])) == Height(40.0, TAKEOFF)


def test_an_item_without_any_altitude_is_a_doubt():
    file = qgc.read(plan(bare(z=None)))

    assert file.missions[0].waypoints[-1].height is None
    assert "item 1: it has no altitude." in flags(file)


def test_of_two_altitudes_that_disagree_the_higher_one_is_read():
    file = qgc.read(plan(item(Altitude=40, params=[0, 0, 0, None, 52.09, 5.13, 90])))

    assert file.missions[0].waypoints[-1].height == Height(90.0, TAKEOFF)
    assert any("it gives two altitudes that are not the same" in flag for flag in flags(file))


def test_a_mode_and_a_frame_that_disagree_leave_the_reference_open():
    file = qgc.read(plan(item(AltitudeMode=1, frame=0)))

    assert (file.missions[0].waypoints[-1].height, file.missions[0].waypoints[-1].unreferenced_m) == (
        None,
        40.0,
    )
    assert any("say different things" in flag for flag in flags(file))


def test_a_mode_that_is_not_known_leaves_it_to_the_frame():
    file = qgc.read(plan(item(AltitudeMode=9, frame=10)))

    assert file.missions[0].waypoints[-1].height == Height(40.0, AGL)
    assert any("AltitudeMode 9 is not known" in flag for flag in flags(file))


def test_a_take_off_without_a_place_is_at_home():
    for lat, lon in ((0, 0), (None, None)):
        mission = qgc.read(plan(item(22, lat, lon, 30), item())).missions[0]
        assert (mission.waypoints[0].position, mission.waypoints[0].height) == (
            (5.12, 52.08),
            Height(30.0, TAKEOFF),
        )


def test_a_take_off_away_from_home_may_be_climbed_at_either():
    file = qgc.read(plan(item(22, 52.081, 5.121), item()))

    assert [w.source for w in file.missions[0].waypoints] == ["home", "item 1", "item 2"]
    assert any(flag.startswith("item 1: the take-off is away from home") for flag in flags(file))


def test_return_to_launch_returns():
    assert qgc.read(plan(item(), item(20, 0, 0, 0, frame=2))).missions[0].returns


def test_jumps_count_by_the_number_that_items_carry():
    jump = item(177, 0, 0, 0, frame=2, doJumpId=4, params=[2, 1, 0, 0, 0, 0, 0])
    file = qgc.read(plan(item(22, 0, 0, doJumpId=1), item(doJumpId=2), item(lat=52.10, doJumpId=3), jump))

    assert [w.source for w in file.missions[0].waypoints] == [
        "item 1",
        "item 2",
        "item 3",
        "item 2",
        "item 3",
    ]


def test_a_rotor_that_loiters_hovers_and_a_plane_circles():
    loiter = item(19, params=[20, 0, 0, None, 52.09, 5.13, 40])

    assert qgc.read(plan(loiter)).missions[0].waypoints[-1].hold_s == 20.0
    assert not any("circles" in flag for flag in flags(qgc.read(plan(loiter))))
    assert any("circles" in flag for flag in flags(qgc.read(plan(loiter, mission={"vehicleType": 1}))))


def test_a_survey_is_flown_along_the_items_it_was_made_into():
    made = [
        bare(lat=52.1 + step / 1000, params=[0, 0, 0, None, 52.1 + step / 1000, 5.1, 60]) for step in range(3)
    ]

    file = qgc.read(plan(item(22, 0, 0), survey(made), item(20, 0, 0, 0, frame=2)))

    assert [w.source for w in file.missions[0].waypoints[1:]] == [
        f"item 2 (survey), part {part}" for part in (1, 2, 3)
    ]
    assert len(file.missions) == 1
    assert not flags(file)


def test_items_after_a_survey_are_counted_past_those_it_was_made_into():
    file = qgc.read(plan(item(22, 0, 0), survey([bare(), bare()]), item()))

    assert file.missions[0].waypoints[-1].source == "item 4"


def test_a_survey_without_items_is_flown_anywhere_in_its_area_and_as_far_as_it_turns():
    file = qgc.read(plan(item(22, 0, 0), survey()))

    area = file.missions[1]
    assert (area.name, area.upper, area.takeoff) == ("item 2 (survey)", Height(60.0, TAKEOFF), (5.12, 52.08))
    grown = shapely.Polygon(area.areas[0].shell)
    assert grown.contains(shapely.Polygon([(lon, lat) for lat, lon in POLYGON]))
    assert grown.contains(shapely.Point(GEOD.fwd(5.11, 52.105, 90, 10)[:2]))
    assert not grown.contains(shapely.Point(GEOD.fwd(5.11, 52.105, 90, 12)[:2]))
    assert [w.source for w in file.missions[0].waypoints[1:]] == [
        f"item 2 (survey), corner {corner}" for corner in (1, 2, 3, 4)
    ]
    assert any("how it is flown is not in the file" in flag for flag in flags(file))


@pytest.mark.parametrize(
    ("style", "upper"),
    [
        ({"CameraCalc": {"DistanceToSurface": 60, "DistanceMode": 2}}, Height(60.0, AMSL)),
        ({"CameraCalc": {"DistanceToSurface": 60, "DistanceMode": 3}}, Height(60.0, AGL)),
        ({"CameraCalc": {"DistanceToSurface": 60, "DistanceToSurfaceRelative": True}}, Height(60.0, TAKEOFF)),
        ({"CameraCalc": {"DistanceToSurface": 60, "DistanceToSurfaceRelative": False}}, Height(60.0, AMSL)),
        ({"CameraCalc": {"DistanceToSurface": 60, "DistanceToSurfaceRelative": True}, "FollowTerrain": True}, Height(60.0, AGL)),
        ({"CameraCalc": {"DistanceToSurface": 60}}, None),
        ({"CameraCalc": {}}, None),
    ],
)  # fmt: skip
def test_the_height_of_an_area_is_measured_as_its_camera_says(style: dict[str, Any], upper: Height | None):
    file = qgc.read(plan(survey(**style)))

    assert file.missions[-1].upper == upper
    assert (upper is None) == any(
        "how high its area is flown is not in the file" in flag for flag in flags(file)
    )


def test_a_corridor_without_items_is_as_wide_as_it_says():
    scan = survey(TurnAroundDistance=0) | {
        "complexItemType": "CorridorScan", "CorridorWidth": 50, "polyline": [[52.10, 5.10], [52.10, 5.12]], "polygon": [],
    }  # fmt: skip

    area = shapely.Polygon(qgc.read(plan(scan)).missions[-1].areas[0].shell)

    assert area.contains(shapely.Point(GEOD.fwd(5.11, 52.10, 0, 25)[:2]))
    assert not area.contains(shapely.Point(GEOD.fwd(5.11, 52.10, 0, 28)[:2]))


def test_a_structure_scan_is_flown_around_its_polygon_up_to_its_highest():
    scan = {
        "type": "ComplexItem", "complexItemType": "StructureScan", "polygon": POLYGON, "EntranceAltitude": 50,
        "ScanBottomAlt": 10, "StructureHeight": 30, "Layers": 3, "StartFromTop": False,
        "CameraCalc": {"DistanceToSurface": 15, "AdjustedFootprintFrontal": 20},
    }  # fmt: skip

    mission = qgc.read(plan(scan)).missions[-1]

    assert mission.upper == Height(70.0, TAKEOFF)
    assert shapely.Polygon(mission.areas[0].shell).contains(shapely.Point(GEOD.fwd(5.11, 52.105, 90, 15)[:2]))


@pytest.mark.parametrize("approach", ["landingApproachCoordinate", "loiterCoordinate"])
def test_a_landing_pattern_is_its_approach_and_its_landing(approach: str):
    pattern = {
        "type": "ComplexItem", "complexItemType": "fwLandingPattern", "altitudesAreRelative": True, "loiterRadius": 75,
        "loiterClockwise": True, approach: [52.11, 5.12, 40], "landCoordinate": [52.10, 5.12, 0],
    }  # fmt: skip

    waypoints = qgc.read(plan(item(), pattern, mission={"vehicleType": 1})).missions[0].waypoints[2:]

    assert [(w.position, w.height, w.radius_m) for w in waypoints] == [
        ((5.12, 52.11), Height(40.0, TAKEOFF), 75.0),
        ((5.12, 52.10), Height(40.0, TAKEOFF), 0.0),
        ((5.12, 52.10), Height(0.0, TAKEOFF), 0.0),
    ]


def test_an_item_of_many_that_is_not_known_is_named():
    file = qgc.read(plan(item(), {"type": "ComplexItem", "complexItemType": "orbitDance"}))

    assert any(
        flag.startswith("item 2 (orbitDance): it has neither items nor an area") for flag in flags(file)
    )


def test_old_plans_keep_the_place_apart():
    old = {"type": "missionItem", "command": 16, "frame": 3, "param1": 7, "param2": 0, "param3": 0, "param4": 0, "coordinate": [52.09, 5.13, 40]}  # fmt: skip

    waypoint = qgc.read(plan(old)).missions[0].waypoints[-1]

    assert (waypoint.position, waypoint.height, waypoint.hold_s) == (
        (5.13, 52.09),
        Height(40.0, TAKEOFF),
        7.0,
    )


def test_a_plan_without_a_home_says_so():
    file = qgc.read(plan(item(), mission={"plannedHomePosition": None}))

    assert (file.missions[0].takeoff, file.missions[0].takeoff_elevation_m) == (None, None)
    assert "The file does not say where the flight takes off." in flags(file)


def test_fences_and_rally_points_are_noted_and_matter_when_the_flight_returns():
    fence = {"circles": [{"circle": {"center": [52, 5], "radius": 100}, "inclusion": True}], "polygons": []}
    rally = {"points": [[52.2, 5.2, 30]]}

    stays = qgc.read(plan(item(), geoFence=fence, rallyPoints=rally))
    returns = qgc.read(plan(item(), item(20, 0, 0, 0, frame=2), rallyPoints=rally))

    assert [doubt.severity for doubt in stays.doubts if "geofence" in doubt.detail] == ["note"]
    assert not any("rally" in flag for flag in flags(stays))
    assert any("rally points, to which the aircraft may return" in flag for flag in flags(returns))


BROKEN: dict[str, tuple[bytes, str, str]] = {
    "not_json": (plan(item())[:-20], "The text is not JSON", ""),
    "twice": (plan(item()).replace(b'"hoverSpeed": 5', b'"hoverSpeed": 5, "hoverSpeed": 6'), "The member 'hoverSpeed' stands twice", ""),
    "not_a_number": (plan(item()).replace(b"5.13", b"NaN"), "NaN is not a JSON number.", ""),
    "other_file": (plan(item(), fileType="Mission"), "The file is not a plan", "/fileType"),
    "no_mission": (plan(item(), mission=None).replace(b'"mission"', b'"mizzion"'), "The plan has no mission.", "/mission"),
    "no_items": (plan(), "The mission has no items.", "/mission/items"),
    "no_place": (plan(item(20, 0, 0, 0, frame=2)), "The plan has no item with a place.", "/mission/items"),
    "longitude": (plan(item(lon=491.2)), "item 1: longitude 491.2 is outside −180 to 180.", "/mission/items/0/params"),
    "swapped": (plan(item(lat=157.8, lon=21.2)), "item 1: latitude 157.8 is outside −90 to 90; latitude and", "/mission/items/0/params"),
    "params": (plan(item(params=[0, 0])), "item 1: params must be seven numbers.", "/mission/items/0/params"),
    "param": (plan(item(params=[0, 0, 0, 0, "52", 5, 4])), "item 1: parameter 5 must be a number or null.", "/mission/items/0/params/4"),
    "command": (plan(item(command=True)), "item 1: command must be a number or null.", "/mission/items/0/command"),
    "no_command": (plan(item(command="absent")), "item 1: command must be a whole number", "/mission/items/0/command"),
    "frame": (plan(item(frame=1, AltitudeMode="absent")), "item 1: frame 1 counts from a point", "/mission/items/0"),
    "altitude": (plan(item(Altitude="high")), "item 1: Altitude must be a number or null.", "/mission/items/0/Altitude"),
    "height": (plan(item(Altitude=1e9)), "item 1: altitude 1e+09 m is not a height", "/mission/items/0"),
    "type": (plan(item(type="Item")), "item 1: type is neither SimpleItem nor ComplexItem.", "/mission/items/0/type"),
    "not_an_item": (plan("here"), "item 1: it is not an object.", "/mission/items/0"),
    "home": (plan(item(), mission={"plannedHomePosition": [95, 5, 0]}), "plannedHomePosition: latitude 95 is outside", "/mission/plannedHomePosition"),
    "home_list": (plan(item(), mission={"plannedHomePosition": 5}), "plannedHomePosition: it must be a list", "/mission/plannedHomePosition"),
    "speed": (plan(item(), mission={"hoverSpeed": "fast"}), "the mission: hoverSpeed must be a number or null.", "/mission/hoverSpeed"),
    "survey": (plan(survey(["x"])), "item 1 (survey), part 1: it is not an object.", "/mission/items/0/TransectStyleComplexItem/Items/0"),
    "corner": (plan(survey() | {"polygon": [[52, 5], [52, "x"], [53, 5]]}), "item 1 (survey): longitude must be a number", "/mission/items/0/polygon/1/1"),
    "width": (plan(survey(TurnAroundDistance=-1)), "item 1 (survey): TurnAroundDistance must be from 0", "/mission/items/0/TransectStyleComplexItem/TurnAroundDistance"),
}  # fmt: skip


@pytest.mark.parametrize("defect", BROKEN)
def test_a_broken_plan_gets_one_sentence_that_names_the_place(defect: str):
    data, sentence, pointer = BROKEN[defect]

    refused = refusal(data)

    assert refused.detail.startswith(sentence)
    assert refused.defects[0].pointer.startswith(pointer)


def test_too_many_items_are_too_large():
    with pytest.raises(InputTooLarge):
        qgc.read(plan(*[item()] * (MAX_POINTS + 1)))


def test_nesting_without_end_is_too_large():
    with pytest.raises(InputTooLarge):
        qgc.read(b'{"fileType": "Plan", "mission": ' + b"[" * 5000 + b"]" * 5000 + b"}")


@FUZZ
@given(st.floats(-179, 179), st.floats(-84, 84), st.floats(10, 20_000), st.floats(1, 500), st.floats(0, 360))
def test_a_corridor_holds_all_within_its_reach(
    lon: float, lat: float, length_m: float, by_m: float, towards: float
):
    end = GEOD.fwd(lon, lat, towards, length_m)
    line = [(lon, lat), (end[0], max(-84.9, min(84.9, end[1])))]

    area = areas.corridor(line, by_m)

    assert area is not None
    drawn = shapely.Polygon(area.shell)
    for azimuth in range(0, 360, 15):
        for start in line:
            x, y, _ = GEOD.fwd(*start, azimuth, by_m)
            if abs(y) < 85:
                assert drawn.distance(shapely.Point(lon + (x - lon + 540) % 360 - 180, y)) < 1e-9


def test_no_area_is_drawn_next_to_a_pole():
    assert areas.grown([(0.0, 86.0), (1.0, 86.0), (1.0, 86.5)], 10.0) is None


GOOD = (
    plan(item(22, 0, 0), item(), item(AltitudeMode=3, frame=0, AMSLAltAboveTerrain=90.0), survey([bare(), bare(10)]), item(20, 0, 0, 0, frame=2)),
    plan(survey(), survey() | {"complexItemType": "StructureScan", "CameraCalc": {"DistanceToSurface": 5}, "EntranceAltitude": 9, "StructureHeight": 9}),
)  # fmt: skip

_json = st.recursive(
    st.none() | st.booleans() | st.integers(-200, 200) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@st.composite
def replaced(draw: st.DrawFn) -> bytes:
    """Return a good plan with some of its values replaced by others that JSON may hold."""
    document = json.loads(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(1, 4))):
        holder: Any = document
        while True:
            steps = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not steps:
                break
            step = draw(st.sampled_from(steps))
            inner = holder[step]
            if not isinstance(inner, dict | list) or draw(st.integers(0, 5)) == 0:
                holder[step] = draw(_json)
                break
            holder = inner
    return json.dumps(document).encode()


@FUZZ
@given(st.one_of(st.binary(max_size=200), mutated(GOOD), replaced()))
def test_whatever_comes_in_is_read_or_refused_in_a_sentence(data: bytes):
    qgc.recognises(data)
    file = answers(qgc.read, data)

    for mission in file.missions if file else ():
        for waypoint in mission.waypoints:
            assert math.isfinite(waypoint.hold_s + waypoint.radius_m)


def test_the_real_plan_is_read(sample_data: Path):
    data = (sample_data / "plans" / "qgc_simple_square.plan").read_bytes()

    file = qgc.read(data)

    mission = file.missions[0]
    assert (mission.takeoff, mission.takeoff_elevation_m, mission.speed_m_s) == (
        (8.545594, 47.397742),
        488.0,
        5.0,
    )
    assert [w.height for w in mission.waypoints] == [Height(20.0, TAKEOFF)] * 5
    assert file.doubts == ()
