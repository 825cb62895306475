"""Files of offices on their way into the register: mapped, looked at first, taken, and kept as they came."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from tests.documents import collection, feature
from tests.formats.test_aixm import message
from tests.offices import geopackage, rd_square
from tests.test_cli import run
from zones_api.store import schema

ROOT = Path(__file__).resolve().parent.parent
MAPPED = ["--column", "identifier=CODE", "--set", "country=NLD", "--set", "type=PROHIBITED"]


@pytest.fixture
def zones(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    register_url: str,
    secrets: Path,
) -> Any:
    monkeypatch.setenv("ZONES_DATABASE_URL", register_url)
    monkeypatch.setenv("ZONES_SECRETS_FOLDER", str(secrets))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: run(capsys, monkeypatch, *arguments)


def revisions(engine: Engine) -> int:
    with engine.connect() as connection:
        return len(connection.execute(select(schema.revision)).all())


def test_a_geopackage_goes_in_with_a_mapping_and_its_bytes_are_kept(
    zones: Any, engine: Engine, tmp_path: Path
) -> None:
    data = geopackage([rd_square(), rd_square(160_000)])
    (tmp_path / "office.gpkg").write_bytes(data)

    code, _, err = zones("import", tmp_path / "office.gpkg", *MAPPED)

    said = " ".join(err.split())
    assert code == 0
    assert "(GeoPackage): 2 zones read, 2 taken, 0 quarantined" in said
    assert "EPSG:28992 Amersfoort / RD New" in said
    with engine.connect() as connection:
        (document,) = connection.execute(select(schema.document)).all()
    assert (bytes(document.content), document.format) == (data, "GeoPackage")
    status = zones("status", "--lon", "5.392", "--lat", "52.158", "--at", "2026-11-24T12:00:00Z")
    assert "Z1" in status[1]


def test_the_same_file_changes_nothing_until_it_is_mapped_otherwise(
    zones: Any, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "office.gpkg"
    file.write_bytes(geopackage([rd_square(), None]))
    zones("import", file, *MAPPED)

    again = zones("import", file, *MAPPED)
    otherwise = zones("import", file, *MAPPED[:-1], "type=CONDITIONAL")

    assert "Nothing changed" in again[2]
    assert "1 changed" in otherwise[2]
    assert revisions(engine) == 2


def test_without_a_mapping_the_columns_and_a_proposal_are_shown_and_nothing_is_taken(
    zones: Any, engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "office.gpkg").write_bytes(geopackage([rd_square()], {"CODE": ["A"], "SOORT": ["verboden"]}))

    code, _, err = zones("import", tmp_path / "office.gpkg")

    assert code == 2
    assert "SOORT: 'verboden'" in err
    assert 'identifier = "CODE"' in err
    assert revisions(engine) == 0


def test_a_preview_says_what_would_change_and_writes_nothing(
    zones: Any, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "ours.json"
    file.write_bytes(collection(feature("KEEP"), feature("CHANGE"), feature("LOSE"), feature("SPOIL")))
    zones("import", file)
    nowhere = {"type": "Polygon", "coordinates": [[[4, 152], [5, 52], [4, 53], [4, 152]]]}
    longer = [[5.2, 52.0], [5.5, 52.0], [5.5, 52.1], [5.2, 52.1], [5.2, 52.0]]
    wider = {"type": "Polygon", "coordinates": [longer], "layer": {"upper": 300, "upperReference": "AGL"}}
    changed = feature("CHANGE", type="CONDITIONAL", geometry=wider)
    file.write_bytes(collection(feature("KEEP"), changed, feature("NEW"), feature("SPOIL", geometry=nowhere)))

    code, out, _ = zones("import", file, "--preview")

    said = " ".join(out.split())
    assert code == 0
    assert "nothing is written" in said
    assert "new NLD NEW Zone NEW: PROHIBITED" in said
    assert "changed NLD CHANGE Zone CHANGE type: PROHIBITED → CONDITIONAL" in said
    assert "heights: the surface to 120 m AGL → the surface to 300 m AGL" in said
    assert "km² more, 0 km² less" in said
    assert "withdrawn NLD LOSE Zone LOSE: PROHIBITED" in said
    assert "kept NLD SPOIL" in said
    assert "set aside SPOIL" in said
    assert "It would be 1 new, 1 changed, 1 withdrawn, 1 as they were, 1 set aside." in said
    assert revisions(engine) == 1


def test_a_preview_of_a_document_that_would_be_held_says_why_and_fails(
    zones: Any, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "ours.json"
    file.write_bytes(collection(*(feature(f"Z{number}") for number in range(10))))
    zones("import", file)
    file.write_bytes(collection(feature("Z0")))

    held = zones("import", file, "--preview")
    meant = zones("import", file, "--preview", "--accept-fewer-zones")

    assert held[0] == 2
    assert "It would be refused: ours.json has 1 zones where data set 'ours' has 10" in " ".join(
        held[1].split()
    )
    assert meant[0] == 0
    assert revisions(engine) == 1


def test_the_preview_is_what_the_import_then_does(zones: Any, tmp_path: Path) -> None:
    file = tmp_path / "office.gpkg"
    file.write_bytes(geopackage([rd_square(), rd_square(160_000)]))
    zones("import", file, *MAPPED)
    file.write_bytes(geopackage([rd_square(), rd_square(160_100), rd_square(170_000)]))

    preview = zones("import", file, *MAPPED, "--preview")
    done = zones("import", file, *MAPPED)

    assert "It would be 1 new, 1 changed, 0 withdrawn, 1 as they were" in " ".join(preview[1].split())
    assert "1 new, 1 changed, 0 withdrawn, 1 as they were" in " ".join(done[2].split())


def test_aixm_goes_in_as_a_document_and_with_a_mapping_of_its_types(zones: Any, tmp_path: Path) -> None:
    file, mapping = tmp_path / "ehaa.xml", tmp_path / "mapping.toml"
    file.write_bytes(message())
    mapping.write_text('[values]\ncountry = "NLD"\n[tables.type]\nP = "PROHIBITED"\n')

    plain = zones("import", file)
    mapped = zones("import", file, "--mapping", mapping)

    assert "(aixm51): 1 zones read, 1 taken" in plain[2]
    assert "AIXM does not say what these types require of UAS: 'P'" in plain[2]
    assert "1 new, 0 changed, 1 withdrawn" in mapped[2]


def test_a_mapping_goes_with_one_file(zones: Any, tmp_path: Path) -> None:
    code, _, err = zones("import", tmp_path / "a.gpkg", tmp_path / "b.gpkg", *MAPPED)

    assert code == 2
    assert "one file" in err


def test_the_examples_of_the_documentation_are_what_the_program_prints(
    zones: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "importing-from-gis.md").read_text("utf-8")
    (block,) = re.findall(r"^```console\n\$ zones (.*?)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(ROOT)

    code, out, _ = zones(*shlex.split(block[0]))

    assert code == 0
    assert out.split() == block[1].split()
    assert (ROOT / "docs" / "examples" / "office-mapping.toml").read_text("utf-8") in page
