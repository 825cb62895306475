"""Whatever arrives, in whichever dialect: a document or a refusal, and no zone that is neither here nor there.

`ZONES_FUZZ_EXAMPLES` sets how many examples each test tries; a few in the usual run.
"""

from __future__ import annotations

import json
import os
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.formats.national import DOCUMENTS, written, zones_of
from zones_api.errors import DocumentRefused
from zones_api.formats import dialects
from zones_api.formats.document import Document, read_document, read_zone

EXAMPLES = int(os.environ.get("ZONES_FUZZ_EXAMPLES", "100"))
FUZZED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
MEMBERS = sorted(
    {
        name
        for _, make in DOCUMENTS.values()
        for zone in zones_of(make())
        for holder in (zone, zone.get("properties", {}))
        for name in holder
    }
    | {"type", "coordinates", "layer", "extent", "radius", "geometries", "polygon", "LAT", "LON", "schedule"}
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["", "None", "Polygon", "Circle", "Point", "MultiPolygon", "YES", "UNL", "FL", "P9D", "SR"]
    )
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=3),
    max_leaves=6,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to everything in a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in paths(item, (*path, key)))]


def explained(refused: DocumentRefused) -> None:
    """Fail unless a refusal says why."""
    assert refused.detail
    assert refused.defects


def account_for(document: Document, zones: list[Any]) -> None:
    """Fail unless every zone that was published was taken, set aside or repeated."""
    kept = sum(len(json.loads(each.content)) for each in document.zones)
    repeats = sum("counts once" in defect.detail for defect in document.defects)
    assert kept + len(document.quarantined) + repeats == len(zones)
    for each in document.zones:
        assert read_zone(document.format, each.content) == each.zone


@FUZZED
@given(st.data(), st.sampled_from(sorted(DOCUMENTS)), st.booleans())
def test_a_document_changed_anywhere_loses_no_zone(data: st.DataObject, shape: str, named: bool) -> None:
    name, make = DOCUMENTS[shape]
    document = deepcopy(make())
    for _ in range(data.draw(st.integers(1, 4))):
        ways = [path for path in paths(document) if path]
        if not ways:
            break
        *way, last = data.draw(st.sampled_from(ways))
        place = document
        for step in way:
            place = place[step]
        match data.draw(st.sampled_from(["put", "drop", "double", "wrap", "unwrap"])):
            case "put":
                place[last] = deepcopy(data.draw(values))
            case "drop":
                del place[last]
            case "double" if isinstance(place, list):
                place.append(deepcopy(place[last]))
            case "unwrap" if isinstance(place[last], list) and place[last]:
                place[last] = place[last][0]
            case _:
                place[last] = [place[last]]

    try:
        read = read_document(written(document), dialect=name if named else None)
    except DocumentRefused as refused:
        explained(refused)
        return

    at = dialects.ALL[read.format].locate(document)
    account_for(read, document[at[1:]] if at else document)


@FUZZED
@given(values, st.sampled_from([None, *sorted(dialects.ALL)]))
def test_any_json_is_a_document_or_a_refusal(value: Any, name: str | None) -> None:
    try:
        read_document(json.dumps(value).encode(), dialect=name)
    except DocumentRefused as refused:
        explained(refused)


@FUZZED
@given(st.lists(values, min_size=1, max_size=3), st.sampled_from(sorted(DOCUMENTS)))
def test_anything_in_the_place_of_zones_is_set_aside_and_hides_none(strange: list[Any], shape: str) -> None:
    name, make = DOCUMENTS[shape]
    document = make()
    zones = zones_of(document)
    zones[1:1] = strange

    try:
        read = read_document(written(document), dialect=name)
    except DocumentRefused:
        return

    account_for(read, zones)


@FUZZED
@given(st.binary(max_size=200), st.sampled_from(sorted(DOCUMENTS)), st.data())
def test_any_bytes_are_a_document_or_a_refusal(noise: bytes, shape: str, data: st.DataObject) -> None:
    good = written(DOCUMENTS[shape][1]())
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, len(good)))

    for sent in (noise, good[:start] + noise + good[end:]):
        try:
            read_document(sent)
        except DocumentRefused as refused:
            explained(refused)
