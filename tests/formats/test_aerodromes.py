"""Aerodromes by code, and the list that they come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from zones_api.errors import GeodataUnusable
from zones_api.formats.aerodromes import Aerodromes, read_aerodromes

GEODATA = Path(__file__).resolve().parents[2] / "geodata"


@pytest.fixture(scope="module")
def aerodromes() -> Aerodromes:
    return read_aerodromes(GEODATA)


@pytest.mark.parametrize(
    ("icao", "country", "lon", "lat", "elevation_m"),
    [
        ("EHAM", "NLD", 4.764, 52.308, -3.4),
        ("EFHK", "FIN", 24.963, 60.317, 54.6),
        ("LSZH", "CHE", 8.548, 47.458, 432.0),
    ],
)
def test_an_aerodrome_is_where_its_state_publishes_it(
    aerodromes: Aerodromes, icao: str, country: str, lon: float, lat: float, elevation_m: float
) -> None:
    found = aerodromes.by_code[icao]

    assert found.country == country
    assert found.position == pytest.approx((lon, lat), abs=0.01)
    assert found.elevation_m == pytest.approx(elevation_m, abs=5)


def test_the_list_has_every_state_of_the_eu_the_eea_switzerland_and_britain(aerodromes: Aerodromes) -> None:
    states = {
        "AUT",
        "BEL",
        "BGR",
        "HRV",
        "CYP",
        "CZE",
        "DNK",
        "EST",
        "FIN",
        "FRA",
        "DEU",
        "GRC",
        "HUN",
        "IRL",
        "ITA",
        "LVA",
        "LTU",
        "LUX",
        "MLT",
        "NLD",
        "POL",
        "PRT",
        "ROU",
        "SVK",
        "SVN",
        "ESP",
        "SWE",
        "ISL",
        "NOR",
        "CHE",
        "GBR",
    }

    assert states <= {each.country for each in aerodromes.by_code.values()}
    assert len(aerodromes.by_code) > 2_500


def test_no_elevation_is_zero_where_it_is_not_known(aerodromes: Aerodromes) -> None:
    known = [each.elevation_m for each in aerodromes.by_code.values() if each.elevation_m is not None]

    assert 0.0 not in known
    assert min(known) > -10


def test_the_code_comes_first_and_accents_do_not_count(aerodromes: Aerodromes) -> None:
    assert aerodromes.search(" eham ", 3)[0].icao == "EHAM"
    assert "EHRD" in [each.icao for each in aerodromes.search("rotterdam", 5)]
    assert aerodromes.search("malaga", 5) == aerodromes.search("MÁLAGA", 5) != []
    assert aerodromes.search("no such place", 5) == []
    assert len(aerodromes.search("airport", 7)) == 7


def test_a_country_lies_around_its_aerodromes(aerodromes: Aerodromes) -> None:
    home = aerodromes.home("NLD")

    assert home is not None
    west, south, east, north = home
    assert 0 < west < 3.4
    assert 7.2 < east < 11
    assert 48 < south < 50.7
    assert 53.6 < north < 56
    assert aerodromes.home("USA") is None


@pytest.mark.parametrize(
    "content", [None, "icao,name\nEHAM,x\n", "icao,name,city,country,lon,lat,elevation_m\nA,b,c,d,x,1,\n"]
)
def test_a_list_that_cannot_be_read_stops_the_service(tmp_path: Path, content: str | None) -> None:
    (tmp_path / "aerodromes").mkdir()
    if content is not None:
        (tmp_path / "aerodromes" / "europe.csv").write_text(content)

    with pytest.raises(GeodataUnusable):
        read_aerodromes(tmp_path)
