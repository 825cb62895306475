"""Every real file in, out and in again: no zone lost, no restriction milder, limits as published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.formats.exports.situation import as_json, exported, official_schema, read
from zones_api.domain.outcome import outcome_of
from zones_api.domain.zone import UASZone
from zones_api.formats.document import read_document

FILES = [
    "netherlands.ed269.json",
    "finland.ed269.json",
    "fixtures/ed269-ch.json",
    "fixtures/ed269-fi.json",
    "fixtures/ed269-lu.json",
    "fixtures/ed318-ie.json",
    "fixtures/ed318-se.json",
    "fixtures/eans-ee.json",
    "interuss/cis_source_sample_ed269.json",
    "interuss/cis_source_sample_ed318.json",
    "interuss/geo-awareness-che-1.json",
    "ed318-examples/Example_Collection.json",
    "ed318-examples/Example_GeoZone_2_Layers.json",
    "ed318-examples/Example_GeoZone_Circle.json",
    "ed318-examples/Example_GeoZone_with_extension.json",
]


def find(sample_data: Path, name: str) -> bytes:
    folder = sample_data if (sample_data / name).is_file() else sample_data / "feeds"
    if not (folder / name).is_file():
        pytest.skip(f"{name} is not there")
    return (folder / name).read_bytes()


def limits(zone: UASZone) -> set[Any]:
    ends = [end for volume in zone.volumes for end in (volume.vertical.lower, volume.vertical.upper) if end]
    return {(round(end.height.value_m, 9), end.height.reference) for end in ends}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("format_name", ["ed318", "ed269"])
def test_a_real_file_comes_back_whole(sample_data: Path, name: str, format_name: str) -> None:
    data = find(sample_data, name)
    before = {(of.zone.country, of.zone.identifier, of.version): of.zone for of in read_document(data).zones}

    made = exported(data, format_name)
    after = read(made)

    assert after.quarantined == ()
    by_key: dict[tuple[str, str], list[UASZone]] = {}
    for each in after.zones:
        by_key.setdefault((each.zone.country, each.zone.identifier), []).append(each.zone)
    assert set(by_key) == {key[:2] for key in before}
    for (country, identifier, _), zone in before.items():
        again = by_key[country, identifier]
        assert any(outcome_of(other.type) >= outcome_of(zone.type) for other in again)
        assert any(limits(zone) <= limits(other) for other in again)
    if format_name == "ed318":
        assert official_schema()(as_json(made)) == []


@pytest.mark.parametrize("name", ["fixtures/ed318-se.json", "fixtures/eans-ee.json"])
def test_exports_are_the_same_bytes_each_time(sample_data: Path, name: str) -> None:
    data = find(sample_data, name)

    assert exported(data).data == exported(data).data
