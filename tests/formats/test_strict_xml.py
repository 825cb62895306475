"""XML that strangers send: what is read of it, and what is refused before anything is made of it."""

from __future__ import annotations

import pytest

from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats import strict_xml


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_in_every_encoding_xml_must_have(encoding: str) -> None:
    data = "<a>Zürich − Łódź</a>".encode(encoding)

    assert strict_xml.parse(data).text == "Zürich − Łódź"


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("UTF-8", "utf-8"), ("UTF-16", "utf-16"), ("ISO-8859-1", "iso-8859-1"), ("windows-1252", "cp1252")],
)
def test_a_declared_encoding_is_used(declared: str, codec: str) -> None:
    data = f'<?xml version="1.0" encoding="{declared}"?><a>Zürich</a>'.encode(codec)

    assert strict_xml.parse(data).text == "Zürich"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "declares the encoding UTF-16"),
        ('<?xml version="1.0" encoding="UTF-8"?><a/>'.encode("utf-16"), "declares the encoding UTF-8"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><a/>'.encode("utf-8-sig"), "ISO-8859-1"),
        ('<?xml version="1.0" encoding="UTF-8"?><a>ü</a>'.encode("cp1252"), "not UTF-8"),
        (b'<?xml version="1.0" encoding="EBCDIC-CP-US"?><a/>', "EBCDIC-CP-US is not read"),
        ("<a/>".encode("utf-32"), "not XML"),
    ],
)
def test_an_encoding_other_than_declared_is_said(data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        strict_xml.parse(data)

    assert sentence in caught.value.detail
    assert caught.value.defects


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<?xml version="1.0"?>\n<!-- x --><?y z?>\n<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>',
        b"<!doctype a><a/>",
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'.encode("utf-16"),
    ],
)
def test_a_doctype_is_refused_wherever_it_hides(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="DOCTYPE"):
        strict_xml.parse(data)


def test_a_bomb_of_entities_never_goes_off() -> None:
    rows = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "boom">{rows}]><a b="&e11;">&e11;</a>'.encode()

    with pytest.raises(InvalidInput, match="DOCTYPE"):
        strict_xml.parse(bomb)


def test_the_word_doctype_inside_a_text_is_only_a_text() -> None:
    root = strict_xml.parse(b"<a><![CDATA[<!DOCTYPE html><p>hello</p>]]></a>")

    assert root.text == "<!DOCTYPE html><p>hello</p>"


def test_a_comment_does_not_cut_a_text_in_two() -> None:
    assert strict_xml.parse(b"<a>4.9,<!-- here -->52.3<?now?></a>").text == "4.9,52.3"


@pytest.mark.parametrize(
    "data", [b"", b"   ", b"hello", b"<a>", b"<a></b>", b"<a>&nbsp;</a>", b"<a>\x00</a>", b"<a/><b/>"]
)
def test_what_is_not_xml_is_said_in_one_sentence(data: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"^The text is not XML: .*\.$"):
        strict_xml.parse(data)


def test_depth_is_limited() -> None:
    def nested(depth: int) -> bytes:
        return b"<a>" * depth + b"</a>" * depth

    assert strict_xml.parse(nested(strict_xml.MAX_DEPTH)) is not None
    for depth in (strict_xml.MAX_DEPTH + 1, 300, 50_000):
        with pytest.raises(InputTooLarge, match="deeper"):
            strict_xml.parse(nested(depth))


def test_size_is_limited() -> None:
    data = b"<a>" + b" " * 1000 + b"</a>"

    assert strict_xml.parse(data, most_bytes=len(data)) is not None
    with pytest.raises(InputTooLarge, match="at most 1006"):
        strict_xml.parse(data, most_bytes=len(data) - 1)


@pytest.mark.parametrize(
    "data",
    [b"<a>" + b"<b/>" * 1000 + b"</a>", b"<a " + b" ".join(b"c%d=''" % n for n in range(1000)) + b"/>"],
)
def test_a_text_of_little_but_tags_is_refused_before_it_takes_the_memory(data: bytes) -> None:
    with pytest.raises(InputTooLarge, match="more tags or attributes"):
        strict_xml.parse(data, most_bytes=len(data))


def test_a_single_text_is_limited_too() -> None:
    with pytest.raises(InputTooLarge, match="longer text"):
        strict_xml.parse(b"<a>" + b"x" * 11_000_000 + b"</a>")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\xef\xbb\xbf <?xml version='1.0'?><!-- <gpx> --><kml/>", "kml"),
        (b'<k:kml xmlns:k="x"/>', "kml"),
        ("<gpx>".encode("utf-16"), "gpx"),
        (b"<!DOCTYPE html><html>", None),
        (b"<kml>" + b"\xff" * 70_000, None),
        (b"<kml>" + "ü".encode() * 70_000, "kml"),
        (b"{}", None),
        (b"", None),
    ],
)
def test_the_root_is_named_without_reading_the_rest(data: bytes, name: str | None) -> None:
    assert strict_xml.root_name(data) == name
