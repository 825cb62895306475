"""The zones as vector tiles: nothing is left out, nothing is milder, and the same revision gives the same bytes."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from fastapi.testclient import TestClient

from tests.authority import NOW, Bench
from tests.builders import published, zone
from tests.documents import circle, feature
from tests.maps import AROUND_M, Drawn, metres, read_tile, tile_at
from zones_api.domain.zone import CodedCondition, ZoneType
from zones_api.following import read_snapshot
from zones_api.formats.document import read_document
from zones_api.publishing import Submission, import_documents
from zones_api.tiles import Tile, Tiles, described

TODAY = datetime(2026, 11, 25, tzinfo=UTC)
TOLD = TODAY - timedelta(days=31), TODAY + timedelta(days=29)
HOLED = [
    [[5.2, 52.0], [5.4, 52.0], [5.4, 52.1], [5.2, 52.1], [5.2, 52.0]],
    [[5.25, 52.03], [5.25, 52.07], [5.35, 52.07], [5.35, 52.03], [5.25, 52.03]],
]


def address(tile: tuple[int, int, int], query: str = "") -> str:
    return f"/tiles/{'/'.join(map(str, tile))}.mvt{query}"


class Map:
    """Tiles of a bench, read."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench, self.folder = bench, folder

    def at(
        self, lon: float, lat: float, zoom: int = 12, layer: str = "zones", query: str = ""
    ) -> list[Drawn]:
        tile = tile_at(lon, lat, zoom)
        said = self.bench.client.get(address(tile, query))
        assert said.status_code == 200, said.text
        return read_tile(self.folder, said.content, tile, layer)

    def one(self, lon: float, lat: float, zoom: int = 12, layer: str = "zones") -> Drawn:
        (drawn,) = self.at(lon, lat, zoom, layer)
        return drawn


@pytest.fixture
def drawn_map(bench: Bench, tmp_path: Path) -> Map:
    return Map(bench, tmp_path)


def layer(lower: float, lower_reference: str, upper: float, upper_reference: str) -> dict[str, Any]:
    return {
        "lower": lower,
        "lowerReference": lower_reference,
        "upper": upper,
        "upperReference": upper_reference,
        "uom": "ft",
    }


def minutes(*moments: datetime) -> str:
    return "-".join(f"{moment.timestamp() / 60:.0f}" for moment in moments)


# --- what is said ---


def test_a_zone_has_the_words_of_its_answer(drawn_map: Map) -> None:
    shape = circle(4.8, 52.3, 2000) | {"layer": layer(500, "AGL", 1500, "AMSL")}
    drawn_map.bench.imported(
        "national", feature("EHP25", type="REQ_AUTHORIZATION", geometry=shape, reason=["NATURE", "NOISE"])
    )

    said = drawn_map.one(4.8, 52.3)

    assert said.number == 1
    assert said.properties == {
        "key": "NLD EHP25",
        "data_set": "national",
        "name": "Zone EHP25",
        "word": "AUTHORIZATION_REQUIRED",
        "reason": "NATURE,NOISE",
        "lower": "500 ft AGL",
        "lower_m": 152.4,
        "lower_ref": "AGL",
        "upper": "1500 ft AMSL",
        "upper_m": 457.2,
        "upper_ref": "AMSL",
    }


def test_a_coarse_tile_has_every_zone_and_not_what_is_read_close_by(drawn_map: Map) -> None:
    drawn_map.bench.imported("national", feature("A"), feature("B", geometry=circle(4.8, 52.3, 2000)))

    said = drawn_map.at(5.0, 52.1, zoom=7)

    assert [each.properties["key"] for each in said] == ["NLD A", "NLD B"]
    assert not {"name", "lower", "upper"} & set(said[0].properties)
    assert said[0].properties["upper_m"] == 120


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("PROHIBITED", "PROHIBITED"),
        ("CONDITIONAL", "CONDITIONAL"),
        ("NO_RESTRICTION", "INFORMATION"),
        ("USPACE", "USPACE"),
        ("KEEP_OUT", "UNRECOGNISED"),
    ],
)
def test_a_word_is_never_milder_than_published(drawn_map: Map, said: str, word: str) -> None:
    drawn_map.bench.imported("national", feature("A", type=said))

    assert drawn_map.one(5.3, 52.05).properties["word"] == word


@pytest.mark.parametrize(
    ("then", "word"), [(ZoneType.NO_RESTRICTION, "CONDITIONAL"), (ZoneType.PROHIBITED, "PROHIBITED")]
)
def test_conditions_of_an_operation_nobody_knows_only_make_it_stricter(then: ZoneType, word: str) -> None:
    made = replace(zone(type=ZoneType.CONDITIONAL), coded_conditions=(CodedCondition(then),))

    said = described(published(made), TODAY.date())

    assert said is not None
    assert said["word"] == word


def test_heights_of_volumes_that_cannot_be_compared_have_no_number(drawn_map: Map) -> None:
    low, high = circle(4.8, 52.3, 2000), circle(4.8, 52.3, 3000)
    low["layer"] = layer(0, "AGL", 400, "AGL")
    high["layer"] = layer(1000, "AMSL", 1500, "AMSL")
    shape = {"type": "GeometryCollection", "geometries": [low, high]}
    drawn_map.bench.imported("national", feature("A", geometry=shape))

    said = drawn_map.one(4.8, 52.3).properties

    assert (said["lower"], said["upper"]) == ("1000 ft AMSL", "400 ft AGL, 1500 ft AMSL")
    assert not {"lower_m", "lower_ref", "upper_m", "upper_ref"} & set(said)


# --- when ---


def scheduled(*entries: dict[str, Any], **dates: str) -> list[dict[str, Any]]:
    return [{"schedule": list(entries), **dates} if entries else dates]


def test_what_is_in_force_all_the_time_says_nothing_of_times(drawn_map: Map) -> None:
    drawn_map.bench.imported("national", feature("A"))

    assert not {"active", "from", "to"} & set(drawn_map.one(5.3, 52.05).properties)


def test_a_schedule_is_told_from_a_month_before_to_four_weeks_after(drawn_map: Map) -> None:
    entry = {"day": ["WED"], "startTime": "08:00Z", "endTime": "17:30Z"}
    drawn_map.bench.imported("national", feature("A", limitedApplicability=scheduled(entry)))

    said = drawn_map.one(5.3, 52.05).properties["active"]

    wednesdays = [TODAY + timedelta(days=days) for days in range(-28, 29, 7)]
    assert said.split(",") == [
        minutes(day + timedelta(hours=8), day + timedelta(hours=17.5)) for day in wednesdays
    ]


def test_what_is_only_possible_has_a_question_mark(drawn_map: Map) -> None:
    entry = {"day": ["WED"], "startTime": "08:00", "endTime": "17:00"}
    drawn_map.bench.imported("national", feature("A", limitedApplicability=scheduled(entry)))

    said = drawn_map.one(5.3, 52.05).properties["active"].split(",")

    assert said
    assert all(each.endswith("?") for each in said)


def test_a_schedule_that_cannot_be_read_is_possible_all_the_time(drawn_map: Map) -> None:
    entry = {"day": ["WED"], "startTime": "dawn", "endTime": "dusk"}
    drawn_map.bench.imported("national", feature("A", limitedApplicability=scheduled(entry)))

    assert drawn_map.one(5.3, 52.05).properties["active"] == f"{minutes(*TOLD)}?"


def test_dates_are_told_and_what_was_over_before_is_left_out(drawn_map: Map) -> None:
    def dated(start: str, end: str) -> list[dict[str, Any]]:
        return scheduled(startDateTime=start, endDateTime=end)

    drawn_map.bench.imported(
        "national",
        feature("LATER", limitedApplicability=dated("2027-03-01T00:00:00Z", "2027-04-01T00:00:00Z")),
        feature("OVER", limitedApplicability=dated("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")),
        feature("WAS", limitedApplicability=dated("2026-03-01T00:00:00Z", "2026-11-01T00:00:00Z")),
    )

    later, was = drawn_map.at(5.3, 52.05)

    assert (later.properties["key"], was.properties["key"]) == ("NLD LATER", "NLD WAS")
    assert later.properties["active"] == ""
    assert later.properties["from"] == datetime(2027, 3, 1, tzinfo=UTC).timestamp()
    assert later.properties["to"] == datetime(2027, 4, 1, tzinfo=UTC).timestamp()
    assert was.properties["active"] == minutes(TOLD[0], datetime(2026, 11, 1, tzinfo=UTC))


# --- where ---


def test_a_hole_stays_a_hole_and_a_circle_stays_round(drawn_map: Map) -> None:
    holed = {"type": "Polygon", "coordinates": HOLED, "layer": layer(0, "AGL", 400, "AGL")}
    drawn_map.bench.imported(
        "national", feature("A", geometry=holed), feature("C", geometry=circle(5.3, 52.05, 1000))
    )

    ring, disc = drawn_map.at(5.3, 52.05, zoom=8)

    (area,) = shapely.get_parts(ring.shape)
    assert len(area.interiors) == 1
    assert not shapely.contains_xy(ring.shape, 5.3, 52.05)
    assert shapely.contains_xy(ring.shape, 5.22, 52.01)
    edge = shapely.get_coordinates(disc.shape)
    x, y = metres(*edge.T)
    middle = metres(5.3, 52.05)
    apart_m = np.hypot(x - middle[0], y - middle[1]) * np.cos(np.radians(52.05))
    assert apart_m == pytest.approx(1000, abs=AROUND_M / 2**8 / 4096)
    assert len(edge) > 30


def test_what_is_too_small_to_be_an_area_is_a_line_or_a_point(drawn_map: Map) -> None:
    thin = [[[5.2, 52.0], [5.4, 52.0], [5.4, 52.00001], [5.2, 52.00001], [5.2, 52.0]]]
    corridor = {"type": "Polygon", "coordinates": thin, "layer": layer(0, "AGL", 400, "AGL")}
    drawn_map.bench.imported(
        "national", feature("LINE", geometry=corridor), feature("POINT", geometry=circle(5.3, 52.05, 10))
    )

    for zoom in (0, 3, 6, 8):
        assert [each.properties["key"] for each in drawn_map.at(5.3, 52.05, zoom)] == [
            "NLD LINE",
            "NLD POINT",
        ]
    line, point = drawn_map.at(5.3, 52.05, zoom=8)
    assert shapely.get_dimensions(line.shape) == 1
    assert line.shape.length > 0.19
    assert shapely.get_dimensions(point.shape) == 0
    assert (point.shape.x, point.shape.y) == pytest.approx((5.3, 52.05), abs=0.001)


def test_each_part_of_a_zone_is_drawn_however_small(drawn_map: Map) -> None:
    parts = [circle(5.3, 52.05, 5000), circle(5.6, 52.05, 5)]
    shape = {"type": "GeometryCollection", "geometries": parts}
    drawn_map.bench.imported("national", feature("A", geometry=shape))

    point, area = drawn_map.at(5.3, 52.05, zoom=7)

    assert (area.number, point.number) == (1, 1)
    assert (area.shape.geom_type, point.shape.geom_type) == ("Polygon", "Point")
    assert point.shape.x == pytest.approx(5.6, abs=0.01)


def test_a_zone_across_the_date_line_is_on_both_sides_of_it(drawn_map: Map) -> None:
    drawn_map.bench.imported("national", feature("A", geometry=circle(179.99, 52.0, 5000), country="RUS"))

    assert drawn_map.at(179.9999, 52.0, zoom=8)[0].properties["key"] == "RUS A"
    (east,) = drawn_map.at(-179.9999, 52.0, zoom=8)
    assert east.properties["key"] == "RUS A"
    _, _, east_edge, _ = east.shape.bounds
    assert east_edge == pytest.approx(-179.937, abs=0.01)
    world = drawn_map.at(0.0, 0.0, zoom=0)
    assert {each.properties["key"] for each in world} == {"RUS A"}
    assert all(each.shape.area < 1 for each in world)


def test_a_long_edge_lies_on_the_map_where_it_is_straight_in_degrees(drawn_map: Map) -> None:
    corners = [[4.0, 50.0], [5.0, 51.0], [4.0, 51.0], [4.0, 50.0]]
    shape = {"type": "Polygon", "coordinates": [corners], "layer": layer(0, "AGL", 400, "AGL")}
    drawn_map.bench.imported("national", feature("A", geometry=shape))

    said = drawn_map.one(4.5, 50.5, zoom=8)

    on_map = shapely.transform(shapely.boundary(said.shape), lambda xy: np.column_stack(metres(*xy.T)))
    # Drawn straight on the map between its ends in the tile, the edge would pass over 100 m away, inside the zone.
    assert shapely.distance(on_map, shapely.Point(metres(4.5, 50.5))) < 1.5 * AROUND_M / 2**8 / 4096


def test_wherever_a_zone_may_be_its_tile_shows_it_within_a_unit(drawn_map: Map, demonstration: Path) -> None:
    bench = drawn_map.bench
    document = read_document(demonstration.read_bytes())
    import_documents(
        bench.engine, [Submission("demo", "demo.json", demonstration.read_bytes(), document)], lambda: NOW
    )
    bench.follow()
    pick = np.random.default_rng(1)
    looked = 0

    for each in bench.following.current().zones:
        west, south, east, north = each.zone.bounds
        lon, lat = pick.uniform(west, east), pick.uniform(south, north)
        place = shapely.Point(lon, lat)
        asked = bench.status(lon, lat, max_height=None, reference=None)["assessment"]
        if each.zone.identifier not in {found["identifier"] for found in asked["zones"]}:
            continue
        for zoom in (4, 8, 12, 16):
            unit_deg = 360 / 2**zoom / (1024 if zoom < 8 else 4096)
            key = f"{each.zone.country} {each.zone.identifier}"
            shapes = [drawn.shape for drawn in drawn_map.at(lon, lat, zoom) if drawn.properties["key"] == key]
            assert min(shape.distance(place) for shape in shapes) < unit_deg, (key, zoom)
            looked += 1

    assert looked > 40


# --- what else is drawn ---


def test_zones_that_were_set_aside_are_boxes_of_their_own(drawn_map: Map) -> None:
    bench = drawn_map.bench
    bench.imported("national", feature(), feature("Q1", geometry=circle(4.8, 52.3, 2000)))
    bench.set_aside("national")

    said = drawn_map.one(4.8, 52.3, layer="unreadable")

    assert said.properties == {"key": "NLD Q1", "data_set": "national", "word": "PROHIBITED"}
    assert shapely.contains_xy(said.shape, 4.8, 52.3)
    assert [each.properties["key"] for each in drawn_map.at(5.3, 52.05)] == ["NLD A1"]


def test_where_a_data_set_has_every_zone_is_drawn(drawn_map: Map) -> None:
    drawn_map.bench.imported("national", feature())

    said = drawn_map.one(5.3, 52.05, zoom=9, layer="coverage")

    assert said.properties == {"data_set": "national"}
    assert shapely.contains_xy(said.shape, 5.3, 52.05)
    assert drawn_map.at(13.4, 52.5, zoom=9, layer="coverage") == []


# --- revisions, tags and limits ---


def test_a_revision_is_drawn_as_it_was_and_may_be_kept_for_the_day(drawn_map: Map) -> None:
    bench = drawn_map.bench
    bench.imported("national", feature("A"))
    bench.imported("national", feature("A"), feature("B", geometry=circle(5.3, 52.05, 500)))
    tile = tile_at(5.3, 52.05, 12)

    first, newest = bench.client.get(address(tile, "?revision=1")), bench.client.get(address(tile))

    assert [each.properties["key"] for each in drawn_map.at(5.3, 52.05, query="?revision=1")] == ["NLD A"]
    assert [each.properties["key"] for each in drawn_map.at(5.3, 52.05)] == ["NLD A", "NLD B"]
    assert bench.client.get(address(tile, "?revision=2")).content == newest.content
    assert (first.headers["zones-revision"], newest.headers["zones-revision"]) == ("1", "2")
    assert first.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert first.headers["cache-control"] == "public, max-age=43200, immutable"
    assert newest.headers["cache-control"] == "no-cache"


def test_whoever_has_a_tile_is_told_so_until_it_is_another(drawn_map: Map) -> None:
    bench = drawn_map.bench
    bench.imported("national", feature("A"))
    where = address(tile_at(5.3, 52.05, 12))
    tag = bench.client.get(where).headers["etag"]

    def known() -> int:
        return bench.client.get(where, headers={"If-None-Match": tag}).status_code

    assert known() == 304
    assert not tag.startswith("W/")
    assert tag != bench.client.get(address(tile_at(5.3, 52.05, 11))).headers["etag"]
    bench.now += timedelta(days=1)
    assert known() == 200
    bench.now -= timedelta(days=1)
    assert known() == 304
    bench.imported("national", feature("A"), feature("B"))
    assert known() == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tiles/17/0/0.mvt", 404),
        ("/tiles/-1/0/0.mvt", 404),
        ("/tiles/3/8/0.mvt", 404),
        ("/tiles/3/0/8.mvt", 404),
        ("/tiles/3/0/-1.mvt", 404),
        ("/tiles/99999999999999999999/0/0.mvt", 404),
        ("/tiles/3/x/0.mvt", 400),
        ("/tiles/3/0/0.png", 404),
        ("/tiles/3/0/0.mvt?revision=9", 404),
        ("/tiles/3/0/0.mvt?revision=0", 400),
        ("/tiles/3/0/0.mvt?revision=1&revision=1", 400),
    ],
)
def test_what_is_not_there_is_a_problem(bench: Bench, path: str, status: int) -> None:
    bench.imported("national", feature("A"))

    said = bench.client.get(path)

    assert (said.status_code, said.headers["content-type"]) == (status, "application/problem+json")


def test_before_anything_is_published_there_is_no_tile(bench: Bench) -> None:
    assert bench.client.get("/tiles/0/0/0.mvt").status_code == 404


def test_without_a_register_there_are_no_tiles(client: TestClient) -> None:
    said = client.get("/tiles/0/0/0.mvt")

    assert (said.status_code, said.json()["type"]) == (503, "/problems/register-unavailable")


def test_a_zone_that_memory_does_not_know_is_never_left_out_silently(bench: Bench) -> None:
    bench.imported("national", feature("A"), feature("B"))
    snapshot = bench.following.current()
    index = shapely.STRtree([shapely.box(*snapshot.zones[0].zone.bounds)])
    bench.following.snapshot = replace(snapshot, zones=snapshot.zones[:1], index=index)

    said = bench.client.get(address(tile_at(5.3, 52.05, 12)))

    assert (said.status_code, said.json()["type"]) == (500, "/problems/export-failed")


def test_who_comes_when_too_many_tiles_are_drawn_is_sent_away(bench: Bench) -> None:
    bench.imported("national", feature("A"))
    tiles = Tiles(bench.engine, _waiting=threading.BoundedSemaphore(1))
    tiles._waiting.acquire()
    bench.client.app.state.service = replace(bench.client.app.state.service, tiles=tiles)  # type: ignore[attr-defined]

    said = bench.client.get("/tiles/0/0/0.mvt")

    assert (said.status_code, said.headers["retry-after"]) == (503, "5")


def test_what_was_drawn_is_kept_within_a_number_of_bytes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.imported("national", feature("A"))
    snapshot, tiles = read_snapshot(bench.engine, bench.territories), Tiles(bench.engine)
    near = [Tile(*tile_at(5.3, 52.05, zoom)) for zoom in (9, 10, 11)]
    sizes = [len(tiles.tile(snapshot, tile, TODAY.date())) for tile in near]

    monkeypatch.setattr("zones_api.tiles.KEPT_BYTES", sizes[1] + sizes[2])
    tiles.forget()
    for tile in near:
        tiles.tile(snapshot, tile, TODAY.date())

    assert [key[2].zoom for key in tiles._kept] == [10, 11]
    assert tiles._bytes == sizes[1] + sizes[2]


def test_a_tile_is_sent_compressed_to_who_accepts_that(drawn_map: Map) -> None:
    bench = drawn_map.bench
    bench.imported("national", *(feature(f"A{number}") for number in range(40)))
    where = address(tile_at(5.3, 52.05, 12))

    packed = bench.client.get(where, headers={"Accept-Encoding": "gzip"})
    plain = bench.client.get(where, headers={"Accept-Encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert packed.content == plain.content  # the client has unpacked it
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in plain.headers["vary"]
    again = bench.client.get(
        where, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
    )
    assert again.status_code == 304
