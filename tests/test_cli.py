"""The command line gives the same answers as the web, in words or in JSON, with exit codes for scripts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from tests.documents import SQUARE, circle, collection, feature
from tests.formats.national import finland, written
from zones_api import cli
from zones_api.app import create_app, utc_now
from zones_api.following import Following, read_snapshot
from zones_api.formats.territories import read_territories
from zones_api.store.register import open_register

ROOT = Path(__file__).resolve().parent.parent
AT = ["--at", "2026-11-24T12:00:00Z"]


@pytest.fixture
def zone_file(tmp_path: Path) -> Path:
    file = tmp_path / "ours.ed318.json"
    file.write_bytes(
        collection(feature("SQUARE"), feature("NOTE", type="NO_RESTRICTION", geometry=circle(4.8, 52.3, 500)))
    )
    return file


def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object
) -> tuple[int, str, str]:
    """Run the command line in process; return its exit code, standard output and standard error."""
    monkeypatch.setattr("sys.argv", ["zones", *map(str, arguments)])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    out, err = capsys.readouterr()
    return int(exit_.value.code or 0), out, err


@pytest.fixture
def zones(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda *arguments: run(capsys, monkeypatch, *arguments)


def place(lon: float, lat: float, *more: object) -> list[object]:
    return ["status", "--lon", lon, "--lat", lat, *AT, *more]


@pytest.mark.parametrize(
    ("lon", "lat", "code", "headline"),
    [
        (5.3, 52.05, 1, "Prohibited"),
        (4.5, 52.4, 0, "No restricting zone found"),
        (4.8, 52.3, 0, "No restricting zone found"),
        (6.96, 50.94, 3, "Cannot tell"),
    ],
)
def test_exit_codes_and_headlines_tell_the_answers_apart(
    zones: Any, zone_file: Path, lon: float, lat: float, code: int, headline: str
) -> None:
    exit_code, out, _ = zones(*place(lon, lat, "--zones", zone_file))

    assert exit_code == code
    assert headline in out


def test_a_place_known_to_some_metres_has_the_exit_code_of_all_of_them(zones: Any, zone_file: Path) -> None:
    code, out, _ = zones(*place(4.8, 52.3, "--zones", zone_file, "--uncertainty", 100))
    far, said, _ = zones(*place(5.3, 52.15, "--zones", zone_file, "--uncertainty", 10_000))

    assert (code, far) == (0, 1)
    assert "Everywhere within 100 m: No restricting zone found." in out
    assert "It depends on the place within 10000 m: Prohibited, in a part of it." in said


def test_the_answer_is_in_dutch_when_asked(zones: Any, zone_file: Path) -> None:
    _, out, _ = zones(*place(5.3, 52.05, "--zones", zone_file, "--lang", "nl"))

    assert "Verboden" in out


def test_a_negative_longitude_is_a_number_and_not_an_option(zones: Any, zone_file: Path) -> None:
    assert zones("status", "--lon", "-8.5", "--lat", "52", "--zones", zone_file)[0] == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["status", "--lon", "4", "--lat", "95"], "lat: Input should be less than or equal to 90"),
        (["status", "--lon", "4", "--lat", "52", "--height", "50"], "reference"),
        (["status", "--lon", "4", "--lat", "52", "--at", "2026-11-24T12:00:00"], "offset"),
        (["status", "--lon", "4"], "--lat"),
        (["status", "--lon", "4", "--lat", "52", "--zones", "nowhere.json"], "nowhere.json cannot be read"),
        (["check", "nowhere.json"], "nowhere.json cannot be read"),
        (["fly"], "fly"),
    ],
)
def test_wrong_usage_is_a_sentence_and_exit_code_2(zones: Any, arguments: list[str], says: str) -> None:
    code, out, err = zones(*arguments)

    assert (code, out) == (2, "")
    assert says in " ".join(err.split())
    assert "Traceback" not in err


def test_a_refused_document_names_every_defect(zones: Any, tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(collection(feature("A"), issued={"not": "a date"}, validTo="never"))

    code, _, err = zones(*place(4.5, 52.4, "--zones", file))

    assert code == 2
    assert "/metadata/issued" in err
    assert "/metadata/validTo" in err


def test_files_with_one_data_set_name_are_refused(zones: Any, zone_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "ours.json"
    other.write_bytes(zone_file.read_bytes())

    code, _, err = zones(*place(4.5, 52.4, "--zones", zone_file, "--zones", other))

    assert code == 2
    assert "both be data set 'ours'" in " ".join(err.split())


def flight_file(tmp_path: Path, value: object) -> Path:
    file = tmp_path / "flight.json"
    file.write_text(json.dumps(value), "utf-8")
    return file


LINE = {"type": "LineString", "coordinates": [[5.15, 52.05], [5.45, 52.05]]}
WINDOW = {"from": "2026-11-24T12:00:00Z", "to": "2026-11-24T12:30:00Z"}


@pytest.mark.parametrize(
    "value",
    [
        LINE,
        {"type": "Feature", "properties": {"name": "mine"}, "geometry": LINE},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": LINE}]},
        {"geometry": LINE, "window": WINDOW},
    ],
)
def test_a_flight_is_read_from_geojson_or_a_whole_question(
    zones: Any, zone_file: Path, tmp_path: Path, value: object
) -> None:
    file = flight_file(tmp_path, value)

    code, out, _ = zones("check", file, "--max-height", 50, "--reference", "AGL", "--zones", zone_file)

    assert code == 1
    assert "SQUARE" in out


AWAY = {"type": "LineString", "coordinates": [[4.5, 52.4], [4.6, 52.4]]}


def mission_file(tmp_path: Path, *geometries: object) -> Path:
    features = [{"type": "Feature", "properties": {}, "geometry": each} for each in geometries]
    return flight_file(tmp_path, {"type": "FeatureCollection", "features": features})


def test_a_mission_is_read_back_before_it_is_answered(zones: Any, zone_file: Path, tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[5.15, 52.05, 40], [5.45, 52.05, 60]]}
    file = mission_file(tmp_path, line)

    code, out, _ = zones("check", file, "--reference", "AGL", "--speed", 10, "--zones", zone_file)

    said = " ".join(out.split())
    assert code == 1
    assert "Read as GeoJSON: 1 flight." in said
    assert "feature 1, position 2 5.450000, 52.050000 60 AGL 60" in said
    assert "speed 10 m/s (as you said)" in said
    assert said.index("52.050000 60 AGL") < said.index("Prohibited")


def test_a_mission_asks_back_what_its_heights_are_measured_from(
    zones: Any, zone_file: Path, tmp_path: Path
) -> None:
    line = {"type": "LineString", "coordinates": [[4.5, 52.4, 40], [4.6, 52.4, 60]]}

    _, out, _ = zones("check", mission_file(tmp_path, line), "--zones", zone_file, "--lang", "nl")

    assert "Eén vraag (INPUT_INCOMPLETE): Vanwaar zijn de hoogten" in " ".join(out.split())
    assert "--reference" in out


@pytest.mark.parametrize(
    ("number", "code", "headlines"),
    [
        ([], 1, ["No restricting zone found", "Prohibited"]),
        (["--flight", 1], 0, ["No restricting zone found"]),
        (["--flight", 2], 1, ["Prohibited"]),
    ],
)
def test_each_flight_of_a_file_is_answered_and_the_worst_gives_the_exit_code(
    zones: Any, zone_file: Path, tmp_path: Path, number: list[object], code: int, headlines: list[str]
) -> None:
    file = mission_file(tmp_path, AWAY, LINE)

    exit_, out, _ = zones(
        "check", file, "--max-height", 50, "--reference", "AGL", "--zones", zone_file, *number
    )

    assert exit_ == code
    for headline in ("No restricting zone found", "Prohibited"):
        assert (f" {headline} \n" in out) is (headline in headlines)


def test_options_of_a_mission_are_refused_beside_a_question(
    zones: Any, zone_file: Path, tmp_path: Path
) -> None:
    code, _, err = zones("check", flight_file(tmp_path, LINE), "--speed", 3, "--zones", zone_file)

    assert code == 2
    assert "go with a mission file" in " ".join(err.split())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("not a mission", "is not known"),
        ('{"type": "LineString", "coordinates": [[491.2, 52, 3], [5, 52, 3]]}', "longitude 491.2"),
    ],
)
def test_a_file_that_is_no_mission_is_refused_in_a_sentence(
    zones: Any, zone_file: Path, tmp_path: Path, content: str, says: str
) -> None:
    file = tmp_path / "mission"
    file.write_text(content, "utf-8")

    code, out, err = zones("check", file, "--zones", zone_file)

    assert (code, out) == (2, "")
    assert says in " ".join(err.split())


def test_json_of_a_mission_is_the_body_the_web_gives(
    in_register: tuple[Any, TestClient], tmp_path: Path
) -> None:
    zones, client = in_register
    file = mission_file(tmp_path, LINE)
    options = {"heights": {"upper": 50, "reference": "AGL"}, "reference": "AGL", **WINDOW}

    printed = json.loads(
        zones(
            "check", file, "--max-height", 50, "--reference", "AGL", "--from", WINDOW["from"],
            "--to", WINDOW["to"], "--json",
        )[1]
    )  # fmt: skip
    sent = client.post(
        "/v1/flight-checks/file",
        files={"file": ("mission", file.read_bytes())},
        data={"options": json.dumps(options)},
    ).json()

    for said in (printed, sent):
        said["flights"][0]["answer"] = without_ages(said["flights"][0]["answer"])
    assert printed == sent


def without_ages(answer: dict[str, Any]) -> dict[str, Any]:
    changing = ("evaluated_at", "confirmed_age_s", "data")
    kept = {name: value for name, value in answer.items() if name not in changing}
    if "around" in kept:
        kept["around"] = kept["around"] | {"somewhere": without_ages(kept["around"]["somewhere"])}
    return kept


@pytest.fixture
def in_register(
    zones: Any, zone_file: Path, register_url: str, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Any, TestClient]:
    """The command line and the web over one register that holds the zone file."""
    monkeypatch.setenv("ZONES_DATABASE_URL", register_url)
    monkeypatch.setenv("ZONES_SECRETS_FOLDER", str(secrets))
    code, _, err = zones("import", zone_file)
    assert code == 0, err
    engine = open_register(register_url)
    following = Following(read_snapshot(engine, read_territories(ROOT / "geodata")), utc_now())
    engine.dispose()
    return zones, TestClient(create_app(following))


def test_json_is_the_body_the_web_gives(in_register: tuple[Any, TestClient], tmp_path: Path) -> None:
    zones, client = in_register
    body = {"geometry": LINE, "heights": {"upper": 50, "reference": "AGL"}, "window": WINDOW, "buffer_m": 25}
    asked = {"lon": 5.3, "lat": 52.05, "max_height": 50, "reference": "AGL", "at": "2026-11-24T12:00:00Z"}

    somewhere = {"lon": 5.3, "lat": 52.05, "at": "2026-11-24T12:00:00Z", "uncertainty_m": 9000}

    status = zones(*place(5.3, 52.05, "--max-height", 50, "--reference", "AGL", "--json"))[1]
    around = zones(*place(5.3, 52.05, "--uncertainty", 9000, "--json"))
    check = zones("check", flight_file(tmp_path, body), "--json")[1]

    for printed, response in [
        (status, client.get("/v1/status", params=asked)),
        (around[1], client.get("/v1/status", params=somewhere)),
        (check, client.post("/v1/flight-checks", json=body)),
    ]:
        assert without_ages(json.loads(printed)) == without_ages(response.json())
        assert list(json.loads(printed)) == list(response.json())
        member = '"assessment":'
        assert (
            printed.split(member)[1].split(',"revision_published_at"')[0]
            == (response.text.split(member)[1].split(',"revision_published_at"')[0])
        )


def test_files_alone_give_the_registers_answer_but_for_its_revision(
    in_register: tuple[Any, TestClient], zone_file: Path
) -> None:
    zones, _ = in_register

    from_register = json.loads(zones(*place(5.3, 52.05, "--json"))[1])["assessment"]
    from_file = json.loads(zones(*place(5.3, 52.05, "--json", "--zones", zone_file))[1])["assessment"]

    for said in (from_register, from_file):
        said.pop("revision")
        for data_set in said["data_sets"]:
            data_set.pop("revision")
            data_set.pop("received_at")
    assert from_register == from_file


def test_an_import_reports_what_was_read_taken_and_set_aside(
    zones: Any, register_url: str, secrets: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZONES_DATABASE_URL", register_url)
    monkeypatch.setenv("ZONES_SECRETS_FOLDER", str(secrets))
    file = tmp_path / "half.json"
    nowhere = {"type": "Polygon", "coordinates": [[[4, 152], [5, 52], [4, 53], [4, 152]]]}
    file.write_bytes(collection(feature("GOOD"), feature("BAD", geometry=nowhere)))

    code, _, err = zones("import", file)
    again = zones("import", file)

    said = " ".join(err.split())
    assert code == 0
    assert "2 zones read, 1 taken, 1 quarantined" in said
    assert "BAD at /features/1" in said
    assert "not on the globe" in said
    assert "revision 1" in said
    assert "Nothing changed" in again[2]


def test_an_import_says_which_dialect_it_read_and_takes_one_by_name(
    zones: Any, register_url: str, secrets: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZONES_DATABASE_URL", register_url)
    monkeypatch.setenv("ZONES_SECRETS_FOLDER", str(secrets))
    file = tmp_path / "suomi.json"
    file.write_bytes(written(finland()))

    recognised = zones("import", file)
    wrong = zones("import", file, "--dialect", "eans")
    named = zones("import", file, "--dialect", "ed269")

    assert "data set suomi (ed269-finland): 2 zones read" in " ".join(recognised[2].split())
    assert (wrong[0], "looks like ed269-finland" in wrong[2]) == (2, True)
    assert "(ed269): 2 zones read" in " ".join(named[2].split())


def test_a_database_behind_the_program_names_the_command_to_run(
    zones: Any, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import make_url

    monkeypatch.setenv("ZONES_DATABASE_URL", make_url(cluster).set(database="postgres").render_as_string())

    code, _, err = zones(*place(4.5, 52.4))

    assert code == 2
    assert "zones migrate" in err


POINTS_ON_THE_DUTCH_FILE = [
    ("Schiphol", 4.7639, 52.31, 1, "CONDITIONAL", {"7.2"}),
    ("Binnenhof", 4.3133, 52.0799, 1, "PROHIBITED", {"3.t", "6.2.99", "7.29"}),
    ("Utrecht Dom", 5.1214, 52.0907, 0, "NO_ZONE_FOUND", set()),
    ("Cologne", 6.96, 50.94, 3, "UNKNOWN", set()),
    ("Dam", 4.8926, 52.3731, 1, "PROHIBITED", {"7.2", "7.82", "7.83"}),
    ("Rotterdam airport", 4.4372, 51.9569, 1, "CONDITIONAL", {"7.7"}),
    ("Maasvlakte", 4.02, 51.96, 1, "CONDITIONAL", {"4.e"}),
    ("Wadden Sea", 5.35, 53.35, 1, "PROHIBITED", {"8.1"}),
    ("Zwolle", 6.0919, 52.5126, 0, "NO_ZONE_FOUND", set()),
]


@pytest.mark.parametrize(
    ("lon", "lat", "code", "verdict", "met"),
    [pytest.param(*row[1:], id=row[0]) for row in POINTS_ON_THE_DUTCH_FILE],
)
def test_the_real_dutch_file_answers_as_published(
    zones: Any, sample_data: Path, lon: float, lat: float, code: int, verdict: str, met: set[str]
) -> None:
    file = sample_data / "feeds" / "netherlands.ed269.json"

    exit_code, out, _ = zones(
        *place(lon, lat, "--height", 50, "--reference", "AGL", "--zones", file, "--json")
    )

    said = json.loads(out)
    assert (exit_code, said["verdict"]) == (code, verdict)
    assert {zone["identifier"] for zone in said["assessment"]["zones"]} == met


def test_the_published_text_of_schiphol_is_shown_word_for_word(zones: Any, sample_data: Path) -> None:
    file = sample_data / "feeds" / "netherlands.ed269.json"

    _, out, _ = zones(*place(4.7639, 52.31, "--height", 50, "--reference", "AGL", "--zones", file))

    assert "Flights in the OPEN cat. are not allowed" in " ".join(out.split())


def test_every_real_document_goes_in_or_is_refused_with_its_defects(
    zones: Any, sample_data: Path, register_url: str, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZONES_DATABASE_URL", register_url)
    monkeypatch.setenv("ZONES_SECRETS_FOLDER", str(secrets))
    feeds = sample_data / "feeds"
    official = feeds / "ed318-examples"
    good = [
        feeds / "netherlands.ed269.json",
        *sorted(official.glob("Example_*")),
        *(feeds / "interuss").glob("*.json"),
    ]

    code, _, err = zones("import", *good)

    assert code == 0, err
    assert "774 zones read, 774 taken, 0 quarantined" in " ".join(err.split())
    assert "Nothing changed" in zones("import", *good)[2]
    for file in [*official.glob("InvalidExample_*"), *official.glob("Partial*")]:
        code, _, err = zones("import", file)
        assert code == 2, file.name
        assert "stop" in err, file.name


def test_a_database_that_cannot_be_reached_is_a_sentence_and_not_an_answer(
    zones: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZONES_DATABASE_URL", "postgresql+psycopg://zones@127.0.0.1:9/zones")

    for command in (place(4.5, 52.4), ["migrate"], ["serve", "--port", "0"]):
        code, _, err = zones(*command)
        assert code == 2
        assert "database cannot be used right now" in err


def test_a_data_set_has_a_plain_name(zones: Any, zone_file: Path) -> None:
    code, _, err = zones("import", zone_file, "--data-set", "Foo Bar")

    assert code == 2
    assert "small letters" in err


def test_a_wrong_geoid_grid_is_a_sentence_and_not_an_answer(
    zones: Any, zone_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    geodata = tmp_path / "geodata"
    shutil.copytree(ROOT / "geodata", geodata)
    grid = next((geodata / "geoid").glob("*.gtx"))
    grid.write_bytes(grid.read_bytes()[:-4])
    monkeypatch.setenv("ZONES_GEODATA", str(geodata))

    code, out, err = zones(*place(5.3, 52.05, "--zones", zone_file))

    assert code == 2
    assert "geoid" in err
    assert out == ""


def test_a_terrain_model_that_the_operator_names_settles_what_bounds_leave_open(
    zones: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rasterio = pytest.importorskip("rasterio")
    terrain = tmp_path / "flat.tif"
    shape = {"driver": "GTiff", "width": 20, "height": 20, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(terrain, "w", transform=rasterio.Affine(0.05, 0, 5.0, 0, -0.05, 52.5), **shape) as out:
        out.write(np.full((20, 20), 40.0, "float32"), 1)
    layer = {"lower": 110, "lowerReference": "AMSL", "uom": "m"}
    above = {"type": "Polygon", "coordinates": [SQUARE], "layer": layer}
    file = tmp_path / "above.json"
    file.write_bytes(collection(feature(geometry=above)))
    ask = ("status", "--lon", "5.3", "--lat", "52.05", "--max-height", "50", "--reference", "AGL")

    without = zones(*ask, "--zones", str(file))
    stated = zones(*ask, "--ground-elevation", "60", "--zones", str(file))
    monkeypatch.setenv("ZONES_TERRAIN_FILE", str(terrain))
    modelled = zones(*ask, "--zones", str(file))

    assert (without[0], stated[0], modelled[0]) == (3, 1, 0)
    assert "TERRAIN_MISSING" in without[1]


def test_heights_over_a_ground_that_nobody_knows_are_said_to_be_not_known(
    zones: Any, zone_file: Path, tmp_path: Path
) -> None:
    # In the middle of Spain nothing bounds the ground here.
    line = {"type": "LineString", "coordinates": [[-4.0, 40.0, 40], [-4.01, 40.0, 60]]}

    _, out, _ = zones(
        "check", mission_file(tmp_path, line), "--reference", "AMSL", "--zones", zone_file, "--buffer", 0
    )

    (row,) = [each for each in out.splitlines() if "60 AMSL" in each]
    assert row.split()[-3:] == ["not", "known", "60"]
