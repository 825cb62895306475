"""zones export: files in other formats, with what was lost on standard error and exit codes for scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.documents import circle, collection, feature
from tests.test_cli import run
from zones_api.formats.document import read_document


@pytest.fixture
def zones(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Any:
    def call(*arguments: object) -> tuple[int, bytes, str]:
        code, out, err = run(capfdbinary, monkeypatch, *arguments)  # type: ignore[arg-type]
        return code, bytes(out), bytes(err).decode()  # type: ignore[call-overload]

    return call


@pytest.fixture
def zone_file(tmp_path: Path) -> Path:
    file = tmp_path / "ours.json"
    file.write_bytes(
        collection(feature("2.a"), feature("B2", type="CONDITIONAL", geometry=circle(4.8, 52.3, 500)))
    )
    return file


def test_an_export_is_written_and_its_losses_are_counted(zones: Any, zone_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.json"

    code, out, err = zones("export", "--format", "ed318", "--zones", zone_file, "--output", output)

    assert (code, out) == (0, b"")
    assert {each.zone.identifier for each in read_document(output.read_bytes()).zones} == {"2.a", "B2"}
    assert "2 zones of files as ed318" in err
    assert "1 x IDENTIFIER_MAPPED, first NLD 2.a" in err
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_without_a_file_it_goes_to_standard_output(zones: Any, zone_file: Path) -> None:
    code, out, _ = zones("export", "--format", "ed318", "--zones", zone_file)

    assert code == 0
    assert len(read_document(out).zones) == 2


def test_a_file_that_is_there_stays_unless_it_is_meant(zones: Any, zone_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.json"
    output.write_text("mine")
    arguments = ["export", "--format", "geojson", "--zones", zone_file, "--output", output]

    code, _, err = zones(*arguments)
    assert (code, output.read_text()) == (2, "mine")
    assert "--force" in err

    assert zones(*arguments, "--force")[0] == 0
    assert json.loads(output.read_bytes())["type"] == "FeatureCollection"


def test_every_loss_is_listed_when_asked(zones: Any, zone_file: Path) -> None:
    _, _, err = zones("export", "--format", "geojson", "--zones", zone_file, "--losses")

    assert "  NLD B2: CIRCLE_OUTLINED: A circle is given as a polygon around it" in err


def test_the_largest_error_of_an_outline_is_printed(zones: Any, zone_file: Path) -> None:
    _, out, err = zones("export", "--format", "outline", "--zones", zone_file, "--vertices", "8")

    assert "The largest error is 41" in err
    assert [each["properties"]["vertices"] for each in json.loads(out)["features"]] == [4, 8]


def test_a_part_is_written(zones: Any, zone_file: Path) -> None:
    _, out, _ = zones("export", "--format", "ed318", "--zones", zone_file, "--bbox", "4.7,52.2,4.9,52.4")

    assert [each.zone.identifier for each in read_document(out).zones] == ["B2"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--format", "shapefile"], "--format is one of ed318"),
        (["--format", "ed318", "--bbox", "1,2,3"], "bbox is west,south,east,north"),
        (["--format", "ed318", "--revision", "1"], "give one of them"),
        (["--format", "ed318", "--data-set", "nowhere"], "nothing published with data set nowhere"),
        (["--format", "outline", "--vertices", "3"], "--vertices"),
        ([], "--format"),
    ],
)
def test_wrong_usage_is_a_sentence_and_nothing_is_written(
    zones: Any, zone_file: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    output = tmp_path / "out.json"

    code, out, err = zones("export", "--zones", zone_file, "--output", output, *arguments)

    assert (code, out, output.exists()) == (2, b"", False)
    assert says in " ".join(err.split())


def test_a_document_that_cannot_be_read_is_named(zones: Any, tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text("{")

    code, _, err = zones("export", "--format", "ed318", "--zones", file)

    assert code == 2
    assert "broken.json" in err


def test_the_register_is_exported_by_revision_and_by_moment(
    zones: Any, register_url: str, zone_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZONES_DATABASE_URL", register_url)
    monkeypatch.setenv("ZONES_SECRETS_FOLDER", str(tmp_path / "secrets"))
    from zones_api.keys import make_keys

    make_keys(tmp_path / "secrets")
    assert zones("import", zone_file)[0] == 0
    zone_file.write_bytes(collection(feature("2.a"), feature("NEW")))
    assert zones("import", zone_file)[0] == 0

    first = zones("export", "--format", "ed318", "--revision", "1")
    newest = zones("export", "--format", "ed318")
    before = zones("export", "--format", "ed318", "--known-at", "2020-01-01T00:00:00Z")

    assert {each.zone.identifier for each in read_document(first[1]).zones} == {"2.a", "B2"}
    assert {each.zone.identifier for each in read_document(newest[1]).zones} == {"2.a", "NEW"}
    assert before[0] == 2
    assert "Nothing is published yet" in before[2]
    assert zones("export", "--format", "ed318", "--revision", "9")[0] == 2
