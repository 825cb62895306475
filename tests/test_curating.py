"""The command line of whoever keeps the mirrored data sets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.documents import collection, feature
from tests.publisher import offering, publishing
from tests.test_cli import run
from zones_api.formats.mending import digest_of


def test_the_command_line_says_what_came_of_it(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    register_url: str,
    secrets: Path,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("ZONES_DATABASE_URL", register_url)
    monkeypatch.setenv("ZONES_SECRETS_FOLDER", str(secrets))
    monkeypatch.setenv("COLUMNS", "200")
    published = collection(feature("A"), feature("BAD", geometry=None))

    def zones(*arguments: object) -> tuple[int, str, str]:
        return run(capsys, monkeypatch, *arguments)

    never = zones("follow", "--status")
    with publishing() as publisher:
        follow = ("follow", publisher.url + "?key=secret", "--once", "--data-set", "national")
        publisher.does = offering(published)
        new, same = zones(*follow), zones(*follow)
        publisher.does = offering(b"<html>")
        held = zones(*follow)
    status = zones("follow", "--status")
    listed, shown = zones("quarantine"), zones("quarantine", "show", "national", "BAD")
    exported = zones("quarantine", "export", "national", "BAD", "--into", "caa-zones")
    draft = zones("quarantine", "export", "national", "/features/1", "-o", tmp_path / "draft.json")
    in_place = zones("quarantine", "export", "national", "BAD", "--in-place", "gone")
    both = zones("quarantine", "export", "national", "BAD", "--in-place", "mend", "--into", "caa-zones")
    nothing = zones("quarantine", "export", "national", "BAD", "--in-place", "undo")
    document = zones("document", "national", "-o", tmp_path / "document.json")
    none = zones("document", "none", "-o", tmp_path / "none.json")

    assert "No document was ever followed here." in never[2]
    assert (new[0], same[0], held[0]) == (0, 0, 1)
    assert "national: a new document." in new[2]
    assert "national: unchanged." in same[2]
    assert "HTML page" in held[2]
    assert "HTML page" in " ".join(status[1].split())
    assert "secret" not in status[1] + held[2]
    assert "NLD BAD" in listed[1]
    assert "has no geometry" in listed[1]
    assert "no last good version" in shown[1]
    content = json.loads(exported[1])["content"]
    assert (content["data_set"], content["items"][0]["feature"]) == (
        "caa-zones",
        feature("BAD", geometry=None),
    )
    item = json.loads(in_place[1])["content"]["items"][0]
    assert (item["change"], item["mends"]) == ("withdraw", digest_of(feature("BAD", geometry=None)))
    assert (both[0], nothing[0]) == (2, 2)
    assert "--in-place" in both[2]
    assert "Nothing is decided of this zone" in nothing[2]
    assert draft[0] == 0
    assert (
        json.loads((tmp_path / "draft.json").read_text("utf-8"))["content"]["data_set"] == "national-mended"
    )
    assert document[0] == 0
    assert (tmp_path / "document.json").read_bytes() == published
    assert (none[0], (tmp_path / "none.json").exists()) == (2, False)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "No document is followed"),
        (["--every", "PT15M"], "goes with an address"),
        (["ftp://zones.example.org/z.json"], "https address"),
        (["https://zones.example.org/z.json", "--every", "PT1S"], "once a minute"),
        (["https://zones.example.org/z.json", "--every", "often"], "PT15M"),
        (["https://a.example.org/z.json", "https://b.example.org/z.json"], "one data set"),
        (["https://a.example.org/z.json?key=secret", "--data-set", "A B"], "small letters"),
        (["http://a.example.org/z.json?key=secret"], "https address"),
    ],
)
def test_wrong_usage_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    code, _, error = run(capsys, monkeypatch, "follow", *arguments)

    assert code == 2
    assert says in error
    assert "secret" not in error


@pytest.mark.parametrize(
    ("feed", "says"),
    [
        ({"data_set": "a", "url": "https://zones.example.org/z.json", "evry": "PT1M"}, "evry"),
        ({"data_set": "a", "url": "http://zones.example.org/z.json"}, "https address"),
        ({"data_set": "a"}, "url"),
    ],
)
def test_a_service_with_a_feed_that_cannot_be_meant_does_not_start(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, feed: dict[str, str], says: str
) -> None:
    monkeypatch.setenv("ZONES_FEEDS", json.dumps([feed]))

    code, _, error = run(capsys, monkeypatch, "serve")

    assert (code, says in error) == (2, True)
