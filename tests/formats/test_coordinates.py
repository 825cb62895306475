"""Coordinates as people write them: every form read back, every slip named, nothing skipped."""

from __future__ import annotations

import contextlib
import os
import time

import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zones_api.domain.geometry import Circle, LonLat
from zones_api.errors import InputTooLarge, InvalidInput
from zones_api.formats.aerodromes import EUROPE
from zones_api.formats.coordinates.blocks import MAX_CHARACTERS, MAX_POINTS, Block, read_coordinates

FUZZ = int(os.environ.get("ZONES_FUZZ_EXAMPLES", "100"))
TRIANGLE = "615742N 0285523E - 615621N 0285922E - 615800N 0290000E - 615742N 0285523E"
FINNISH = [
    (28 + 55 / 60 + 23 / 3600, 61 + 57 / 60 + 42 / 3600),
    (28 + 59 / 60 + 22 / 3600, 61 + 56 / 60 + 21 / 3600),
]
SECTOR = "521831N 0044550E - 522331N 0044550E then clockwise arc radius 5 NM centred on 521831N 0044550E to 521831N 0045359E"


def read(text: str, **how: object) -> Block:
    return read_coordinates(text, **({"home": EUROPE, "home_name": "Europe"} | how))  # type: ignore[arg-type]


def codes(block: Block, severity: str | None = None) -> set[str]:
    return {doubt.code for doubt in block.doubts if severity in (None, doubt.severity)}


def positions(block: Block) -> list[LonLat | None]:
    return [point.position for point in block.points]


# Forms


def test_a_block_as_an_aip_prints_it_is_an_area_without_a_doubt() -> None:
    block = read(TRIANGLE)

    assert positions(block)[:2] == [pytest.approx(point, abs=1e-12) for point in FINNISH]
    assert [point.number for point in block.points] == [1, 2, 3, 4]
    assert [TRIANGLE[point.start : point.end] for point in block.points] == TRIANGLE.split(" - ")
    assert block.doubts == ()
    assert block.drawn is not None
    assert block.drawn.largest_error_m == 0.0
    assert shapely.get_num_coordinates(block.drawn.geometry) == 4


PLACE = (4 + 45 / 60 + 50.4 / 3600, 52 + 18 / 60 + 31.2 / 3600)
WRITTEN = [
    "521831.2N 0044550.4E",
    "521831.2N0044550.4E",
    "N521831.2 E0044550.4",
    "521831,2 N 0044550,4 E",
    "5218.52N 00445.84E",
    "52°18'31.2\"N 004°45'50.4\"E",
    "52°18′31.2″N, 4°45′50.4″E",
    "52° 18’ 31,2” NB  4° 45’ 50,4” OL",
    "52º18'31.2''N / 004º45'50.4''E",
    "N 52 18 31.2 E 4 45 50.4",
    "52 18 31.2 N 4 45 50.4 E",
    "52-18-31.2N 004-45-50.4E",
    "52:18:31.2N 004:45:50.4E",
    "52°18.52'N 4°45.84'E",
    "52 18.52 N 004 45.84 E",
    "0044550.4E 521831.2N",
    "52.308666667N 4.764E",
    "52.308666667°N 4.764°E",
    "N52.308666667 E4.764",
    "52.308666667, 4.764000",
    "52.308666667 4.764000",
    "52,308666667 4,764000",
    "52,308666667; 4,764000",
    "lat 52.308666667 lon 4.764",
    "lon: 4.764, lat: 52.308666667",
    "+52.308666667 +4.764000",
    "52°18'31.2\" 4°45'50.4\"",
    "52 18 31.2 north 4 45 50.4 east",
    "52°18'31.2\" noorderbreedte en 4°45'50.4\" oosterlengte".replace(" en ", " "),
]


@pytest.mark.parametrize("written", WRITTEN)
def test_a_point_is_read_in_each_form_people_write(written: str) -> None:
    block = read(f" {written}.")

    assert positions(block) == [pytest.approx(PLACE, abs=2e-9)]
    assert written == f" {written}."[block.points[0].start : block.points[0].end]
    assert codes(block, "stop") == {"TOO_FEW_POINTS"}


TO_DEGREES = pyproj.Transformer.from_crs(28992, 4326, always_xy=True)
lons, lats = st.floats(-31.0, 45.0), st.floats(28.0, 71.0)


def _dms(value: float, wide: int, letters: str, form: str) -> tuple[str, float]:
    """Return a coordinate in a form, and what it then stands for."""
    letter = letters[0] if value >= 0 else letters[1]
    value = abs(value)
    if form in ("packed", "marks", "blanks", "before"):
        hundredths = round(value * 360_000)
        degrees, rest = divmod(hundredths, 360_000)
        minutes, rest = divmod(rest, 6_000)
        seconds = f"{rest // 100:02d}.{rest % 100:02d}"
        written = {
            "packed": f"{degrees:0{wide}d}{minutes:02d}{seconds}{letter}",
            "marks": f"{degrees}°{minutes:02d}'{seconds}\"{letter}",
            "blanks": f"{degrees:0{wide}d} {minutes:02d} {seconds} {letter}",
            "before": f"{letter}{degrees:0{wide}d}{minutes:02d}{seconds}",
        }[form]
        return written, hundredths / 360_000
    if form == "minutes":
        thousandths = round(value * 60_000)
        degrees, rest = divmod(thousandths, 60_000)
        return f"{degrees:0{wide}d}{rest // 1000:02d}.{rest % 1000:03d}{letter}", thousandths / 60_000
    return f"{value:.9f}{letter}", round(value, 9)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(lons, lats), min_size=3, max_size=6),
    st.sampled_from(["packed", "marks", "blanks", "before", "minutes", "decimal"]),
    st.sampled_from([" - ", "\n", ", ", " to ", " – ", "; "]),
)
def test_what_is_written_is_read_back_to_the_last_digit(
    points: list[LonLat], form: str, between: str
) -> None:
    written, meant = [], []
    for lon, lat in points:
        (lat_said, lat_meant), (lon_said, lon_meant) = _dms(lat, 2, "NS", form), _dms(lon, 3, "EW", form)
        written.append(f"{lat_said} {lon_said}")
        meant.append((lon_meant if lon >= 0 else -lon_meant, lat_meant))

    block = read(between.join(written))

    assert positions(block) == [pytest.approx(point, abs=1e-9) for point in meant]
    assert not {"NOT_UNDERSTOOD", "UNPAIRED", "NUMBER_ALONE", "DIGITS"} & codes(block)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(lons, lats), min_size=3, max_size=6),
    st.sampled_from([", ", " "]),
    st.sampled_from(["\n", "; ", " - "]),
    st.sampled_from(["lat_lon", "lon_lat"]),
)
def test_plain_decimals_are_read_back_in_the_order_asked_for(
    points: list[LonLat], inside: str, between: str, order: str
) -> None:
    pairs = [(lat, lon) if order == "lat_lon" else (lon, lat) for lon, lat in points]
    written = between.join(f"{a:.9f}{inside}{b:.9f}" for a, b in pairs)

    block = read(written, order=order, home=None)

    assert positions(block) == [pytest.approx(point, abs=1e-9) for point in points]
    assert "ORDER" in codes(block, "note")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(20_000, 275_000), st.integers(310_000, 610_000)), min_size=3, max_size=5),
    st.sampled_from(["m", "km", "named", "thousands"]),
)
def test_rijksdriehoek_coordinates_are_where_proj_puts_them(points: list[tuple[int, int]], form: str) -> None:
    def thousands(metres: int) -> str:
        return f"{metres // 1000}.{metres % 1000:03d}"

    written = {
        "m": "\n".join(f"{x} {y}" for x, y in points),
        "km": "\n".join(f"{x / 1000:.3f}, {y / 1000:.3f}" for x, y in points),
        "named": "; ".join(f"X={x} Y={y}" for x, y in points),
        "thousands": "\n".join(f"{thousands(x)} {thousands(y)}" for x, y in points),
    }[form]

    block = read(written)

    meant = [TO_DEGREES.transform(x, y) for x, y in points]
    assert positions(block) == [pytest.approx(point, abs=1e-9) for point in meant]
    assert "RD" in codes(block, "note")


def test_the_tower_of_amersfoort_is_where_the_grid_has_its_origin() -> None:
    (lon, lat), *_ = positions(read("RD New: 155000 463000", home=None))

    # Kadaster: 52°09'18.62" N, 5°23'13.93" E (ETRS89), to the metre.
    assert lon == pytest.approx(5.3872035, abs=1e-5)
    assert lat == pytest.approx(52.1551723, abs=1e-5)


def test_y_before_x_is_read_and_said() -> None:
    block = read("487316 121687")

    assert positions(block) == positions(read("121687 487316"))
    assert "SWAPPED" in codes(block)


def test_points_may_have_numbers_of_their_own() -> None:
    plain = read("52°18'N 4°45'E\n52°19'N 4°45'E\n52°19'N 4°46'E")

    for numbered in (
        "1. 52°18'N 4°45'E\n2. 52°19'N 4°45'E\n3. 52°19'N 4°46'E",
        "1 52°18'N 4°45'E\n2 52°19'N 4°45'E\n3 52°19'N 4°46'E",
        "A: 52°18'N 4°45'E; B: 52°19'N 4°45'E; C: 52°19'N 4°46'E",
        "punt 1: 52°18'N 4°45'E, punt 2: 52°19'N 4°45'E, punt 3: 52°19'N 4°46'E",
        "(1) 52°18'N 4°45'E (2) 52°19'N 4°45'E (3) 52°19'N 4°46'E",
    ):
        assert positions(read(numbered)) == positions(plain)
        assert codes(read(numbered)) == codes(plain)


# Circles and arcs


@pytest.mark.parametrize(
    ("text", "radius_m"),
    [
        ("A circle of radius 5 NM centred on 521831N 0044550E", 9_260.0),
        ("a circle with radius 10 km, centre 521831N 0044550E.", 10_000.0),
        ("Circle radius 1500 m centered at 52°18'31\"N 004°45'50\"E", 1_500.0),
        ("5 NM radius around 521831N 0044550E", 9_260.0),
        ("Area within 3000 ft of 521831N 0044550E", 914.4),
        ("een cirkel met een straal van 2,5 km en als middelpunt 521831N 0044550E", 2_500.0),
        ("het gebied binnen 3 zeemijlen rond 521831N 0044550E", 5_556.0),
    ],
)
def test_a_circle_stays_a_circle(text: str, radius_m: float) -> None:
    block = read(text)

    assert block.circle is not None
    assert block.circle == Circle(block.points[0].position, pytest.approx(radius_m))  # type: ignore[arg-type]
    assert block.points[0].use == "centre"
    assert block.doubts == ()


@pytest.mark.parametrize(
    "text",
    [
        SECTOR,
        f"{SECTOR} - 521831N 0044550E",
        (
            "521831N 0044550E - 522331N 0044550E - clockwise along an arc of a circle, 5 NM radius, centre 521831N 0044550E to"
            " 521831N 0045359E to the point of origin"
        ),
        (
            "521831N 0044550E; 522331N 0044550E, dan met de klok mee langs de boog met straal 5 NM en middelpunt"
            " 521831N 0044550E naar 521831N 0045359E, terug naar het beginpunt"
        ),
        "521831N 0044550E - 521831N 0045359E - anti-clockwise arc centred on 521831N 0044550E radius 5 NM to 522331N 0044550E",
        (
            "521831N 0044550E - 521831N 0045359E, tegen de wijzers van de klok in, boog, straal 9,26 km,"
            " middelpunt 521831N 0044550E, tot 522331N 0044550E"
        ),
    ],
)
def test_an_arc_is_drawn_around_its_circle_in_english_and_in_dutch(text: str) -> None:
    drawn = read(text).drawn

    assert drawn is not None
    assert codes(read(text)) <= {"RING_CLOSED"}
    geod = pyproj.Geod(ellps="WGS84")
    lon, lat, _ = geod.fwd(4 + 45 / 60 + 50 / 3600, 52 + 18 / 60 + 31 / 3600, 45.0, 9_259.9)
    assert drawn.geometry.intersects(shapely.Point(lon, lat))
    assert abs(geod.geometry_area_perimeter(drawn.geometry)[0]) / 1e6 == pytest.approx(67.35, rel=5e-3)


def test_an_arc_without_a_direction_is_the_shorter_one_and_flagged() -> None:
    block = read(SECTOR.replace("clockwise ", ""))

    assert "ARC_DIRECTION" in codes(block, "flag")
    assert block.drawn is not None


def test_a_radius_that_does_not_fit_says_by_how_much() -> None:
    block = read(SECTOR.replace("5 NM", "10 km"))

    details = [doubt.detail for doubt in block.doubts if doubt.code == "RADIUS_MISFIT"]
    assert len(details) == 2
    assert "727 m less than the radius of 10000 m" in details[0]
    assert block.drawn is not None
    assert block.drawn.largest_error_m > 727


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A circle of radius 5 NM", "NO_POINTS"),
        ("A circle centred on 521831N 0044550E", "RADIUS_MISSING"),
        ("522331N 0044550E clockwise arc radius 5 NM to 521831N 0045359E - 5220N 00450E", "CENTRE_MISSING"),
        ("522331N 0044550E clockwise arc radius 5 NM centred on 521831N 0044550E", "ARC_END_MISSING"),
        ("clockwise arc radius 5 NM centred on 521831N 0044550E to 521831N 0045359E", "ARC_START_MISSING"),
        (SECTOR.replace("clockwise", "clockwise, anticlockwise"), "ARC_DIRECTION"),
        (SECTOR.replace("5 NM", "5 NM 6 NM"), "RADIUS_TWICE"),
        (SECTOR.replace("5 NM", "1,500 m"), "LENGTH_AMBIGUOUS"),
        (SECTOR.replace("5 NM", "5000 NM"), "RADIUS_RANGE"),
        (f"{TRIANGLE} 1000 ft", "LENGTH_ALONE"),
        ("circle radius 1 km centre 5218N 00445E, circle radius 1 km centre 5219N 00445E", "SECOND_CIRCLE"),
    ],
)
def test_a_curve_that_lacks_a_part_stops_and_says_which(text: str, code: str) -> None:
    block = read(text)

    assert code in codes(block, "stop")
    assert block.drawn is None


# Slips

ROUND = "521831N 0044550E - 521931N 0044550E - 521931N 0044850E - 521831N 0044550E"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (ROUND.replace("521931N", "526131N"), "MINUTES_OVER_59", "61 minutes"),
        (ROUND.replace("0044850E", "0044860E"), "SECONDS_OVER_59", "60 seconds"),
        (ROUND.replace("521931N 0044550E", "0521931N 0044550E"), "DIGITS", "7 digits"),
        (ROUND.replace("521931N 0044550E", "521931E 0044550N"), "DIGITS", "letters swapped"),
        (ROUND.replace("521931N 0044550E", "521931N 44550E"), "OUT_OF_RANGE", ""),
        (ROUND.replace("521931N 0044550E", "921931N 0044550E"), "OUT_OF_RANGE", "92.3"),
        (ROUND.replace("521931N 0044550E", "521931N"), "UNPAIRED", "Two latitudes"),
        (ROUND.replace("521931N 0044550E", "52°19.5'31\"N 0044550E"), "FRACTION_TWICE", "decimals"),
        (ROUND.replace("521931N 0044550E", "-52°19'31\"N 4°45'E"), "SIGN_AND_LETTER", "sign"),
        ("52,31 4,76; 52,32 4,77; 52,33 4,75", "COMMA_AMBIGUOUS", "comma"),
        ("52,4", "COMMA_AMBIGUOUS", "comma"),
        ("4.7,52.3,0 4.8,52.4,0 4.9,52.5,0", "SEPARATORS", "third"),
        ("52.3 4.7\n52.4 4.8\n52.5", "NUMBER_ALONE", ""),
        ("121687 900000", "OUT_OF_RANGE", "RD New"),
        ("95.0 4.7; 52.3 4.8; 52.4 4.9", "OUT_OF_RANGE", "order"),
        ("5218N 00445E - 5219N 00446E", "TOO_FEW_POINTS", "three"),
        ("5218N 00445E - 5219N 00446E - 5218N 00446E - 5219N 00445E", "RING_CROSSES", "outline"),
        ("", "NO_POINTS", ""),
        (f"{ROUND} 12 34", "MIXED_FORMS", "12 34"),
    ],
)
def test_a_slip_that_cannot_be_read_stops_and_is_named(text: str, code: str, said: str) -> None:
    block = read(text)

    details = [doubt.detail for doubt in block.doubts if doubt.code == code and doubt.severity == "stop"]
    assert details, block.doubts
    assert said in details[0]
    assert block.drawn is None


@pytest.mark.parametrize(
    ("text", "code", "number", "how"),
    [
        (ROUND.removesuffix(" - 521831N 0044550E"), "RING_CLOSED", 3, {}),
        (ROUND.replace("521931N 0044850E", "521931N 0044550E - 521931N 0044850E"), "REPEATED", 3, {}),
        (ROUND.replace("0044850E", "0144850E"), "FAR", 3, {}),
        (ROUND.replace("521931N 0044550E", "521931N 0044550W"), "HEMISPHERE", 2, {"home": (3, 50, 8, 54)}),
        ("4.7639 52.3086; 4.7739 52.3086; 4.7739 52.3186", "SWAPPED", 1, {}),
        ("12.3086 44.7639; 12.3086 44.7739; 12.3186 44.7639", "OUTSIDE", 1, {"home": (3, 50, 8, 54)}),
        (ROUND.replace("521931N 0044850E", "5219N 00448E"), "COARSE", 3, {}),
        ("52N 4E - 53N 4E - 53N 5E", "COARSE", None, {}),
        ("52N 4O - 53N 4O - 53N 5O", "LETTER_O", 1, {}),
        ("521831N 0044550E - 521931N 0044550E - 481931N 0194850E", "WIDE", None, {}),
    ],
)
def test_a_likely_slip_is_flagged_and_read_as_written(
    text: str, code: str, number: int | None, how: dict[str, object]
) -> None:
    block = read(text, **how)

    assert number in [doubt.number for doubt in block.doubts if doubt.code == code], block.doubts
    assert block.drawn is not None


def test_a_clean_block_has_no_doubt() -> None:
    assert read(ROUND, home=(3, 50, 8, 54)).doubts == ()


def test_a_border_in_words_stops_with_that_sentence() -> None:
    text = "615742N 0285523E then along the national border between Finland and Russia to 615621N 0285922E - 615800N 0290000E"

    block = read(text)

    (stop,) = [doubt for doubt in block.doubts if doubt.severity == "stop"]
    assert stop.code == "BORDER_IN_WORDS"
    assert "along the national border between Finland and Russia" in stop.detail
    assert text[stop.start : stop.end] in stop.detail
    assert len(block.points) == 3


@pytest.mark.parametrize(
    "word", ["excluding", "except", "met uitzondering van", "not", "Schiphol CTR", "1/2", "§"]
)
def test_words_that_are_not_understood_stop_and_are_named(word: str) -> None:
    block = read(ROUND.replace(" - ", f" {word} ", 1))

    assert block.drawn is None
    assert any(
        word.split(maxsplit=1)[0] in doubt.detail for doubt in block.doubts if doubt.severity == "stop"
    )


def test_several_rings_are_one_area_and_none_is_a_hole() -> None:
    outer = "5200N 00400E - 5300N 00400E - 5300N 00500E - 5200N 00500E - 5200N 00400E"
    inner = "5220N 00420E - 5240N 00420E - 5240N 00440E - 5220N 00420E"

    block = read(f"{outer}\n{inner}")

    assert "SEVERAL_RINGS" in codes(block, "flag")
    assert block.drawn is not None
    assert block.drawn.geometry.intersects(shapely.Point(4.45, 52.6))


def test_a_line_is_left_open() -> None:
    block = read("52.3000 4.7000\n52.4000 4.8000", as_line=True)

    assert block.line == ((4.7, 52.3), (4.8, 52.4))
    assert "RING_CLOSED" not in codes(block)


# Whatever is sent


def test_too_much_is_refused() -> None:
    with pytest.raises(InputTooLarge):
        read("x" * (MAX_CHARACTERS + 1))
    with pytest.raises(InputTooLarge):
        read("5218N 00445E " * (MAX_POINTS + 1))


@pytest.mark.parametrize(
    "text",
    [
        "1" * 100000,
        "1 " * 100000,
        "1," * 100000,
        "1.1," * 50000,
        " " * 200000,
        "1" + " " * 199000 + "x",
        "N" * 200000,
        "°'\"" * 60000,
        "-" * 200000,
        "52°" * 60000,
        "n.b." * 50000,
        "to the " * 25000,
        "x1. " * 50000,
        "(" * 200000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()

    with contextlib.suppress(InputTooLarge):
        read(text)

    assert time.process_time() - started < 10


PIECES = st.sampled_from(
    [
        *WRITTEN,
        *SECTOR.split(),
        *TRIANGLE.split(),
        "°",
        "'",
        '"',
        "-",
        ",",
        ".",
        "\n",
        "\x00",
        "é",
        "١٢",
        "1e400",
        "9" * 400,
        "radius",
        "5 NM",
        "circle",
        "centre",
        "arc",
        "to the starting point",
        "X=1 Y=2",
        "RD",
        "lat",
        "lon 5",
        "border",
    ]
)


@settings(max_examples=FUZZ, deadline=None)
@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(PIECES, max_size=25).map(" ".join),
        st.lists(PIECES, max_size=25).map("".join),
    )
)
def test_whatever_is_sent_is_read_or_refused_and_every_character_accounted_for(text: str) -> None:
    block = read(text)

    assert (block.drawn is None and block.circle is None) or codes(block, "stop") == set()
    for point in block.points:
        assert 0 <= point.start < point.end <= len(text)
    for doubt in block.doubts:
        assert doubt.start is None or 0 <= doubt.start <= (doubt.end or 0) <= len(text)


@settings(max_examples=FUZZ, deadline=None)
@given(st.data())
def test_a_good_block_with_a_change_is_never_read_as_less_than_it_says(data: st.DataObject) -> None:
    good = data.draw(st.sampled_from([TRIANGLE, SECTOR, ROUND, "52.3086, 4.7639; 52.31, 4.77; 52.30, 4.78"]))
    at = data.draw(st.integers(0, len(good)))
    cut = data.draw(st.integers(0, 6))
    put = data.draw(st.text(max_size=4))

    try:
        block = read(good[:at] + put + good[at + cut :])
    except InvalidInput:
        return

    if block.drawn is not None:
        assert block.drawn.geometry.is_valid
        corners = [point.position for point in block.points if point.use == "corner"]
        assert all(block.drawn.geometry.distance(shapely.Point(corner)) < 1e-9 for corner in corners)
