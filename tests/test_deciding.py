"""What may be decided of a zone set aside in its mirrored data set, by whom, and how long that stands."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.authority import COVERAGE, NOW, Bench, asserting
from tests.documents import circle, collection, feature
from tests.test_cli import run
from zones_api.domain.competence import Mode
from zones_api.formats.document import read_document
from zones_api.formats.exports.export import FORMATS
from zones_api.formats.mending import digest_of
from zones_api.previewing import preview
from zones_api.publications import Publications, Selection
from zones_api.publishing import Submission, import_documents, switch_reading
from zones_api.store import people
from zones_api.store.register import writing

HERE = {"lon": 4.8, "lat": 52.3}
"""In the middle of the zone that is set aside."""
BROKEN = feature("Q1", geometry=None)
"""It may lie anywhere in its data set."""
LATER = NOW + timedelta(days=1)


def mending(published: Any, **changes: Any) -> dict[str, Any]:
    """Return the item that puts a circle of 1 km in the place of a feature as published."""
    made = feature("Q1", geometry=circle(4.8, 52.3, 1000))
    return {"change": "assert", "mends": digest_of(published), "feature": made} | changes


def ending(published: Any, identifier: str = "Q1", change: str = "withdraw") -> dict[str, Any]:
    return {"change": change, "mends": digest_of(published), "country": "NLD", "identifier": identifier}


def stops(bench: Bench, *items: Any, person: str = "anna", **changes: Any) -> list[tuple[str, str]]:
    """Return what stops a draft that decides on zones of `national`."""
    draft = bench.draft(person, **({"data_set": "national", "items": list(items)} | changes))
    said = bench.call(person, "POST", f"/v1/drafts/{draft['id']}/validation").json()
    return [(hint["code"], hint["pointer"]) for hint in said["hints"] if hint["severity"] == "stop"]


def publish(bench: Bench, *items: Any) -> int:
    return int(bench.published(data_set="national", items=list(items))["revision"])


def decisions(bench: Bench) -> list[Any]:
    return [zone["decision"] for zone in bench.client.get("/v1/quarantine").json()["zones"]]


def complete(bench: Bench, **asked: Any) -> bool:
    return bool(bench.status(**({**HERE, "at": LATER} | asked))["assessment"]["complete"])


@pytest.fixture
def within(bench: Bench) -> Bench:
    """A register with a mirrored data set that vouches for a part of the area of `caa`; Q1 in it is set aside."""
    bench.imported("national", feature(), BROKEN, coverage=COVERAGE)
    return bench


def test_who_cannot_vouch_for_where_the_zone_may_lie_decides_nothing_of_it(bench: Bench) -> None:
    bench.imported("national", feature(), BROKEN)  # anywhere in the Netherlands, which `caa` has a part of

    assert stops(bench, mending(BROKEN)) == [("OUTSIDE_COMPETENCE", "/items/0")]
    assert stops(bench, ending(BROKEN)) == [("OUTSIDE_COMPETENCE", "/items/0")]
    draft = bench.draft(data_set="national", items=[mending(BROKEN)])
    assert bench.step("anna", draft, "submission").status_code == 422


def test_a_competence_for_one_type_of_zone_does_not_take_the_doubt_away(within: Bench) -> None:
    prohibiting = authority_of_others(within, zone_types=frozenset({"PROHIBITED"}))
    assert stops(within, mending(BROKEN), person=prohibiting) == [("OUTSIDE_COMPETENCE", "/items/0")]

    everything = authority_of_others(within)
    assert stops(within, mending(BROKEN), person=everything) == []


def authority_of_others(bench: Bench, **changes: Any) -> str:
    from tests.authority import competence
    from zones_api.domain.zone import ZoneType

    if "zone_types" in changes:
        changes["zone_types"] = frozenset(ZoneType(each) for each in changes["zone_types"])
    with writing(bench.owner) as connection:
        people.add_competence(connection, "other", competence(Mode.PUBLISH, **changes), NOW)
    return "olga"


def test_the_mended_zone_itself_must_lie_in_the_competence(within: Bench) -> None:
    outside = feature("Q1", geometry=circle(6.2, 52.3, 1000))

    assert stops(within, mending(BROKEN, feature=outside)) == [
        ("OUTSIDE_COMPETENCE", "/items/0/feature/geometry")
    ]


def test_what_is_not_set_aside_cannot_be_decided_on(within: Bench) -> None:
    for item in (mending(feature()), mending(None), ending(feature(), "A1")):
        draft = within.draft(data_set="national", items=[item])
        refused = within.step("anna", draft, "submission")
        assert refused.status_code == 409
        assert "no zone set aside whose feature has this digest" in refused.json()["detail"]
    assert stops(within, mending(BROKEN), data_set="caa-zones") == [("NOT_SET_ASIDE", "/items/0/mends")]


def test_what_its_publisher_changed_meanwhile_is_not_decided_on(within: Bench) -> None:
    draft = within.draft(data_set="national", items=[mending(BROKEN)])
    within.approved(draft, "bram", "evert")
    within.imported("national", feature(), feature("Q1", geometry=None, reason=["NOISE"]))

    refused = within.step("cees", draft, "publication")

    assert refused.status_code == 409
    assert decisions(within) == [None]


def test_nothing_else_of_a_mirrored_data_set_changes_by_draft(within: Bench) -> None:
    refused = [("DATA_SET_MIRRORED", "/data_set")]

    assert stops(within, asserting("T1")) == refused
    assert stops(within, mending(BROKEN), asserting("T1")) == refused
    assert stops(within, mending(BROKEN), coverage=COVERAGE) == refused
    assert stops(within, mending(BROKEN), emergency=True, reason="a fire") == refused
    assert stops(within, mending(BROKEN, valid={"from": None, "to": None})) == [
        ("MEMBER_UNKNOWN", "/items/0/valid")
    ]
    for no_digest in ("Q1", ["Q1"], {}, "F" * 64):
        assert stops(within, mending(BROKEN, mends=no_digest)) == [("MENDS_INVALID", "/items/0/mends")]
    undo = {"change": "undo", "country": "NLD", "identifier": "Q1"}
    assert stops(within, undo) == [("MENDS_INVALID", "/items/0/mends")]


def test_what_is_undone_must_have_been_decided(within: Bench) -> None:
    asked = {"data_set": "national", "zone": "Q1", "in_place": "undo"}

    assert within.call("anna", "POST", "/v1/quarantine/drafts", asked).status_code == 409
    draft = within.draft(data_set="national", items=[ending(BROKEN, change="undo")])
    assert within.step("anna", draft, "submission").status_code == 409
    both = asked | {"into": "caa-zones"}
    assert within.call("anna", "POST", "/v1/quarantine/drafts", both).status_code == 400


def test_a_zone_keeps_its_name_and_takes_nobody_elses(bench: Bench) -> None:
    unnamed = feature("", geometry=None)
    bench.imported("national", feature(), BROKEN, unnamed, coverage=COVERAGE)

    other = mending(BROKEN, feature=feature("Q2", geometry=circle(4.8, 52.3, 1000)))
    assert stops(bench, other) == [("MENDS_OTHER_NAME", "/items/0")]
    taken = mending(unnamed, feature=feature("A1", geometry=circle(4.8, 52.3, 1000)))
    assert stops(bench, taken) == [("NAME_TAKEN", "/items/0")]
    aside = mending(unnamed, feature=feature("Q1", geometry=circle(4.8, 52.3, 1000)))
    assert stops(bench, aside) == [("NAME_TAKEN", "/items/0")]
    assert stops(bench, ending(BROKEN, "Q2")) == [("MENDS_OTHER_NAME", "/items/0")]


def test_of_several_zones_of_one_name_only_the_publisher_can_say_which_is_which(bench: Bench) -> None:
    louder = feature("Q1", geometry=None, reason=["NOISE"])
    bench.imported("national", feature(), BROKEN, louder, coverage=COVERAGE)
    assert stops(bench, mending(BROKEN)) == [("MENDS_UNCLEAR", "/items/0/mends")]

    bench.imported("national", feature(), BROKEN, feature("Q1"), coverage=COVERAGE)
    assert stops(bench, mending(BROKEN)) == [("MENDS_UNCLEAR", "/items/0/mends")]

    bench.imported("national", feature(), BROKEN, BROKEN, coverage=COVERAGE)
    assert stops(bench, mending(BROKEN)) == [("MENDS_UNCLEAR", "/items/0/mends")]


def test_one_zone_is_not_made_two(bench: Bench) -> None:
    unnamed = feature("", geometry=circle(4.8, 52.3, 500))
    bench.imported("national", feature(), unnamed, coverage=COVERAGE)
    halves = [
        mending(unnamed, feature=feature(name, geometry=circle(4.8, 52.3, 500))) for name in ("N1", "N2")
    ]

    assert stops(bench, *halves) == [("ITEM_TWICE", "/items/1/mends")]


@pytest.mark.parametrize("data", [b"<not-json/>", None])
def test_what_was_converted_is_not_decided_on_because_its_publisher_wrote_no_such_feature(
    bench: Bench, data: bytes | None
) -> None:
    made = collection(feature(), BROKEN, coverage=COVERAGE)
    data = data or made
    read = replace(
        read_document(made), converted_from="a format of offices", digest=hashlib.sha256(data).hexdigest()
    )
    import_documents(
        bench.engine, [Submission("national", "n", data, read)], lambda: bench.now, bench.keys.sign
    )
    bench.follow()
    asked = {"data_set": "national", "zone": "Q1", "in_place": "mend"}

    begun = bench.call("anna", "POST", "/v1/quarantine/drafts", asked)

    assert begun.status_code == 409
    assert stops(bench, mending(BROKEN)) == [("NOT_SET_ASIDE", "/items/0/mends")]


def test_a_zone_that_was_never_read_is_mended_for_all_time_as_its_publisher_would_have(within: Bench) -> None:
    publish(within, mending(BROKEN))

    for at in (NOW - timedelta(days=400), NOW, LATER):
        answer = within.status(**HERE, at=at)
        assert answer["assessment"]["zones"][0]["mended"]["decision"] == "mended"


def test_no_time_is_left_in_which_a_mended_zone_was_nothing(within: Bench) -> None:
    publish(within, mending(BROKEN))
    within.now += timedelta(hours=1)
    publish(within, ending(BROKEN))
    within.now += timedelta(hours=1)
    between = within.now - timedelta(minutes=30)
    assert within.status(**HERE, at=between)["assessment"]["zones"] == []

    publish(within, mending(BROKEN))

    assert [zone["identifier"] for zone in within.status(**HERE, at=between)["assessment"]["zones"]] == ["Q1"]


def test_one_decision_is_put_in_the_place_of_another_and_undone_back_to_the_publisher(bench: Bench) -> None:
    bench.imported("national", feature(), feature("Q1", geometry=circle(4.8, 52.3, 1500)), coverage=COVERAGE)
    good = bench.status(**HERE, at=LATER)["assessment"]["zones"][0]["version"]
    bench.imported("national", feature(), BROKEN, coverage=COVERAGE)
    publish(bench, mending(BROKEN))
    smaller = publish(
        bench, mending(BROKEN, feature=feature("Q1", geometry=circle(4.8, 52.3, 500), type="CONDITIONAL"))
    )
    assert [each["revision"] for each in decisions(bench)] == [smaller]
    assert bench.status(**HERE, at=LATER)["verdict"] == "CONDITIONAL"

    publish(bench, ending(BROKEN, change="undo"))

    (zone,) = bench.status(**HERE, at=LATER)["assessment"]["zones"]
    assert (zone["version"], zone["mended"], zone["legal_basis"]) == (good, None, None)
    assert (decisions(bench), complete(bench)) == ([None], False)


def test_what_may_lie_anywhere_may_lie_anywhere_again_once_undone(within: Bench) -> None:
    elsewhere = {"lon": 5.5, "lat": 52.5}
    assert not complete(within, **elsewhere)
    publish(within, mending(BROKEN))
    within.imported("national", feature(), feature("A2"), BROKEN, coverage=COVERAGE)
    assert complete(within, **elsewhere)

    publish(within, ending(BROKEN, change="undo"))

    assert not complete(within, **elsewhere)
    assert within.status(**HERE, at=LATER)["assessment"]["zones"] == []


def test_a_zone_without_a_name_gets_one_and_keeps_it_while_its_publisher_gives_it_none(bench: Bench) -> None:
    unnamed = feature("", geometry=circle(4.8, 52.3, 500))
    bench.imported("national", feature(), unnamed, coverage=COVERAGE)
    publish(bench, mending(unnamed, feature=feature("N1", geometry=circle(4.8, 52.3, 500))))
    bench.imported("national", unnamed, feature(), feature("A2"), coverage=COVERAGE)
    assert [zone["identifier"] for zone in bench.status(**HERE, at=LATER)["assessment"]["zones"]] == ["N1"]

    bench.imported("national", unnamed, feature(), feature("N1"), coverage=COVERAGE)

    assert (decisions(bench), complete(bench)) == ([None], False)
    (zone,) = bench.status(lon=5.3, lat=52.05, at=LATER, max_height=50)["assessment"]["zones"][1:]
    assert (zone["identifier"], zone["mended"]) == ("N1", None)


def test_a_zone_without_a_name_is_gone_by_its_place(bench: Bench) -> None:
    unnamed = feature("", geometry=circle(4.8, 52.3, 500))
    bench.imported("national", feature(), unnamed, coverage=COVERAGE)
    asked = {"data_set": "national", "zone": "/features/1", "in_place": "gone"}
    (item,) = bench.call("anna", "POST", "/v1/quarantine/drafts", asked).json()["content"]["items"]
    assert item == ending(unnamed, "/features/1")

    publish(bench, item)

    assert (complete(bench), decisions(bench)[0]["identifier"]) == (True, None)


def test_a_zone_of_an_ed269_document_is_mended_in_its_place_too(bench: Bench) -> None:
    zone = {
        "identifier": "E1",
        "country": "NLD",
        "type": "COMMON",
        "restriction": "PROHIBITED",
        "applicability": [{"permanent": "YES"}],
        "zoneAuthority": [{"purpose": "INFORMATION", "email": "a@example.org"}],
        "geometry": [
            {
                "uomDimensions": "M",
                "lowerLimit": 0,
                "lowerVerticalReference": "AGL",
                "upperLimit": 120,
                "upperVerticalReference": "AGL",
                "horizontalProjection": {"type": "Circle", "center": [4.8, 152.3], "radius": 500},
            }
        ],
    }
    fine = json.loads(json.dumps(zone)) | {"identifier": "E2"}
    fine["geometry"][0]["horizontalProjection"]["center"] = [5.2, 52.2]
    data = json.dumps({"title": "x", "features": [fine, zone]}).encode()
    submission = Submission("national", "n.json", data, read_document(data))
    import_documents(bench.engine, [submission], lambda: bench.now, bench.keys.sign)
    bench.follow()
    with writing(bench.owner) as connection:
        people.add_competence(connection, "caa", whole_country(bench), NOW)
    asked = {"data_set": "national", "zone": "E1", "in_place": "mend"}
    (item,) = bench.call("anna", "POST", "/v1/quarantine/drafts", asked).json()["content"]["items"]
    item["feature"]["geometry"]["coordinates"] = [4.8, 52.3]

    publish(bench, item)

    (mended,) = bench.status(**HERE, at=LATER)["assessment"]["zones"]
    assert (mended["identifier"], mended["mended"]["decision"], complete(bench)) == ("E1", "mended", True)


def whole_country(bench: Bench) -> Any:
    from tests.authority import competence

    area = bench.territories.area_of(frozenset({"NLD"}))
    assert area is not None
    return competence(area=area.buffer(0.01))


def test_a_preview_of_an_import_says_what_it_makes_void_and_keeps_what_is_mended(within: Bench) -> None:
    publish(within, mending(BROKEN))

    def foreseen(*features: Any) -> Any:
        data = json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()
        return preview(within.engine, Submission("national", "n.json", data, read_document(data)))

    same = foreseen(feature(), feature("A2"), BROKEN)
    changed = foreseen(feature(), feature("Q1", geometry=None, reason=["NOISE"]))
    dropped = foreseen(feature(), feature("A2"))

    assert (same.notices, [zone.identifier for zone in same.kept]) == ((), ["Q1"])
    assert [zone.identifier for zone in changed.kept] == ["Q1"]
    assert "is void: it stands there otherwise" in changed.notices[0]
    assert [zone.identifier for zone in dropped.removed] == ["Q1"]
    assert "is void: it stands there no more as it was" in dropped.notices[0]


def test_a_decision_outlives_a_change_of_how_texts_are_read(within: Bench) -> None:
    from zones_api.formats.readings import read_reading_file

    row = 'text = "x"\nsource = "x"\nreviewed_on = 2026-11-28\nconditions = [{then = {type = "PROHIBITED"}}]'
    reading = read_reading_file(f'title = "x"\n[[rows]]\n{row}\n'.encode())
    publish(within, mending(BROKEN))

    switch_reading(within.engine, "national", reading, lambda: within.now, within.keys.sign)
    within.follow()

    assert (complete(within), decisions(within)[0]["decision"]) == (True, "mended")


def test_exports_carry_the_mended_zone_and_say_that_it_is_one(within: Bench) -> None:
    publish(within, mending(BROKEN))

    snapshot = within.following.current()
    for name in FORMATS:
        made = Publications(within.engine).export(snapshot, Selection(), name)
        assert (("NLD", "Q1"), "ZONE_MENDED") in {(each.zone, each.code) for each in made.losses}, name
    exported = read_document(within.client.get("/v1/publications/ed318").content)
    (mended,) = [each.zone for each in exported.zones if each.zone.identifier == "Q1"]
    assert any("The caa decided" in text.text for text in mended.message)
    assert exported.quarantined == ()


def test_the_command_line_shows_what_stands_decided_and_what_an_import_makes_void(
    within: Bench,
    register_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ZONES_DATABASE_URL", register_url)
    monkeypatch.setenv("ZONES_SECRETS_FOLDER", str(tmp_path / "secrets"))
    monkeypatch.setenv("COLUMNS", "200")
    publish(within, mending(BROKEN))
    (tmp_path / "n.json").write_bytes(collection(feature(), feature("Q1", geometry=None, reason=["NOISE"])))

    listed = run(capsys, monkeypatch, "quarantine")[1]
    asked = run(capsys, monkeypatch, "status", "--lat", "52.3", "--lon", "4.8", "--lang", "nl")[1]
    brought = ("import", tmp_path / "n.json", "--data-set", "national")
    foreseen = run(capsys, monkeypatch, *brought, "--preview")[1]
    taken = run(capsys, monkeypatch, *brought)[2]

    assert "decided    Not as published" in listed
    assert "Niet zoals gepubliceerd" in asked
    assert "is void: it stands there otherwise" in foreseen
    assert "is void: it stands there otherwise" in taken
