"""Drawing over HTTP: what comes back can stand in a draft, covers what was asked for and says by how much."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyproj
import pytest
import shapely
from fastapi.testclient import TestClient

from tests.documents import feature
from zones_api.api import geometry_tools, neighbours
from zones_api.app import create_app
from zones_api.domain.geometry import Circle, Polygon
from zones_api.following import Following
from zones_api.formats import ed318
from zones_api.formats.aerodromes import read_aerodromes
from zones_api.formats.members import Found

GEODATA = Path(__file__).resolve().parents[2] / "geodata"
GEOD = pyproj.Geod(ellps="WGS84")
LAYER = {"lower": 0, "lowerReference": "AGL", "upper": 120, "upperReference": "AGL", "uom": "m"}
BOWTIE = {
    "type": "Polygon",
    "coordinates": [[[4.6, 52.2], [4.9, 52.4], [4.9, 52.2], [4.6, 52.4], [4.6, 52.2]]],
}
SQUARE = [[4.6, 52.2], [4.9, 52.2], [4.9, 52.4], [4.6, 52.4], [4.6, 52.2]]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = create_app(Following(), aerodromes=read_aerodromes(GEODATA))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def draw(client: TestClient, tool: str, **asked: Any) -> dict[str, Any]:
    response = client.post(f"/v1/geometry-tools/{tool}", json=asked)
    assert response.status_code == 200, response.text
    said: dict[str, Any] = response.json()
    return said


def refused(client: TestClient, tool: str, **asked: Any) -> tuple[int, str, str]:
    response = client.post(f"/v1/geometry-tools/{tool}", json=asked)
    assert response.headers["content-type"] == "application/problem+json", response.text
    (first, *_) = response.json()["errors"] or [{"pointer": "", "detail": response.json()["detail"]}]
    return response.status_code, first["pointer"], first["detail"]


def zone_of(geometry: dict[str, Any]) -> tuple[Any, list[Any]]:
    """Return the shapes of a zone drawn with a geometry, and every defect but notes."""
    found = Found()
    zone = ed318.read_feature(feature(geometry=geometry | {"layer": LAYER}), found, "")
    assert zone is not None
    return zone.volumes[0].shapes, [defect for defect in found.defects if defect.severity != "note"]


MODELS = [
    ("coordinates", geometry_tools.CoordinatesIn),
    ("circle", geometry_tools.CircleIn),
    ("corridor", geometry_tools.CorridorIn),
    ("runway", geometry_tools.RunwayIn),
    ("ring", geometry_tools.RingIn),
    ("combine", geometry_tools.CombineIn),
    ("split", neighbours.SplitIn),
    ("snap", neighbours.SnapIn),
]
EXAMPLES = [
    pytest.param(tool, example, id=f"{tool}-{number}")
    for tool, model in MODELS
    for number, example in enumerate(model.model_json_schema()["examples"])
]


@pytest.mark.parametrize(("tool", "example"), EXAMPLES)
def test_an_example_of_the_documentation_draws_a_zone_that_a_draft_can_take(
    client: TestClient, tool: str, example: dict[str, Any]
) -> None:
    said = draw(client, tool, **example)

    for geometry in [said["geometry"], *(part["geometry"] for part in said.get("parts", []))]:
        shapes, defects = zone_of(geometry)
        assert shapes
        # Long edges are flagged here too, before a draft is stopped by them.
        assert {defect.code for defect in defects} <= {doubt["code"] for doubt in said["doubts"]}
    assert said["area_km2"] > 0


def test_a_circle_around_an_aerodrome_stays_a_circle_in_metres(client: TestClient) -> None:
    said = draw(client, "circle", aerodrome="eham", radius=3, uom="NM")

    (circle,), defects = zone_of(said["geometry"])
    assert circle == Circle(tuple(said["centre"]), 5556.0)
    assert defects == []
    assert said["aerodrome"]["name"] == "Amsterdam Airport Schiphol"
    assert "Not for navigation" in said["doubts"][0]["detail"]
    assert said["area_km2"] == pytest.approx(3.14159 * 5.556**2, rel=2e-3)
    assert shapely.from_geojson(str(said["outline"]).replace("'", '"')).contains(
        shapely.Point(said["centre"])
    )


@pytest.mark.parametrize(("uom", "metres"), [("m", 1.0), ("km", 1000.0), ("NM", 1852.0), ("ft", 0.3048)])
def test_lengths_are_in_the_unit_named(client: TestClient, uom: str, metres: float) -> None:
    said = draw(client, "circle", centre=[4.7, 52.3], radius=2.5, uom=uom)

    assert said["radius_m"] == pytest.approx(2.5 * metres)


def test_a_circle_at_a_pole_or_the_antimeridian_has_no_outline_and_stays_a_circle(client: TestClient) -> None:
    for centre in ([179.99, 10.0], [0.0, 89.99]):
        said = draw(client, "circle", centre=centre, radius=50, uom="km")

        assert said["outline"] is None
        assert zone_of(said["geometry"])[0] == (Circle(tuple(centre), 50_000.0),)


def test_a_corridor_says_how_wide_it_is_altogether(client: TestClient) -> None:
    said = draw(client, "corridor", line=[[4.7, 52.4], [4.7, 52.3]], each_side=1, uom="NM")

    assert (said["each_side_m"], said["total_width_m"]) == (1852.0, 3704.0)
    across = shapely.LineString([(4.0, 52.35), (5.0, 52.35)])
    west, _, east, _ = across.intersection(shapely.geometry.shape(said["geometry"])).bounds
    width_m = GEOD.inv(west, 52.35, east, 52.35)[2]
    assert 3704.0 <= width_m <= 3704.0 + 2 * said["largest_error_m"] + 0.01


def test_a_long_leg_is_flagged(client: TestClient) -> None:
    said = draw(client, "corridor", line=[[4.0, 52.4], [7.0, 52.4]], each_side=500)

    assert [doubt["code"] for doubt in said["doubts"]] == ["EDGE_INTERPRETATION"]


def test_a_runway_has_a_stadium_and_an_approach_at_both_ends(client: TestClient) -> None:
    approach = {"length": 3000, "half_width": 100, "splay_percent": 10}

    said = draw(client, "runway", thresholds=[[4.70, 52.30], [4.74, 52.30]], around=500, approach=approach)

    names = [part["name"] for part in said["parts"]]
    assert names == [
        "around the runway",
        "approach to the first threshold",
        "approach to the second threshold",
    ]
    stadium, west, east = (part["area_km2"] for part in said["parts"])
    assert stadium == pytest.approx(2 * 0.5 * said["length_m"] / 1000 + 3.14159 * 0.25, rel=3e-3)
    assert west == pytest.approx(3 * (0.2 + 0.8) / 2, rel=3e-3)
    assert east == pytest.approx(west, rel=1e-3)
    assert said["bearing_deg"] == pytest.approx(89.98, abs=0.01)
    assert max(part["area_km2"] for part in said["parts"]) < said["area_km2"] < stadium + west + east


def test_a_splay_in_degrees_is_its_tangent_per_cent(client: TestClient) -> None:
    runway = {"thresholds": [[4.70, 52.30], [4.74, 52.30]]}
    common = {"length": 3000, "half_width": 100, "ends": "first"}

    degrees = draw(client, "runway", **runway, approach=common | {"splay_deg": 45.0})
    per_cent = draw(client, "runway", **runway, approach=common | {"splay_percent": 100.0})

    assert degrees["area_km2"] == pytest.approx(per_cent["area_km2"], rel=1e-9)


def test_nested_rings_leave_no_place_between_them(client: TestClient) -> None:
    said = draw(client, "ring", centre=[4.2833, 52.0906], radii=[1.8, 16, 92], uom="km")

    assert [part["name"] for part in said["parts"]] == [
        "within 1.8 km",
        "from 1.8 km to 16 km",
        "from 16 km to 92 km",
    ]
    _, inner, outer = (part["geometry"] for part in said["parts"])
    for azimuth in range(0, 360, 7):
        for radius_m, ring in ((1_800.0, inner), (16_000.0, inner), (16_000.0, outer), (92_000.0, outer)):
            lon, lat, _ = GEOD.fwd(4.2833, 52.0906, azimuth, radius_m)
            assert shapely.geometry.shape(ring).intersects(shapely.Point(lon, lat))


def test_what_is_taken_away_leaves_a_hole_in_a_draftable_polygon(client: TestClient) -> None:
    circle = {"type": "Point", "coordinates": [4.75, 52.3], "extent": {"subType": "Circle", "radius": 3000}}

    said = draw(
        client,
        "combine",
        operation="difference",
        shapes=[{"type": "Polygon", "coordinates": [SQUARE]}],
        others=[circle],
    )

    (shape,), _ = zone_of(said["geometry"])
    assert isinstance(shape, Polygon)
    assert len(shape.holes) == 1
    assert 0 < said["largest_error_m"] < 2


def test_nothing_left_is_null_and_said(client: TestClient) -> None:
    square = {"type": "Polygon", "coordinates": [SQUARE]}

    said = draw(client, "combine", operation="difference", shapes=[square], others=[square])

    assert said["geometry"] is None
    assert [doubt["code"] for doubt in said["doubts"]] == ["NOTHING_LEFT"]


def test_points_come_back_numbered_with_the_text_they_stand_for(client: TestClient) -> None:
    text = "615742N 0285523E - 526142N 0044550E"

    said = draw(client, "coordinates", text=text)

    assert said["geometry"] is None
    assert [point["text"] for point in said["points"]] == text.split(" - ")
    assert said["points"][1]["position"] is None
    (stop,) = [doubt for doubt in said["doubts"] if doubt["severity"] == "stop"]
    assert (stop["code"], stop["point"]) == ("MINUTES_OVER_59", 2)
    assert text[stop["start"] : stop["end"]] == "526142N 0044550E"


def test_a_country_named_tells_a_swapped_pair(client: TestClient) -> None:
    text = "60.3000, 4.7000; 60.4000, 4.7000; 60.4000, 4.8000"

    here = draw(client, "coordinates", text=text, country="NOR")
    elsewhere = draw(client, "coordinates", text=text, country="NLD")

    assert {doubt["code"] for doubt in here["doubts"]} == {"ORDER", "RING_CLOSED"}
    assert "OUTSIDE" in {doubt["code"] for doubt in elsewhere["doubts"]}


def test_a_circle_and_a_line_in_words(client: TestClient) -> None:
    circle = draw(client, "coordinates", text="A circle of radius 5 NM centred on 521831N 0044550E")
    line = draw(client, "coordinates", text="521831N 0044550E - 522331N 0044550E", reads="line")

    assert zone_of(circle["geometry"])[0][0].radius_m == 9260.0
    assert line["geometry"]["type"] == "LineString"
    assert (
        draw(client, "corridor", line=line["geometry"]["coordinates"], each_side=100)["total_width_m"]
        == 200.0
    )


def test_aerodromes_are_found_by_name_and_are_not_for_navigation(client: TestClient) -> None:
    response = client.get("/v1/geometry-tools/aerodromes", params={"q": "schiphol"})

    said = response.json()
    assert [each["icao"] for each in said["aerodromes"]] == ["EHAM"]
    assert said["limitations"].startswith("Not for navigation.")


LINE = [[4.7, 52.4], [4.7, 52.3]]
RUNWAY = [[4.70, 52.30], [4.74, 52.30]]
CIRCLE = {"type": "Point", "coordinates": [4.75, 52.3], "extent": {"subType": "Circle", "radius": 3000}}


@pytest.mark.parametrize(
    ("tool", "asked", "status", "pointer"),
    [
        ("circle", {"radius": 5}, 400, ""),
        ("circle", {"radius": 5, "centre": [4, 52], "aerodrome": "EHAM"}, 400, ""),
        ("circle", {"radius": 5, "aerodrome": "ZZZZ"}, 422, "/aerodrome"),
        ("circle", {"radius": 5, "aerodrome": "EH1"}, 400, "/aerodrome"),
        ("circle", {"radius": 0, "centre": [4, 52]}, 400, "/radius"),
        ("circle", {"radius": "5", "centre": [4, 52]}, 400, "/radius"),
        ("circle", {"radius": 5000, "uom": "km", "centre": [4, 52]}, 422, "/radius"),
        ("circle", {"radius": 5, "uom": "mi", "centre": [4, 52]}, 400, "/uom"),
        ("circle", {"radius": 5, "centre": [4, 92]}, 400, "/centre/1"),
        ("circle", {"radius": 5, "centre": [4, 52, 10]}, 400, "/centre"),
        ("corridor", {"line": LINE[:1], "each_side": 5}, 400, "/line"),
        ("corridor", {"line": LINE[:1] * 2, "each_side": 5}, 422, "/line"),
        ("corridor", {"line": LINE * 501, "each_side": 5}, 413, "/line"),
        ("corridor", {"line": LINE, "each_side": 101, "uom": "km"}, 422, "/each_side"),
        ("corridor", {"line": [[-179, 52], [179, 52]], "each_side": 5}, 422, "/line"),
        ("corridor", {"line": [[0, 52], [100, 52]], "each_side": 5}, 422, "/line"),
        ("corridor", {"line": LINE, "width": 5}, 400, "/each_side"),
        ("runway", {"thresholds": RUNWAY}, 400, ""),
        ("runway", {"thresholds": [RUNWAY[0]] * 2, "around": 5}, 422, "/thresholds"),
        ("runway", {"thresholds": RUNWAY, "approach": {"length": 5, "half_width": 5}}, 400, "/approach"),
        (
            "runway",
            {"thresholds": RUNWAY, "approach": {"length": 5, "half_width": 0, "splay_deg": 0}},
            422,
            "/approach",
        ),
        (
            "runway",
            {"thresholds": RUNWAY, "approach": {"length": 60_000, "half_width": 5, "splay_deg": 0}},
            422,
            "/approach",
        ),
        ("ring", {"centre": [4, 52], "radii": [5]}, 400, "/radii"),
        ("ring", {"centre": [4, 52], "radii": [5, 4]}, 422, "/radii"),
        ("ring", {"centre": [179.99, 52], "radii": [5000, 6000]}, 422, "/centre"),
        ("combine", {"operation": "union", "shapes": []}, 400, "/shapes"),
        ("combine", {"operation": "clip", "shapes": [CIRCLE]}, 400, ""),
        ("combine", {"operation": "union", "shapes": [{"type": "LineString"}]}, 400, "/shapes/0"),
        ("combine", {"operation": "union", "shapes": [CIRCLE | {"layer": LAYER}]}, 400, "/shapes/0/layer"),
        (
            "combine",
            {"operation": "union", "shapes": [CIRCLE, {"type": "Polygon", "coordinates": [SQUARE[:-1]]}]},
            422,
            "/shapes/1/coordinates/0/3",
        ),
        (
            "combine",
            {
                "operation": "union",
                "shapes": [
                    {
                        "type": "MultiPolygon",
                        "coordinates": [[[*SQUARE[:2], SQUARE[3], SQUARE[2], SQUARE[0]]]],
                    }
                ],
            },
            422,
            "/shapes/0/coordinates/0",
        ),
        ("coordinates", {"text": ""}, 400, "/text"),
        ("coordinates", {"text": "5218N 00445E", "country": "USA"}, 422, "/country"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_its_member(
    client: TestClient, tool: str, asked: dict[str, Any], status: int, pointer: str
) -> None:
    said = refused(client, tool, **asked)

    assert said[:2] == (status, pointer), said


def test_a_type_that_is_not_a_shape_names_those_that_are(client: TestClient) -> None:
    _, _, detail = refused(client, "combine", operation="union", shapes=[{"type": "LineString"}])

    assert detail == "The type must be Point, Polygon or MultiPolygon."


def test_too_many_vertices_are_refused(client: TestClient) -> None:
    ring = [[4 + i / 1e5, 52.0] for i in range(6_000)] + [[4.0, 53.0], [4.0, 52.0]]
    shapes = [{"type": "Polygon", "coordinates": [ring]}] * 2

    assert refused(client, "combine", operation="union", shapes=shapes)[0] == 413


def test_a_search_needs_two_letters_and_is_asked_once(client: TestClient) -> None:
    for query in ("", "?q=e", "?q=eham&q=ehrd", "?q=eham&limit=51"):
        assert client.get(f"/v1/geometry-tools/aerodromes{query}").status_code == 400


PAGE = (GEODATA.parent / "docs" / "drawing.md").read_text("utf-8")
SHOWN = re.findall(
    r"```http\nPOST /v1/geometry-tools/(\w+)\n\n(.*?)```\n\n```json\n(.*?)```", PAGE, re.DOTALL
)


def excerpt(said: Any, shown: Any) -> Any:
    """Return of an answer what a page shows of it."""
    if isinstance(shown, dict):
        return {name: excerpt(said[name], value) for name, value in shown.items()}
    if isinstance(shown, list) and shown and isinstance(shown[0], dict):
        return [excerpt(each, part) for each, part in zip(said, shown, strict=True)]
    return said


@pytest.mark.parametrize(("tool", "asked", "shown"), SHOWN, ids=[tool for tool, *_ in SHOWN])
def test_the_page_about_drawing_shows_what_is_answered(
    client: TestClient, tool: str, asked: str, shown: str
) -> None:
    said = draw(client, tool, **json.loads(asked))

    assert excerpt(said, json.loads(shown)) == json.loads(shown)


def test_the_page_about_drawing_shows_every_tool() -> None:
    assert {tool for tool, *_ in SHOWN} == {tool for tool, _ in MODELS}


def test_put_together_says_the_area_before(client: TestClient) -> None:
    square = {"type": "Polygon", "coordinates": [SQUARE]}
    far = {"type": "Point", "coordinates": [5.5, 52.3], "extent": {"subType": "Circle", "radius": 1000}}

    more = draw(client, "combine", operation="union", shapes=[square], others=[far])
    less = draw(client, "combine", operation="difference", shapes=[square], others=[square])

    assert more["area_before_km2"] == less["area_before_km2"] == pytest.approx(455.4, abs=0.1)
    assert more["area_km2"] == pytest.approx(455.4 + 3.14, abs=0.1)
    assert less["area_km2"] == 0


def test_parts_of_a_cut_are_the_whole_and_a_long_cut_is_flagged(client: TestClient) -> None:
    wide = {"type": "Polygon", "coordinates": [[[3, 52], [7, 52], [7, 53], [3, 53], [3, 52]]]}

    said = draw(client, "split", shapes=[wide], line=[[2, 52.4], [8, 52.4]])

    assert [part["name"] for part in said["parts"]] == ["part 1", "part 2"]
    assert sum(part["area_km2"] for part in said["parts"]) == pytest.approx(said["area_km2"])
    assert [doubt["code"] for doubt in said["doubts"]][-1] == "EDGE_INTERPRETATION"


@pytest.mark.parametrize(
    ("tool", "asked", "pointer", "words"),
    [
        ("split", {"line": [[4.5, 52.3], [4.7, 52.3]]}, "/line", "begin and end outside"),
        ("snap", {"others": [BOWTIE], "within": 20}, "/others/0/coordinates", "not a simple polygon"),
        ("snap", {"others": [{"type": "Polygon", "coordinates": [SQUARE]}], "within": 6, "uom": "km"}, "/within", "5 km"),
        ("neighbours", {"within": 40, "uom": "NM"}, "/within", "50 km"),
    ],
)  # fmt: skip
def test_what_cannot_be_cut_or_snapped_is_refused_at_its_member(
    client: TestClient, tool: str, asked: dict[str, Any], pointer: str, words: str
) -> None:
    status, at, detail = refused(client, tool, shapes=[{"type": "Polygon", "coordinates": [SQUARE]}], **asked)

    assert (status, at) == (422, pointer)
    assert words in detail


def test_without_a_register_no_neighbours_is_not_said(client: TestClient) -> None:
    square = {"type": "Polygon", "coordinates": [SQUARE]}

    response = client.post("/v1/geometry-tools/neighbours", json={"shapes": [square], "within": 1})

    assert response.status_code == 503
