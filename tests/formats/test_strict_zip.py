"""Zip archives that strangers send: bombs, lies about sizes and names that climb."""

from __future__ import annotations

import io
import os
import struct
import zipfile

import pytest

from tests.formats.missions.files import lying_about_size, zipped
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats import strict_zip


def entry(name: str, data: bytes = b"x") -> bytes:
    """Return an archive with an entry of a name that zipfile would not write as it is."""
    stand_in = "n" * len(name)
    return zipped({stand_in: data}).replace(stand_in.encode(), name.encode())


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_come_out_by_name_without_folders(method: int) -> None:
    data = zipped({"wpmz/": b"", "wpmz/a.kml": b"one", "b.kml": b"two"}, method)

    assert strict_zip.members(data) == {"wpmz/a.kml": b"one", "b.kml": b"two"}


def test_twenty_entries_are_read_and_no_more() -> None:
    twenty = {f"{number}.kml": b"x" for number in range(20)}

    assert len(strict_zip.members(zipped(twenty))) == 20
    with pytest.raises(InputTooLarge, match="21 entries; at most 20"):
        strict_zip.members(zipped({**twenty, "20.kml": b"x"}))


def test_a_directory_of_thousands_is_refused_unread() -> None:
    many = zipped({str(number): b"" for number in range(2_000)})

    with pytest.raises(InputTooLarge, match="more than 20 entries"):
        strict_zip.members(many)


def test_what_unpacks_to_more_than_fifty_times_its_size_is_refused() -> None:
    with pytest.raises(InputTooLarge, match="more than 50 times"):
        strict_zip.members(zipped({"bomb.kml": bytes(1_000_000)}))


def test_the_total_is_limited_over_all_entries() -> None:
    data = zipped({"a": os.urandom(600), "b": os.urandom(600)})

    assert len(strict_zip.members(data, most_bytes=1_200)) == 2
    with pytest.raises(InputTooLarge, match="more than 1199 bytes"):
        strict_zip.members(data, most_bytes=1_199)


@pytest.mark.parametrize("says", [0, 10, 4_000_000_000])
def test_a_size_that_lies_is_found_while_unpacking(says: int) -> None:
    bomb = lying_about_size(zipped({"bomb.kml": bytes(30_000_000)}), says)

    with pytest.raises((InputTooLarge, InvalidInput), match=r"50 times|cannot be read"):
        strict_zip.members(bomb)


def test_a_packed_size_that_lies_does_not_raise_the_ratio() -> None:
    archive = zipped({"bomb.kml": bytes(1_000_000)})
    changed = bytearray(archive)
    struct.pack_into("<I", changed, archive.find(b"PK\x01\x02") + 20, 4_000_000_000)

    with pytest.raises((InputTooLarge, InvalidInput), match=r"50 times|cannot be read"):
        strict_zip.members(bytes(changed))


@pytest.mark.parametrize(
    "name", ["../a.kml", "a/../../b.kml", "/etc/a.kml", "\\a.kml", "a\\..\\b.kml", "C:/a.kml", "a.kml\0.txt"]
)
def test_names_that_lead_outside_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="leads outside"):
        strict_zip.members(entry(name))


def test_the_same_name_twice_is_refused() -> None:
    data = zipped({"a.kml": b"one", "b.kml": b"two"}).replace(b"b.kml", b"a.kml")

    with pytest.raises(InvalidInput, match=r"'a\.kml' twice"):
        strict_zip.members(data)


@pytest.mark.parametrize("bit", [0x1, 0x40, 0x2000])
def test_an_encrypted_entry_is_refused(bit: int) -> None:
    archive = zipped({"a.kml": b"one"})
    changed = bytearray(archive)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", changed, archive.find(mark) + offset, bit)

    with pytest.raises(InvalidInput, match="encrypted"):
        strict_zip.members(bytes(changed))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(method: int) -> None:
    with pytest.raises(InvalidInput, match="packed in a way"):
        strict_zip.members(zipped({"a.kml": b"one"}, method))


def test_zip64_is_refused() -> None:
    archive = zipped({"a.kml": b"one"})
    end = archive.rfind(b"PK\x05\x06")
    start, size = archive.find(b"PK\x01\x02"), end - archive.find(b"PK\x01\x02")
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, size, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    data = archive[:end] + wide + locator + archive[end:]

    with zipfile.ZipFile(io.BytesIO(data)) as readable:
        assert readable.namelist() == ["a.kml"]
    with pytest.raises(InvalidInput, match="Zip64"):
        strict_zip.members(data)


@pytest.mark.parametrize("cut", [4, 30, 60, -30, -5])
def test_a_truncated_archive_cannot_be_read(cut: int) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        strict_zip.members(zipped({"a.kml": b"one" * 50}, zipfile.ZIP_STORED)[:cut])


def test_a_broken_checksum_cannot_be_read() -> None:
    data = zipped({"a.kml": b"one"}, zipfile.ZIP_STORED).replace(b"one", b"two")

    with pytest.raises(InvalidInput, match="CRC"):
        strict_zip.members(data)
